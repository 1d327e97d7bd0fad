// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.NetUtil;
import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.ChannelSecurity;
import io.rendr.tls.TlsIdentity;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * TLS 1.3 (RFC 8446) of one path or endpoint, by the JDK's provider under Netty's handler. Thread-safe.
 *
 * <p>What a dialer has verified makes a carrier {@link ChannelSecurity#AUTHENTICATED}. An acceptor cannot know what the dialer
 * checked, so at its end, as with the development certificate, it is {@link ChannelSecurity#ENCRYPTED}.
 */
final class Tls {
    private static final String PROTOCOL = "TLSv1.3";
    /** The cheapest first, which is as strong as the engine's own seal. */
    private static final List<String> CIPHERS =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    /** A resumed session is not verified anew, so it must not live long. */
    private static final long SESSION_SECONDS = 3600;

    private final PathSpec spec;
    private final TlsConfig config;
    private final CarrierTraits below;
    private final SslContext context;

    private Tls(PathSpec spec, TlsConfig config, CarrierTraits below, SslContext context) {
        this.spec = spec;
        this.config = config;
        this.below = below;
        this.context = context;
    }

    /** With a context of {@link #dialingContext}. */
    static Tls dialing(PathSpec spec, TlsConfig config, CarrierTraits below, SslContext context) {
        return new Tls(spec, config, below, context);
    }

    /**
     * Blocks: reads files.
     *
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    static SslContext dialingContext(PathSpec spec, TlsConfig config) {
        TlsIdentity identity = TlsIdentity.ofDialer(spec, config);
        SslContextBuilder builder = SslContextBuilder.forClient()
                .trustManager(identity.check())
                .endpointIdentificationAlgorithm(identity.checksName() ? "HTTPS" : null);
        if (identity.isCertified()) {
            builder.keyManager(identity.key(), identity.chain());
        }
        return context(spec, builder);
    }

    /**
     * Blocks: reads files.
     *
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    static Tls accepting(PathSpec spec, TlsConfig config) {
        TlsIdentity identity = TlsIdentity.ofAcceptor(spec, config);
        SslContextBuilder builder = SslContextBuilder.forServer(identity.key(), identity.chain());
        if (identity.check() != null) {
            builder.trustManager(identity.check()).clientAuth(ClientAuth.REQUIRE);
        }
        return new Tls(spec, config, CarrierTraits.STREAM, context(spec, builder));
    }

    private static SslContext context(PathSpec spec, SslContextBuilder builder) {
        try {
            return builder.sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOL)
                    .ciphers(CIPHERS)
                    .sessionTimeout(SESSION_SECONDS)
                    .build();
        } catch (IllegalArgumentException | SSLException e) {
            throw new IllegalArgumentException(spec.name() + ": " + e.getMessage(), e);
        }
    }

    /** Does a dialer's handshake on a connected channel. */
    CompletionStage<CarrierTraits> handshake(Channel channel, Duration left) {
        InetSocketAddress address = spec.socketAddress();
        String name = TlsIdentity.expectedName(spec, config);
        SSLEngine engine = context.newEngine(channel.alloc(), name, address.getPort());
        if (!isAddress(name)) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            engine.setSSLParameters(parameters);
        }
        SslHandler ssl = new SslHandler(engine);
        // A little less than there is, so that it can still say that it was the handshake that took too long.
        ssl.setHandshakeTimeoutMillis(Math.max(1, left.toMillis() * 9 / 10));
        TlsGuard guard = new TlsGuard(this, true);
        channel.pipeline().addLast("tls", ssl).addLast("tls-guard", guard);
        channel.read();
        return guard.secured();
    }

    /** Prepares an accepted channel. */
    void secure(Channel accepted) {
        SslHandler ssl = new SslHandler(context.newEngine(accepted.alloc()));
        ssl.setHandshakeTimeoutMillis(0); // the acceptor's own deadline counts
        accepted.pipeline().addLast("tls", ssl).addLast("tls-guard", new TlsGuard(this, false));
    }

    /**
     * What is true of a dialer's carrier whose handshake is done.
     *
     * @throws SSLPeerUnverifiedException if the acceptor showed no certificate, which TLS 1.3 does not allow
     */
    CarrierTraits traits(SSLEngine engine) throws SSLPeerUnverifiedException {
        if (config.developmentOnlyInsecure()) {
            return below.withSecurity(ChannelSecurity.ENCRYPTED, null);
        }
        String peer = engine.getSession().getPeerPrincipal().getName();
        return below.withSecurity(ChannelSecurity.AUTHENTICATED, peer);
    }

    boolean isCertified() {
        return config.certificate().isPresent();
    }

    /** Whom a channel connects with, and for which path or endpoint. */
    String between(Channel channel) {
        return channel.remoteAddress() + " (" + spec.name() + ")";
    }

    private static boolean isAddress(String name) {
        return NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name);
    }
}
