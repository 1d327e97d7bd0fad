// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.ssl.ClientAuth;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import io.rendr.tls.PeerCheck;
import io.rendr.tls.TlsFailure;
import io.rendr.tls.TlsIdentity;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS 1.3 in the QUIC (RFC 9001) of one path or endpoint. Thread-safe.
 *
 * <p>What a dialer has verified makes a carrier {@link ChannelSecurity#AUTHENTICATED}. An acceptor cannot know what the dialer
 * checked, so at its end, as with the development certificate, it is {@link ChannelSecurity#ENCRYPTED}.
 */
final class QuicTls {
    /** A resumed session is not verified anew, so it must not live long. */
    private static final long SESSION_SECONDS = 3600;

    private final PathSpec spec;
    private final TlsConfig config;
    private final QuicSslContext context;
    private final String expectedName;

    private QuicTls(PathSpec spec, TlsConfig config, QuicSslContext context) {
        this.spec = spec;
        this.config = config;
        this.context = context;
        this.expectedName = TlsIdentity.expectedName(spec, config);
    }

    /**
     * The settings of a path or endpoint: QUIC has TLS whether or not they say so.
     *
     * @throws IllegalArgumentException if they say that there shall be none
     */
    static TlsConfig config(PathSpec spec) {
        if (!spec.find(TlsConfig.TLS).orElse(true)) {
            throw new IllegalArgumentException(spec.name()
                    + ": QUIC always has TLS, tls=false cannot be; leave it out, or take another transport");
        }
        return spec.tls().orElseGet(() -> TlsConfig.builder().build());
    }

    /** With a context of {@link #dialingContext}. */
    static QuicTls dialing(PathSpec spec, TlsConfig config, QuicSslContext context) {
        return new QuicTls(spec, config, context);
    }

    /**
     * Blocks: reads files.
     *
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    static QuicSslContext dialingContext(PathSpec spec, TlsConfig config, Alpn kind) {
        TlsIdentity identity = TlsIdentity.ofDialer(spec, config);
        QuicSslContextBuilder builder = QuicSslContextBuilder.forClient()
                .trustManager(new AlertingCheck(Objects.requireNonNull(identity.check())))
                .endpointIdentificationAlgorithm(identity.checksName() ? "HTTPS" : null);
        if (identity.isCertified()) {
            builder.keyManager(identity.key(), null, identity.chain());
        }
        return context(spec, builder.applicationProtocols(kind.token()));
    }

    /**
     * Blocks: reads files.
     *
     * @throws IllegalArgumentException if the settings cannot work; names the endpoint, the option and the file
     */
    static QuicTls accepting(PathSpec spec, TlsConfig config) {
        if (config.certificate().isEmpty() && !config.developmentOnlyInsecure()) {
            throw new IllegalArgumentException(spec.name()
                    + ": QUIC always has TLS, so an endpoint needs tls.certificate and tls.key; or, on your own machine only,"
                    + " tls.developmentOnlyInsecure=true at both ends");
        }
        TlsIdentity identity = TlsIdentity.ofAcceptor(spec, config);
        QuicSslContextBuilder builder = QuicSslContextBuilder.forServer(identity.key(), null, identity.chain());
        PeerCheck check = identity.check();
        if (check != null) {
            builder.trustManager(new AlertingCheck(check)).clientAuth(ClientAuth.REQUIRE);
        }
        return new QuicTls(spec, config, context(spec, builder.applicationProtocols(Alpn.tokens())));
    }

    private static QuicSslContext context(PathSpec spec, QuicSslContextBuilder builder) {
        try {
            // What arrives in 0-RTT can be replayed.
            return builder.earlyData(false).sessionTimeout(SESSION_SECONDS).build();
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IllegalArgumentException(spec.name() + ": " + e.getMessage(), e);
        }
    }

    /** For a connection that is about to be. */
    QuicSslEngine engine(QuicChannel channel) {
        return context.isClient()
                ? context.newEngine(
                        channel.alloc(), expectedName, spec.socketAddress().getPort())
                : context.newEngine(channel.alloc());
    }

    /**
     * What is true of a dialer's carrier whose handshake is done.
     *
     * @throws SSLPeerUnverifiedException if the acceptor showed no certificate, which TLS 1.3 does not allow
     */
    CarrierTraits dialed(CarrierTraits below, SSLEngine engine) throws SSLPeerUnverifiedException {
        if (config.developmentOnlyInsecure()) {
            return below.withSecurity(ChannelSecurity.ENCRYPTED, null);
        }
        String peer = engine.getSession().getPeerPrincipal().getName();
        return below.withSecurity(ChannelSecurity.AUTHENTICATED, peer);
    }

    /** Explains a failure of the handshake; {@code engine} is null if there was none yet. */
    IOException failure(String between, @Nullable SSLEngine engine, Throwable cause) {
        CertificateException problem = engine == null ? null : PeerCheck.problem(engine);
        if (problem != null) {
            problem.addSuppressed(cause);
        }
        return TlsFailure.ofHandshake(between, isCertified(), problem == null ? cause : problem);
    }

    /** Explains an alert of the peer. */
    IOException failure(String between, int alert) {
        return TlsFailure.ofAlert(between, isCertified(), alert);
    }

    private boolean isCertified() {
        return config.certificate().isPresent();
    }
}
