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
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS 1.3 (RFC 8446) of one path or endpoint, by the JDK's provider under Netty's handler. Thread-safe.
 *
 * <p>What a dialer has verified makes a carrier {@link ChannelSecurity#AUTHENTICATED}. An acceptor cannot know what the dialer
 * checked, so at its end, as with the development certificate, it is {@link ChannelSecurity#ENCRYPTED}.
 */
final class Tls {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
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
        return context(spec, () -> {
            SslContextBuilder builder = SslContextBuilder.forClient();
            if (config.certificate().isPresent()) {
                X509Certificate[] chain = chain(config);
                builder.keyManager(key(config, chain[0]), chain);
            }
            if (config.developmentOnlyInsecure()) {
                LOG.warn("path {} is NOT SECURE: tls.developmentOnlyInsecure verifies nobody", spec.name());
                return builder.trustManager(PeerCheck.development()).endpointIdentificationAlgorithm(null);
            }
            TrustManager check = PeerCheck.trusting(trusted(config));
            return builder.trustManager(check).endpointIdentificationAlgorithm("HTTPS");
        });
    }

    /**
     * Blocks: reads files.
     *
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    static Tls accepting(PathSpec spec, TlsConfig config) {
        SslContext context = context(spec, () -> {
            SslContextBuilder builder;
            if (config.developmentOnlyInsecure()) {
                ThrowAwayCertificate made = ThrowAwayCertificate.make();
                builder = SslContextBuilder.forServer(made.key(), made.certificate());
                LOG.warn("endpoint {} is NOT SECURE: tls.developmentOnlyInsecure identifies nobody", spec.name());
            } else if (config.certificate().isEmpty()) {
                throw new IllegalArgumentException("an endpoint with TLS needs tls.certificate and tls.key");
            } else {
                X509Certificate[] chain = chain(config);
                builder = SslContextBuilder.forServer(key(config, chain[0]), chain);
            }
            if (config.requireClientCertificate()) {
                TrustManager check = PeerCheck.trusting(trusted(config));
                builder.trustManager(check).clientAuth(ClientAuth.REQUIRE);
            }
            return builder;
        });
        return new Tls(spec, config, CarrierTraits.STREAM, context);
    }

    private interface Recipe {
        SslContextBuilder prepare() throws GeneralSecurityException;
    }

    private static SslContext context(PathSpec spec, Recipe recipe) {
        try {
            return recipe.prepare()
                    .sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOL)
                    .ciphers(CIPHERS)
                    .sessionTimeout(SESSION_SECONDS)
                    .build();
        } catch (IllegalArgumentException | GeneralSecurityException | SSLException e) {
            throw new IllegalArgumentException(spec.name() + ": " + e.getMessage(), e);
        }
    }

    private static X509Certificate[] chain(TlsConfig config) {
        return PemFiles.certificates(TlsConfig.CERTIFICATE, config.certificate().orElseThrow());
    }

    private static PrivateKey key(TlsConfig config, X509Certificate certificate) {
        return PemFiles.key(TlsConfig.KEY, config.key().orElseThrow(), certificate);
    }

    private static X509Certificate @Nullable [] trusted(TlsConfig config) {
        return config.trust()
                .map(value -> PemFiles.certificates(TlsConfig.TRUST, value))
                .orElse(null);
    }

    /** Does a dialer's handshake on a connected channel. */
    CompletionStage<CarrierTraits> handshake(Channel channel, Duration left) {
        InetSocketAddress address = spec.socketAddress();
        String name = config.serverName().orElseGet(() -> withoutZone(address.getHostString()));
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

    private static String withoutZone(String host) {
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    private static boolean isAddress(String name) {
        return NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name);
    }
}
