// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * TLS settings of a path or an endpoint, for the transports that use TLS. They travel in the path's options
 * ({@code ?tls=true&tls.trust=ca.pem}), so that a {@link PathSpec} stays text. Certificates and keys are PEM (RFC 7468),
 * given as a file, as the PEM text itself, or by a {@link KeyStore}. Immutable.
 *
 * <p>With nothing set, a dialer trusts what the JVM trusts and checks that the certificate names the host it dialed, as
 * RFC 9110 section 4.3.4 says for HTTPS; for an address, the certificate has to hold that address. An acceptor needs a
 * certificate and its key.
 */
public final class TlsConfig {
    /** Whether TLS is used; setting any other TLS option says so too. */
    public static final OptionKey<Boolean> TLS = OptionKey.flag("tls", false, "Use TLS.");
    /** PEM of this end's certificate chain: a file name, or the text. */
    public static final OptionKey<String> CERTIFICATE =
            OptionKey.text("tls.certificate", null, "PEM of this end's certificate chain, a file or the text itself.");
    /** PEM of this end's private key (PKCS #8): a file name, or the text. Never printed. */
    public static final OptionKey<String> KEY =
            OptionKey.secret("tls.key", null, "PEM of this end's private key (PKCS #8), a file or the text itself.");
    /** PEM of the certificates that are trusted, instead of those of the JVM: a file name, or the text. */
    public static final OptionKey<String> TRUST = OptionKey.text(
            "tls.trust", null, "PEM of the certificates to trust instead of the JVM's, a file or the text itself.");
    /** The name that the peer's certificate has to carry and that is sent as SNI; absent: the host that is dialed. */
    public static final OptionKey<String> SERVER_NAME = OptionKey.text(
            "tls.serverName", null, "Name that the certificate must carry and that is sent as SNI; absent: the host.");
    /** Acceptor: refuse a dialer without a certificate that is trusted. */
    public static final OptionKey<Boolean> REQUIRE_CLIENT_CERTIFICATE = OptionKey.flag(
            "tls.requireClientCertificate", false, "Acceptor: refuse a dialer without a trusted certificate.");
    /** Development: a throw-away certificate at the acceptor, which is all that the dialer takes. */
    public static final OptionKey<Boolean> DEVELOPMENT_ONLY_INSECURE = OptionKey.flag(
            "tls.developmentOnlyInsecure",
            false,
            "NOT SECURE, for development; both ends have to say it: throw-away certificate, nobody is verified.");

    /** All of them, for {@link Transport#options()} of a transport that uses TLS. */
    public static final List<OptionKey<?>> OPTIONS =
            List.of(TLS, CERTIFICATE, KEY, TRUST, SERVER_NAME, REQUIRE_CLIENT_CERTIFICATE, DEVELOPMENT_ONLY_INSECURE);

    private final @Nullable String certificate;
    private final @Nullable String key;
    private final @Nullable String trust;
    private final @Nullable String serverName;
    private final boolean requireClientCertificate;
    private final boolean developmentOnlyInsecure;

    private TlsConfig(Builder b) {
        this.certificate = b.certificate;
        this.key = b.key;
        this.trust = b.trust;
        this.serverName = b.serverName;
        this.requireClientCertificate = b.requireClientCertificate;
        this.developmentOnlyInsecure = b.developmentOnlyInsecure;
    }

    /** {@return a builder with nothing set} */
    public static Builder builder() {
        return new Builder();
    }

    static boolean isTlsOption(String name) {
        return name.equals(TLS.name()) || name.startsWith(TLS.name() + ".");
    }

    /** What may not leave the accepting end, or means nothing to a dialer. */
    static boolean isAcceptorsOwn(String name) {
        return name.equals(CERTIFICATE.name())
                || name.equals(KEY.name())
                || name.equals(REQUIRE_CLIENT_CERTIFICATE.name());
    }

    static Optional<TlsConfig> fromOptions(PathSpec spec) {
        boolean anySet = spec.options().keySet().stream().anyMatch(TlsConfig::isTlsOption);
        if (!anySet || !spec.find(TLS).orElse(true)) {
            return Optional.empty();
        }
        Builder b = builder();
        b.certificate = spec.find(CERTIFICATE).orElse(null);
        b.key = spec.find(KEY).orElse(null);
        b.trust = spec.find(TRUST).orElse(null);
        b.serverName = spec.find(SERVER_NAME).orElse(null);
        b.requireClientCertificate = spec.option(REQUIRE_CLIENT_CERTIFICATE);
        b.developmentOnlyInsecure = spec.option(DEVELOPMENT_ONLY_INSECURE);
        return Optional.of(b.build());
    }

