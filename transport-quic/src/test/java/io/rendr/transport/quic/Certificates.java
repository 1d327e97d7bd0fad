// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.rendr.TlsConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** Authorities and certificates for tests, with every mistake one can make. */
final class Certificates {
    /** Trusted by those who are to trust. */
    static final X509Bundle AUTHORITY = authority("CN=Test Authority");
    /** Trusted by nobody. */
    static final X509Bundle STRANGER = authority("CN=Strange Authority");

    private Certificates() {}

    private static X509Bundle authority(String name) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject(name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static X509Bundle issuedBy(X509Bundle authority, UnaryOperator<CertificateBuilder> content) {
        try {
            CertificateBuilder builder = new CertificateBuilder()
                    .ecp256()
                    .subject("CN=the acceptor")
                    .notBefore(Instant.now().minus(Duration.ofHours(1)))
                    .notAfter(Instant.now().plus(Duration.ofHours(1)));
            return content.apply(builder).buildIssuedBy(authority);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** For everything that tests dial on this machine. */
    static X509Bundle forLoopback() {
        return issuedBy(
                AUTHORITY,
                b -> b.addSanIpAddress("127.0.0.1")
                        .addSanIpAddress("127.0.0.2")
                        .addSanIpAddress("::1")
                        .addSanDnsName("localhost")
                        .addSanDnsName("two.test"));
    }

    /** An acceptor with a certificate, whose dial specs trust the authority. */
    static TlsConfig acceptor(X509Bundle certificate) {
        return showing(certificate).trust(AUTHORITY.getCertificatePEM()).build();
    }

    static TlsConfig acceptor() {
        return acceptor(forLoopback());
    }

    static TlsConfig dialer() {
        return TlsConfig.builder().trust(AUTHORITY.getCertificatePEM()).build();
    }

    static TlsConfig.Builder showing(X509Bundle certificate) {
        return TlsConfig.builder().certificate(certificate.getCertificatePathPEM(), certificate.getPrivateKeyPEM());
    }
}
