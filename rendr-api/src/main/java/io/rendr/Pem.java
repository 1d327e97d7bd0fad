// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;

/** Writes what a key store holds as PEM (RFC 7468). */
final class Pem {
    private static final int LINE = 64;

    private Pem() {}

    static String chain(KeyStore store, String alias) {
        try {
            Certificate[] chain = store.getCertificateChain(alias);
            if (chain == null) {
                throw new IllegalArgumentException(
                        "the key store has no key entry '" + alias + "', only " + Collections.list(store.aliases()));
            }
            return certificates(chain);
        } catch (GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    static String key(KeyStore store, String alias, char[] password) {
        try {
            Key key = store.getKey(alias, password);
            byte[] encoded = key == null ? null : key.getEncoded();
            if (encoded == null || !"PKCS#8".equals(key.getFormat())) {
                throw new IllegalArgumentException(
                        "the key of '" + alias + "' cannot leave its key store; use one that is kept in a file");
            }
            return block("PRIVATE KEY", encoded);
        } catch (GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    static String trusted(KeyStore store) {
        try {
            StringBuilder out = new StringBuilder();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isCertificateEntry(alias)) {
                    out.append(certificates(store.getCertificate(alias)));
                }
            }
            if (out.isEmpty()) {
                throw new IllegalArgumentException("the key store holds no certificate entry, so it trusts nobody");
            }
            return out.toString();
        } catch (GeneralSecurityException e) {
            throw unreadable(e);
        }
    }

    private static String certificates(Certificate... chain) throws GeneralSecurityException {
        StringBuilder out = new StringBuilder();
        for (Certificate one : chain) {
            out.append(block("CERTIFICATE", one.getEncoded()));
        }
        return out.toString();
    }

    private static String block(String label, byte[] der) {
        String body = Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    private static IllegalArgumentException unreadable(GeneralSecurityException e) {
        return new IllegalArgumentException("the key store cannot be read: " + e.getMessage(), e);
    }
}
