// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.rendr.tls.PeerCheck;
import java.net.Socket;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A check that tells the codec by which alert to refuse, so that the peer learns that it is about its certificate. Of most
 * problems the codec would say internal_error.
 */
final class AlertingCheck extends X509ExtendedTrustManager {
    // Results of OpenSSL's verification, which BoringSSL turns into alerts.
    private static final int NOT_YET_VALID = 9;
    private static final int HAS_EXPIRED = 10;
    private static final int UNABLE_TO_GET_ISSUER = 20;
    private static final int REJECTED = 28;

    private final PeerCheck check;

    AlertingCheck(PeerCheck check) {
        this.check = check;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            check.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw alerting(e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            check.checkClientTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw alerting(e);
        }
    }

    private static CertificateException alerting(CertificateException problem) {
        int result = REJECTED;
        for (Throwable t = problem; t != null; t = t.getCause()) {
            if (t instanceof CertificateExpiredException) {
                result = HAS_EXPIRED;
            } else if (t instanceof CertificateNotYetValidException) {
                result = NOT_YET_VALID;
            } else if (t instanceof CertPathBuilderException) {
                result = UNABLE_TO_GET_ISSUER;
            }
        }
        return new OpenSslCertificateException(problem.getMessage(), problem, result);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return check.getAcceptedIssuers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        check.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        check.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
        check.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        check.checkClientTrusted(chain, authType, socket);
    }
}
