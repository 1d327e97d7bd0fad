// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whether the certificate of a peer is accepted; if not, the failure says what is wrong and what to do. Thread-safe. */
public final class PeerCheck extends X509ExtendedTrustManager {
    private interface Rule {
        void check(X509Certificate[] chain, String authType, SSLEngine engine, boolean acceptor)
                throws CertificateException;
    }

    private static final String PROBLEM = PeerCheck.class.getName() + ".problem";

    private final Rule rule;
    private final X509Certificate[] issuers;

    private PeerCheck(Rule rule, X509Certificate... issuers) {
        this.rule = rule;
        this.issuers = issuers;
    }

    /**
     * The JDK's check (RFC 5280; the name by RFC 9525 if the engine asks for it). The certificate itself is held to its dates
     * even if it is the very one that is trusted, which the JDK would let pass.
     *
     * @param trusted who is trusted, with all that they issued; null for what the JVM trusts
     * @return the check
     * @throws GeneralSecurityException if this JVM cannot check certificates
     */
    public static PeerCheck trusting(X509Certificate @Nullable [] trusted) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted == null ? null : storeOf(trusted));
        for (TrustManager one : factory.getTrustManagers()) {
            if (one instanceof X509ExtendedTrustManager jdk) {
                return new PeerCheck(byThe(jdk), jdk.getAcceptedIssuers());
            }
        }
        throw new GeneralSecurityException("this JVM has no X.509 trust manager");
    }

    private static Rule byThe(X509ExtendedTrustManager jdk) {
        return (chain, authType, engine, acceptor) -> {
            try {
                chain[0].checkValidity();
                if (acceptor) {
                    jdk.checkServerTrusted(chain, authType, engine);
                } else {
                    jdk.checkClientTrusted(chain, authType, engine);
                }
            } catch (CertificateException e) {
                throw CertificateProblem.of(e, chain, acceptor ? nameOf(engine) : null);
            }
        };
    }

    private static @Nullable String nameOf(SSLEngine engine) {
        SSLSession session = engine.getHandshakeSession();
        return session == null ? engine.getPeerHost() : session.getPeerHost();
    }

    /** {@return accepts what development acceptors show and nothing else, so that this is noticed where it does not belong} */
    public static PeerCheck development() {
        return new PeerCheck((chain, authType, engine, acceptor) -> {
            if (!ThrowAwayCertificate.isOne(chain[0])) {
                throw new CertificateProblem(
                        "the acceptor has a real certificate; remove tls.developmentOnlyInsecure from the path, so that it"
                                + " is checked",
                        null);
            }
        });
    }

    /**
     * Why the certificate of a peer was not accepted, for TLS that keeps to itself what a check has thrown.
     *
     * @param engine did the handshake
     * @return the problem; null if there was none
     */
    public static @Nullable CertificateException problem(SSLEngine engine) {
        return (CertificateException) engine.getSession().getValue(PROBLEM);
    }

    private void judge(X509Certificate[] chain, String authType, SSLEngine engine, boolean acceptor)
            throws CertificateException {
        try {
            rule.check(chain, authType, engine, acceptor);
        } catch (CertificateException e) {
            SSLSession session = engine.getHandshakeSession();
            if (session != null) {
                session.putValue(PROBLEM, e);
            }
            throw e;
        }
    }

    private static KeyStore storeOf(X509Certificate[] trusted) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException("a key store in memory cannot be made", e);
        }
        for (int i = 0; i < trusted.length; i++) {
            store.setCertificateEntry("trusted" + i, trusted[i]);
        }
        return store;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return issuers.clone();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, authType, engine, true);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        judge(chain, authType, engine, false);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
        throw withoutEngine();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
        throw withoutEngine();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw withoutEngine();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
        throw withoutEngine();
    }

    /** Only an engine knows which name to look for. */
    private static UnsupportedOperationException withoutEngine() {
        return new UnsupportedOperationException("certificates are checked for engines only");
    }
}
