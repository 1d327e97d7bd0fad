// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where an {@link Acceptor} listens and whom it takes. Immutable; made by {@link #builder()} or {@link #of(Map)}.
 *
 * <pre>{@code
 * AcceptorConfig.builder()
 *         .endpoint("tcp://0.0.0.0:5555")
 *         .onStream(conn -> conn.inputStream().transferTo(conn.outputStream()))
 *         .build();
 * }</pre>
 */
public final class AcceptorConfig {
    private static final String WHAT = "AcceptorConfig";
    private static final String ENDPOINT = "endpoint";
    private static final List<String> FAMILIES = List.of(ENDPOINT);
    private static final Duration TICK = Duration.ofMillis(1);

    private static final OptionKey<Integer> BACKLOG = OptionKey.integer(
                    "backlog", 128, "Flows that may wait for accept; further ones are refused.")
            .between(1, 1_000_000);
    private static final OptionKey<Duration> CLAIM_TIMEOUT = OptionKey.duration(
                    "claimTimeout", Duration.ofSeconds(10), "How long a flow may wait for accept or admission.")
            .between(TICK, Duration.ofHours(1));
    private static final OptionKey<Duration> HANDSHAKE_TIMEOUT = OptionKey.duration(
                    "handshakeTimeout", Duration.ofSeconds(10), "How long a new carrier may take to prove itself.")
            .between(TICK, Duration.ofMinutes(5));
    private static final OptionKey<Integer> MAX_HANDSHAKES = OptionKey.integer(
                    "maxHandshakes",
                    1024,
                    "Handshakes under way at a time, of dialers with a key and of others each; the newest displace the"
                            + " oldest of whoever has most.")
            .between(1, 1_000_000);
    private static final OptionKey<Integer> HANDSHAKES_PER_SOURCE = OptionKey.integer(
                    "handshakesPerSource",
                    100,
                    "Handshakes per second of one address that may prove nothing, ten seconds' worth at once; 0 = any"
                            + " number.")
            .between(0, 1_000_000);
    private static final OptionKey<Protection> PROTECTION = OptionKey.choice(
            "protection",
            Protection.class,
            Protection.SEALED,
            "Whether the engine encrypts what the carrier does not; none only if both ends say so.");
    private static final OptionKey<Duration> MIGRATION_BUDGET = OptionKey.duration(
                    "migrationBudget",
                    DialerConfig.MAX_MIGRATION_BUDGET,
                    "How long a flow without any path waits before it fails; the smaller one of both ends counts, 90s"
                            + " at most.")
            .between(TICK, Duration.ofDays(10_000));

    private static final List<OptionKey<?>> SETTINGS = List.of(
            BACKLOG,
            CLAIM_TIMEOUT,
            HANDSHAKE_TIMEOUT,
            MAX_HANDSHAKES,
            HANDSHAKES_PER_SOURCE,
            PROTECTION,
            MIGRATION_BUDGET);

    private final Settings settings;
    private final List<PathSpec> endpoints;
    private final List<Transport> transports;
    private final @Nullable Consumer<Incoming> admit;
    private final @Nullable Handler<StreamConn> onStream;
    private final @Nullable Handler<PacketConn> onPacket;

    private AcceptorConfig(Builder b, Settings settings) {
        this.settings = settings;
        this.endpoints = List.copyOf(b.endpoints);
        this.transports = List.copyOf(b.transports);
        this.admit = b.admit;
        this.onStream = b.onStream;
        this.onPacket = b.onPacket;
    }

    /** {@return a builder with the defaults and no endpoint} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads a configuration from texts: the names of {@link #settings()}, and {@code endpoint.1}, {@code endpoint.2},
     * ... for the endpoints in order.
     *
     * @param map names and texts
     * @return the configuration
     * @throws InvalidConfigException if a name is unknown or anything is wrong; lists every problem
     */
    public static AcceptorConfig of(Map<String, String> map) {
        Builder b = builder();
        b.draft.read(map, FAMILIES, name -> {
            if (!Settings.isNumbered(name, ENDPOINT)) {
                b.draft.unknown(name, FAMILIES);
            }
        });
        Settings.numbered(map, ENDPOINT).forEach(b::endpoint);
        return b.build();
    }

    /** {@return the keys that {@link #of(Map)} reads, with type, default and help} */
    public static List<OptionKey<?>> settings() {
        return SETTINGS;
    }

    /** {@return a builder that starts with this configuration} */
    public Builder toBuilder() {
        Builder b = builder();
        b.draft.setAll(settings);
        b.endpoints.addAll(endpoints);
        b.transports.addAll(transports);
        b.admit = admit;
        b.onStream = onStream;
        b.onPacket = onPacket;
        return b;
    }

