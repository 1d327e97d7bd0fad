// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one end of a path shows and whom it accepts, as its {@link TlsConfig} says. Immutable. */
public final class TlsIdentity {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);
    private static final X509Certificate[] NONE = {};

    private final X509Certificate[] chain;
    private final @Nullable PrivateKey key;
    private final @Nullable PeerCheck check;
    private final boolean checksName;

    private TlsIdentity(
            X509Certificate[] chain, @Nullable PrivateKey key, @Nullable PeerCheck check, boolean checksName) {
        this.chain = chain;
        this.key = key;
        this.check = check;
        this.checksName = checksName;
    }

    /**
     * A dialer's. Warns if it verifies nobody. Blocks: reads files.
     *
     * @param spec the path, for messages
     * @param config its settings
     * @return has a {@link #check()}
     * @throws IllegalArgumentException if the settings cannot work; names the path, the option and the file
     */
    public static TlsIdentity ofDialer(PathSpec spec, TlsConfig config) {
        return read(spec, () -> {
            X509Certificate[] chain = NONE;
            PrivateKey key = null;
            if (config.certificate().isPresent()) {
                chain = chain(config);
                key = key(config, chain[0]);
            }
            if (config.developmentOnlyInsecure()) {
                LOG.warn("path {} is NOT SECURE: tls.developmentOnlyInsecure verifies nobody", spec.name());
                return new TlsIdentity(chain, key, PeerCheck.development(), false);
            }
            return new TlsIdentity(chain, key, PeerCheck.trusting(trusted(config)), true);
        });
    }

    /**
     * An acceptor's. Warns if it identifies nobody. Blocks: reads files.
     *
     * @param spec the endpoint, for messages
     * @param config its settings
     * @return has a key, and a {@link #check()} if dialers have to show a certificate
     * @throws IllegalArgumentException if the settings cannot work; names the endpoint, the option and the file
     */
    public static TlsIdentity ofAcceptor(PathSpec spec, TlsConfig config) {
        return read(spec, () -> {
            if (config.developmentOnlyInsecure()) {
                ThrowAwayCertificate made = ThrowAwayCertificate.make();
                LOG.warn("endpoint {} is NOT SECURE: tls.developmentOnlyInsecure identifies nobody", spec.name());
                return new TlsIdentity(new X509Certificate[] {made.certificate()}, made.key(), null, false);
            }
            if (config.certificate().isEmpty()) {
                throw new IllegalArgumentException("an endpoint with TLS needs tls.certificate and tls.key");
            }
            X509Certificate[] chain = chain(config);
            PrivateKey key = key(config, chain[0]);
            PeerCheck check = config.requireClientCertificate() ? PeerCheck.trusting(trusted(config)) : null;
            return new TlsIdentity(chain, key, check, false);
        });
    }

    private interface Reading {
        TlsIdentity read() throws GeneralSecurityException;
    }

    private static TlsIdentity read(PathSpec spec, Reading reading) {
        try {
            return reading.read();
        } catch (IllegalArgumentException | GeneralSecurityException e) {
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

    /**
     * The name that an acceptor's certificate has to carry.
     *
     * @param spec the path
     * @param config its settings
     * @return {@code tls.serverName}, or the host that is dialed without its zone
     */
    public static String expectedName(PathSpec spec, TlsConfig config) {
        return config.serverName()
                .orElseGet(() -> withoutZone(spec.socketAddress().getHostString()));
    }

    private static String withoutZone(String host) {
        int zone = host.indexOf('%');
        return zone < 0 ? host : host.substring(0, zone);
    }

    /** {@return whether this end has a certificate to show} */
    public boolean isCertified() {
        return key != null;
    }

    /** {@return the certificate that is shown, and those that lead to its issuer; empty if none} */
    public X509Certificate[] chain() {
        return chain.clone();
    }

    /**
     * The key of the certificate.
     *
     * @return a secret
     * @throws NullPointerException if there is no certificate
     */
    public PrivateKey key() {
        return Objects.requireNonNull(key, "no certificate is shown");
    }

    /** {@return judges the certificate of the peer; null if none is asked for} */
    public @Nullable PeerCheck check() {
        return check;
    }

    /** {@return whether the certificate also has to carry the {@linkplain #expectedName name} that was dialed} */
    public boolean checksName() {
        return checksName;
    }
}