    Map<String, String> toOptions() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put(TLS.name(), "true");
        put(options, CERTIFICATE, certificate);
        put(options, KEY, key);
        put(options, TRUST, trust);
        put(options, SERVER_NAME, serverName);
        put(options, REQUIRE_CLIENT_CERTIFICATE, requireClientCertificate ? "true" : null);
        put(options, DEVELOPMENT_ONLY_INSECURE, developmentOnlyInsecure ? "true" : null);
        return options;
    }

    private static void put(Map<String, String> options, OptionKey<?> key, @Nullable String value) {
        if (value != null) {
            options.put(key.name(), value);
        }
    }

    /** {@return PEM of the certificate chain, a file name or the text, which starts with {@code -----BEGIN}} */
    public Optional<String> certificate() {
        return Optional.ofNullable(certificate);
    }

    /** {@return PEM of the private key, a file name or the text; a secret} */
    public Optional<String> key() {
        return Optional.ofNullable(key);
    }

    /** {@return PEM of what is trusted, a file name or the text; empty = what the JVM trusts} */
    public Optional<String> trust() {
        return Optional.ofNullable(trust);
    }

    /** {@return the name the certificate must carry; empty = the host that is dialed} */
    public Optional<String> serverName() {
        return Optional.ofNullable(serverName);
    }

    /** {@return whether an acceptor refuses dialers without a trusted certificate; default {@code false}} */
    public boolean requireClientCertificate() {
        return requireClientCertificate;
    }

    /** {@return whether nothing is checked; default {@code false}} */
    public boolean developmentOnlyInsecure() {
        return developmentOnlyInsecure;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TlsConfig that && toOptions().equals(that.toOptions());
    }

    @Override
    public int hashCode() {
        return toOptions().hashCode();
    }

    /** {@return the settings, the key hidden} */
    @Override
    public String toString() {
        Map<String, String> shown = toOptions();
        shown.computeIfPresent(KEY.name(), (k, v) -> PathText.HIDDEN);
        return "TlsConfig" + shown;
    }

    /** Collects TLS settings. Not thread-safe. */
    public static final class Builder {
        private @Nullable String certificate;
        private @Nullable String key;
        private @Nullable String trust;
        private @Nullable String serverName;
        private boolean requireClientCertificate;
        private boolean developmentOnlyInsecure;

        private Builder() {}

        /**
         * This end's certificate. An acceptor needs one.
         *
         * @param chain PEM file with the certificate first
         * @param privateKey PEM file with its private key (PKCS #8)
         * @return this
         */
        public Builder certificate(Path chain, Path privateKey) {
            return certificate(chain.toString(), privateKey.toString());
        }

        /**
         * This end's certificate. An acceptor needs one.
         *
         * @param chain PEM text, or name of a PEM file
         * @param privateKey PEM text, or name of a PEM file
         * @return this
         */
        public Builder certificate(String chain, String privateKey) {
            this.certificate = Objects.requireNonNull(chain, "chain");
            this.key = Objects.requireNonNull(privateKey, "privateKey");
            return this;
        }

        /**
         * This end's certificate, out of a key store.
         *
         * @param store a loaded key store
         * @param alias which entry
         * @param password protects the entry
         * @return this
         * @throws IllegalArgumentException if there is no such entry, the password is wrong, or the key cannot leave its
         *     store, as in a hardware module
         */
        public Builder certificate(KeyStore store, String alias, char[] password) {
            return certificate(Pem.chain(store, alias), Pem.key(store, alias, password));
        }

        /**
         * What to trust instead of what the JVM trusts.
         *
         * @param certificates PEM file
         * @return this
         */
        public Builder trust(Path certificates) {
            return trust(certificates.toString());
        }

        /**
         * What to trust instead of what the JVM trusts.
         *
         * @param certificates PEM text, or name of a PEM file
         * @return this
         */
        public Builder trust(String certificates) {
            this.trust = Objects.requireNonNull(certificates, "certificates");
            return this;
        }

        /**
         * What to trust instead of what the JVM trusts: every certificate entry of a key store.
         *
         * @param store a loaded key store
         * @return this
         * @throws IllegalArgumentException if it holds no certificate to trust
         */
        public Builder trust(KeyStore store) {
            return trust(Pem.trusted(store));
        }

        /**
         * The name that the peer's certificate must carry, if it is not the host that is dialed.
         *
         * @param name a DNS name or an IP address
         * @return this
         */
        public Builder serverName(String name) {
            this.serverName = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Acceptor: refuse dialers without a trusted certificate.
         *
         * @param required default {@code false}
         * @return this
         */
        public Builder requireClientCertificate(boolean required) {
            this.requireClientCertificate = required;
            return this;
        }

        /**
         * For development on one machine: the acceptor makes a throw-away certificate, which names itself so, and the dialer
         * takes that and no other. Both ends have to say so. Whoever can change what the network carries can pretend to be
         * the acceptor; the carrier counts as {@code ENCRYPTED} and is sealed like one without TLS.
         *
         * @param insecure default {@code false}
         * @return this
         */
        public Builder developmentOnlyInsecure(boolean insecure) {
            this.developmentOnlyInsecure = insecure;
            return this;
        }

        /**
         * Checks and builds.
         *
         * @return the settings
         * @throws InvalidConfigException if a certificate is given without its key or the other way round, client
         *     certificates are required and nothing says whose, or trust is set and switched off at the same time
         */
        public TlsConfig build() {
            List<String> problems = new ArrayList<>();
            if ((certificate == null) != (key == null)) {
                problems.add("a certificate needs its key and a key its certificate: set tls.certificate and tls.key");
            }
            if (requireClientCertificate && trust == null) {
                // The JVM trusts the authorities of the web, which certify anybody.
                problems.add("requireClientCertificate needs to know whose: set tls.trust to the authority that issues"
                        + " them");
            }
            boolean identified = certificate != null || trust != null || serverName != null;
            if (developmentOnlyInsecure && (identified || requireClientCertificate)) {
                problems.add("developmentOnlyInsecure makes its own certificate and checks none: remove it, or remove"
                        + " certificate, key, trust, serverName and requireClientCertificate");
            }
            InvalidConfigException.throwIfAny("TlsConfig", problems);
            return new TlsConfig(this);
        }
    }
}