    /**
     * What was set, as texts that {@link #of(Map)} reads. Secrets in endpoint options are included; handlers and
     * transports given as objects are not.
     *
     * @return names and texts
     */
    public Map<String, String> toMap() {
        Map<String, String> map = settings.toMap();
        Settings.putNumbered(
                map,
                ENDPOINT,
                endpoints.stream().map(PathSpec::toUriWithSecrets).toList());
        return Collections.unmodifiableMap(map);
    }

    /** {@return where to listen, in order} */
    public List<PathSpec> endpoints() {
        return endpoints;
    }

    /** {@return flows that may wait for accept; default 128} */
    public int backlog() {
        return settings.get(BACKLOG);
    }

    /** {@return how long a flow may wait for accept or admission before it is refused; default 10 s} */
    public Duration claimTimeout() {
        return settings.get(CLAIM_TIMEOUT);
    }

    /** {@return how long a new carrier may take to prove itself before it is closed; default 10 s} */
    public Duration handshakeTimeout() {
        return settings.get(HANDSHAKE_TIMEOUT);
    }

    /** {@return handshakes under way at a time, of dialers with a key and of others each; default 1024} */
    public int maxHandshakes() {
        return settings.get(MAX_HANDSHAKES);
    }

    /** {@return handshakes per second of one source that may prove nothing; 0 = any number; default 100} */
    public int handshakesPerSource() {
        return settings.get(HANDSHAKES_PER_SOURCE);
    }

    /** {@return whether the engine encrypts what the carrier does not; default {@link Protection#SEALED}} */
    public Protection protection() {
        return settings.get(PROTECTION);
    }

    /** {@return how long a flow without any path waits before it fails; default and maximum 90 s} */
    public Duration migrationBudget() {
        return DialerConfig.min(settings.get(MIGRATION_BUDGET), DialerConfig.MAX_MIGRATION_BUDGET);
    }

    /** {@return who decides on new flows; empty = all are taken} */
    public Optional<Consumer<Incoming>> admit() {
        return Optional.ofNullable(admit);
    }

    /** {@return who serves stream flows; empty = {@link Acceptor#accept()} hands them out} */
    public Optional<Handler<StreamConn>> onStream() {
        return Optional.ofNullable(onStream);
    }

    /** {@return who serves packet flows; empty = {@link Acceptor#acceptPacket()} hands them out} */
    @Provisional
    public Optional<Handler<PacketConn>> onPacket() {
        return Optional.ofNullable(onPacket);
    }

    /** {@return transports of this acceptor alone; they win over those of the runtime of the same name} */
    public List<Transport> transports() {
        return transports;
    }

    /** Equal settings and endpoints, and the same handlers and transports. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AcceptorConfig that
                && settings.equals(that.settings)
                && endpoints.equals(that.endpoints)
                && transports.equals(that.transports)
                && Objects.equals(admit, that.admit)
                && Objects.equals(onStream, that.onStream)
                && Objects.equals(onPacket, that.onPacket);
    }

    @Override
    public int hashCode() {
        return Objects.hash(settings, endpoints, transports, admit, onStream, onPacket);
    }

    /** {@return what was set, secrets hidden} */
    @Override
    public String toString() {
        Map<String, String> shown = settings.shown();
        Settings.putNumbered(
                shown, ENDPOINT, endpoints.stream().map(PathSpec::toUri).toList());
        transports.forEach(
                t -> shown.put("transport " + t.transport(), t.getClass().getName()));
        return WHAT + shown;
    }

    /** Collects a configuration. Nothing is thrown before {@link #build()}. Not thread-safe. */
    public static final class Builder {
        private final Settings.Draft draft = new Settings.Draft(SETTINGS);
        private final List<PathSpec> endpoints = new ArrayList<>();
        private final List<Transport> transports = new ArrayList<>();
        private @Nullable Consumer<Incoming> admit;
        private @Nullable Handler<StreamConn> onStream;
        private @Nullable Handler<PacketConn> onPacket;

        private Builder() {}

        /**
         * Adds an endpoint.
         *
         * @param uri where to listen, see {@link PathSpec}; port 0 = any free port, see {@link Acceptor#endpoints()}
         * @return this
         */
        public Builder endpoint(String uri) {
            draft.attempt(() -> endpoints.add(PathSpec.of(uri)));
            return this;
        }

        /**
         * Adds an endpoint.
         *
         * @param spec where to listen
         * @return this
         */
        public Builder endpoint(PathSpec spec) {
            endpoints.add(Objects.requireNonNull(spec, "spec"));
            return this;
        }

