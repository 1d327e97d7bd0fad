// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import io.rendr.OptionKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the PEM (RFC 7468) that TLS options name or hold. What is wrong is an {@link IllegalArgumentException} that names the
 * option and the file, and never shows a key.
 */
final class PemFiles {
    private static final Pattern PRIVATE_KEY = Pattern.compile(
            "-----BEGIN ([A-Z ]*)PRIVATE KEY-----\\s*([A-Za-z0-9+/=\\s]*)-----END [A-Z ]*PRIVATE KEY-----");
    private static final byte[] SAMPLE = "does this key fit?".getBytes(StandardCharsets.US_ASCII);

    private PemFiles() {}

    /** Whether an option holds the PEM itself and not the name of a file. */
    static boolean isInline(String value) {
        return value.startsWith("-----BEGIN");
    }

    static X509Certificate[] certificates(OptionKey<String> option, String value) {
        String text = text(option, value);
        List<X509Certificate> found = new ArrayList<>();
        try {
            for (Certificate one : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))) {
                found.add((X509Certificate) one);
            }
        } catch (CertificateException e) {
            throw new IllegalArgumentException(
                    source(option, value) + " is not PEM of certificates: " + e.getMessage(), e);
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException(
                    source(option, value) + " holds no certificate (-----BEGIN CERTIFICATE-----)");
        }
        return found.toArray(X509Certificate[]::new);
    }

    /** The private key, which has to be that of a certificate. */
    static PrivateKey key(OptionKey<String> option, String value, X509Certificate certificate) {
        Matcher pem = PRIVATE_KEY.matcher(text(option, value));
        if (!pem.find()) {
            throw new IllegalArgumentException(
                    source(option, value) + " holds no private key (-----BEGIN PRIVATE KEY-----)");
        }
        if (!pem.group(1).isEmpty()) {
            throw new IllegalArgumentException(source(option, value) + " holds a '" + pem.group(1)
                    + "PRIVATE KEY'; only PKCS #8 without a password is read: openssl pkcs8 -topk8 -nocrypt makes it");
        }
        PublicKey other = certificate.getPublicKey();
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
            PrivateKey key = KeyFactory.getInstance(other.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(der));
            if (!fits(key, other)) {
                throw notOf(option, value, certificate, null);
            }
            return key;
        } catch (InvalidKeySpecException e) {
            throw notOf(option, value, certificate, e);
        } catch (GeneralSecurityException | IllegalStateException e) {
            throw new IllegalArgumentException(source(option, value) + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException notOf(
            OptionKey<String> option, String value, X509Certificate certificate, Exception cause) {
        return new IllegalArgumentException(
                source(option, value) + " is not the key of the first certificate, which is that of "
                        + certificate.getSubjectX500Principal().getName()
                        + " and needs a key for " + certificate.getPublicKey().getAlgorithm(),
                cause);
    }

    private static boolean fits(PrivateKey key, PublicKey other) throws GeneralSecurityException {
        String algorithm = switch (other.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> other.getAlgorithm();
        };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(key);
        signature.update(SAMPLE);
        byte[] signed = signature.sign();
        signature.initVerify(other);
        signature.update(SAMPLE);
        return signature.verify(signed);
    }

    private static String text(OptionKey<String> option, String value) {
        if (isInline(value)) {
            return value;
        }
        try {
            return Files.readString(Path.of(value), StandardCharsets.ISO_8859_1);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException(source(option, value) + " cannot be read (" + e + ")", e);
        }
    }

    private static String source(OptionKey<String> option, String value) {
        return isInline(value) ? "the text of " + option.name() : option.name() + " '" + value + "'";
    }
}
