// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A certificate was not accepted; the message says why, and what to do. Its cause is what the JDK found. */
final class CertificateProblem extends CertificateException {
    private static final long serialVersionUID = 1L;

    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    CertificateProblem(String text, @Nullable Throwable cause) {
        super(text, cause);
    }

    /**
     * Explains what the JDK found.
     *
     * @param chain what the peer showed
     * @param expected the name that was looked for; null if none was
     */
    static CertificateProblem of(CertificateException found, X509Certificate[] chain, @Nullable String expected) {
        return new CertificateProblem(text(found, chain, expected), found);
    }

    private static String text(CertificateException found, X509Certificate[] chain, @Nullable String expected) {
        X509Certificate own = chain[0];
        if (ThrowAwayCertificate.isOne(own)) {
            return "the acceptor shows a certificate for development; give it a real one, or, on your own machine only,"
                    + " set tls.developmentOnlyInsecure=true at the dialer too";
        }
        for (Throwable t = found; t != null; t = t.getCause()) {
            X509Certificate at = own;
            if (t instanceof CertPathValidatorException path
                    && path.getIndex() >= 0
                    && path.getIndex() < chain.length) {
                at = chain[path.getIndex()];
            }
            Throwable why = t instanceof CertPathValidatorException ? t.getCause() : t;
            if (why instanceof CertificateExpiredException) {
                return "the certificate " + shown(at) + " expired at "
                        + at.getNotAfter().toInstant() + "; renew it";
            }
            if (why instanceof CertificateNotYetValidException) {
                return "the certificate " + shown(at) + " is valid from "
                        + at.getNotBefore().toInstant() + " on; is the clock of this machine right?";
            }
            if (t instanceof CertPathBuilderException) {
                return untrusted(chain);
            }
        }
        if (expected != null && found.getClass() == CertificateException.class) {
            return "the certificate " + shown(own) + " is not for '" + expected + "' but for " + names(own)
                    + "; dial one of these names, or set tls.serverName to one";
        }
        return "the certificate " + shown(own) + " is not accepted: " + found.getMessage();
    }

    private static String untrusted(X509Certificate[] chain) {
        X509Certificate last = chain[chain.length - 1];
        boolean selfSigned = last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
        if (selfSigned && chain.length == 1) {
            return "the certificate " + shown(last) + " is signed by itself and not trusted; set tls.trust to it";
        }
        return "the certificate " + shown(chain[0]) + " leads to the issuer '"
                + last.getIssuerX500Principal().getName()
                + "', which is not trusted; set tls.trust to the certificate of that issuer, or have the peer send the"
                + " certificates in between";
    }

    private static String shown(X509Certificate certificate) {
        return "'" + certificate.getSubjectX500Principal().getName() + "'";
    }

    private static String names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> one : alternatives) {
                    int type = (Integer) one.get(0);
                    if (type == DNS_NAME || type == IP_ADDRESS) {
                        names.add(String.valueOf(one.get(1)));
                    }
                }
            }
        } catch (CertificateParsingException e) {
            return "names that cannot be read (" + e.getMessage() + ")";
        }
        return names.isEmpty() ? "no name at all" : String.join(", ", names);
    }
}