        /**
         * A transport for this acceptor alone. It wins over those of the runtime of the same name.
         *
         * @param transport the transport
         * @return this
         */
        public Builder transport(Transport transport) {
            transports.add(Objects.requireNonNull(transport, "transport"));
            return this;
        }

        /**
         * How many flows may wait for {@link Acceptor#accept()}; further ones are refused. Flows that a handler serves do
         * not wait.
         *
         * @param flows at least 1, default 128
         * @return this
         */
        public Builder backlog(int flows) {
            return set(BACKLOG, flows);
        }

        /**
         * How long a flow may wait for {@link Acceptor#accept()}, or for an answer of {@link #admit}, before it is
         * refused.
         *
         * @param timeout default 10 s
         * @return this
         */
        public Builder claimTimeout(Duration timeout) {
            return set(CLAIM_TIMEOUT, timeout);
        }

        /**
         * How long a new carrier may take to prove itself before it is closed.
         *
         * @param timeout default 10 s
         * @return this
         */
        public Builder handshakeTimeout(Duration timeout) {
            return set(HANDSHAKE_TIMEOUT, timeout);
        }

        /**
         * How many handshakes may be under way at a time: so many of dialers that have proved to know a key, and so many
         * of others. A newer one displaces the oldest of the source that has most, so whoever opens carriers and stays
         * silent displaces himself.
         *
         * @param handshakes at least 1, default 1024; each may cost a descriptor and 2 KiB, over TLS 64 KiB
         * @return this
         */
        public Builder maxHandshakes(int handshakes) {
            return set(MAX_HANDSHAKES, handshakes);
        }

        /**
         * How many handshakes per second one source (an IPv4 address, or the /64 of an IPv6 address) may begin without
         * proving itself. Ten seconds' worth may come at once. A handshake whose dialer proves itself does not count, and a
         * dialer that shows a pre-shared key or the key of a flow is never refused for this.
         *
         * @param handshakes default 100; 0 for any number
         * @return this
         */
        public Builder handshakesPerSource(int handshakes) {
            return set(HANDSHAKES_PER_SOURCE, handshakes);
        }

        /**
         * Whether the engine encrypts what the carrier does not. {@link Protection#NONE} takes both ends.
         *
         * @param protection default {@link Protection#SEALED}
         * @return this
         */
        public Builder protection(Protection protection) {
            return set(PROTECTION, protection);
        }

        /**
         * How long a flow without any path waits before reads and writes fail. The smaller one of both ends counts.
         *
         * @param budget default 90 s; higher values are lowered to 90 s
         * @return this
         */
        public Builder migrationBudget(Duration budget) {
            return set(MIGRATION_BUDGET, budget);
        }

        /**
         * Who decides on new flows. Called on the callback executor, once for each flow; has to lead to
         * {@link Incoming#accept()} or {@link Incoming#refuse(int)}, at once or within {@link #claimTimeout}. The dialer's
         * {@code dial} returns only then. If it throws, the flow is refused.
         *
         * @param decision the decision; default: all flows are taken
         * @return this
         */
        public Builder admit(Consumer<Incoming> decision) {
            this.admit = Objects.requireNonNull(decision, "decision");
            return this;
        }

        /**
         * Who serves stream flows, each on a thread of its own. {@link Acceptor#accept()} then hands out none.
         *
         * @param handler the handler; the connection is closed when it returns
         * @return this
         */
        public Builder onStream(Handler<StreamConn> handler) {
            this.onStream = Objects.requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Who serves packet flows, each on a thread of its own. {@link Acceptor#acceptPacket()} then hands out none.
         *
         * @param handler the handler; the connection is closed when it returns
         * @return this
         */
        @Provisional
        public Builder onPacket(Handler<PacketConn> handler) {
            this.onPacket = Objects.requireNonNull(handler, "handler");
            return this;
        }

        private <T> Builder set(OptionKey<T> key, T value) {
            draft.set(key, value);
            return this;
        }

        /**
         * Checks and builds.
         *
         * @return the configuration
         * @throws InvalidConfigException if anything is wrong; lists every problem
         */
        public AcceptorConfig build() {
            Settings settings = draft.settings();
            Settings.Draft check = draft.copy();
            if (endpoints.isEmpty() && !check.hasProblems()) {
                check.problem("no endpoint: add one with endpoint(\"tcp://0.0.0.0:5555\").");
            }
            Settings.checkTransports(transports, check);
            check.throwIfAny(WHAT);
            return new AcceptorConfig(this, settings);
        }
    }
}
