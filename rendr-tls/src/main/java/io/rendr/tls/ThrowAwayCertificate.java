// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import javax.security.auth.x500.X500Principal;

/**
 * What an acceptor with {@code tls.developmentOnlyInsecure} shows: a certificate that says in its name what it is, so that a
 * dialer with the same option takes it and no other. Made anew each time; the JDK can read certificates, not make them.
 */
record ThrowAwayCertificate(X509Certificate certificate, PrivateKey key) {
    static final X500Principal NAME = new X500Principal("CN=rendr development only, OU=not secure");

    private static final Duration AROUND_NOW = Duration.ofDays(365);
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    /** AlgorithmIdentifier of ecdsa-with-SHA256, RFC 5758 section 3.2. */
    private static final byte[] ECDSA_WITH_SHA256 =
            der(SEQUENCE, new byte[] {0x06, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2});

    static ThrowAwayCertificate make() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        // A version 1 certificate, RFC 5280 section 4.1: it has no extensions, and nobody looks for any.
        byte[] body = der(
                SEQUENCE,
                der(INTEGER, BigInteger.valueOf(System.nanoTime()).abs().toByteArray()),
                ECDSA_WITH_SHA256,
                NAME.getEncoded(),
                der(
                        SEQUENCE,
                        time(Instant.now().minus(AROUND_NOW)),
                        time(Instant.now().plus(AROUND_NOW))),
                NAME.getEncoded(),
                pair.getPublic().getEncoded());
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(pair.getPrivate());
        signature.update(body);
        byte[] whole = der(SEQUENCE, body, ECDSA_WITH_SHA256, der(BIT_STRING, new byte[1], signature.sign()));
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
        return new ThrowAwayCertificate(certificate, pair.getPrivate());
    }

    static boolean isOne(X509Certificate certificate) {
        return certificate.getSubjectX500Principal().equals(NAME);
    }

    private static byte[] time(Instant at) {
        return der(TIME, GENERALIZED_TIME.format(at).getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else {
            byte[] digits = BigInteger.valueOf(length).toByteArray();
            int from = digits[0] == 0 ? 1 : 0;
            out.write(0x80 | digits.length - from);
            out.write(digits, from, digits.length - from);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
