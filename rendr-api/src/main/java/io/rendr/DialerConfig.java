// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link Dialer} dials and how its flows behave. Immutable; made by {@link #builder()} or {@link #of(Map)}.
 *
 * <pre>{@code
 * DialerConfig.builder()
 *         .mode(Mode.PRIME)
 *         .path("tcp://lan:5555?name=lan")
 *         .backup("tcp://lte:5555?name=lte")
 *         .migrationBudget(Duration.ofSeconds(60))
 *         .build();
 * }</pre>
 *
 * The paths are given either flat, by {@link Builder#path path}, {@link Builder#backup backup} and an optional
 * {@link Builder#mode mode}, or as a tree by {@link Builder#target target}; not both. Without a mode the flat form is a
 * selector that moves only when a path dies.
 */
public final class DialerConfig {
    /** The longest migration budget; higher values are lowered to it. */
    public static final Duration MAX_MIGRATION_BUDGET = Duration.ofSeconds(90);

    /** The most bytes that metadata may have: names and values in UTF-8, plus three for each entry. */
    public static final int MAX_METADATA_BYTES = 640;

    private static final int MAX_METADATA_NAME = 64;
    private static final int MAX_METADATA_ENTRIES = 60;
    private static final String RESERVED = "rendr.";

    private static final String WHAT = "DialerConfig";
    private static final String ROOT = "main";
    private static final String PATH = "path";
    private static final String METADATA = "metadata";
    private static final List<String> FAMILIES = List.of(PATH, METADATA);
    private static final Duration TICK = Duration.ofMillis(1);
    private static final Duration DAY = Duration.ofDays(1);

    private static final OptionKey<Mode> MODE = OptionKey.choice(
            "mode", Mode.class, null, "How the paths are used; absent: a selector that moves only on death.");
    private static final OptionKey<Target> TARGET = OptionKey.key(
            "target",
            "tree",
            null,
            "The policy tree, instead of mode and paths.",
            text -> Target.parse(text, List.of()),
            tree -> TargetText.write(tree, true));
    private static final OptionKey<String> PRIMARY =
            OptionKey.text("primary", null, "Name of the path to dial first; absent: the first one.");
    private static final OptionKey<Boolean> PRIMARY_REQUIRED =
            OptionKey.flag("primaryRequired", false, "Whether dialing fails if the primary path cannot be opened.");
    private static final OptionKey<Boolean> EAGER = OptionKey.flag(
            "eager",
            false,
            "Whether dial returns before the peer's admission; a refusal then shows on read and write.");
    private static final OptionKey<Double> HYSTERESIS = OptionKey.decimal(
                    "hysteresis",
                    QualityPolicy.DEFAULT.hysteresis(),
                    "How much better another path's score must be, as a share; mode prime.")
            .where(h -> h >= 0 && h < 1, "be at least 0 and below 1");
    private static final OptionKey<Duration> QUALITY_FLOOR = OptionKey.duration(
                    "qualityFloor",
                    QualityPolicy.DEFAULT.floor(),
                    "How much better another path's score must be at least, in time; mode prime.")
            .between(Duration.ZERO, DAY);
    private static final OptionKey<Duration> DWELL = OptionKey.duration(
                    "dwell",
                    QualityPolicy.DEFAULT.dwell(),
                    "How long another path must stay better, or a preferred one answer again.")
            .between(Duration.ZERO, DAY);
    private static final OptionKey<Duration> COOLDOWN = OptionKey.duration(
                    "cooldown",
                    QualityPolicy.DEFAULT.cooldown(),
                    "Time after a move in which quality moves nothing; mode prime.")
            .between(Duration.ZERO, DAY);
    private static final OptionKey<Duration> MIGRATION_BUDGET = OptionKey.duration(
                    "migrationBudget",
                    MAX_MIGRATION_BUDGET,
                    "How long a flow without any path waits before it fails; the smaller one of both ends counts, 90s"
                            + " at most.")
            .between(TICK, Duration.ofDays(10_000));
    private static final OptionKey<Duration> PROBE_INTERVAL = OptionKey.duration(
                    "probeInterval", Duration.ofSeconds(1), "Time between probes of a path while the flow is in use.")
            .between(Duration.ofMillis(10), Duration.ofMinutes(1));
    private static final OptionKey<Integer> ZOMBIE_MAX_MIGRATIONS = OptionKey.integer(
                    "zombieMaxMigrations", 2, "Moves without any progress after which the peer counts as dead.")
            .between(1, 1_000);
    private static final OptionKey<Duration> ZOMBIE_COOLDOWN = OptionKey.duration(
                    "zombieCooldown", Duration.ofSeconds(30), "Time after which moves without progress are forgotten.")
            .between(TICK, DAY);
    private static final OptionKey<Double> BOND_STUCK = OptionKey.decimal(
                    "bondStuckRttMultiplier",
                    Target.Bond.DEFAULT_STUCK_RTT_MULTIPLIER,
                    "A path with this many times the best and its own usual RTT is passed over; mode bond.")
            .where(m -> m > 1, "be above 1");
    private static final OptionKey<Double> DUPLICATION = OptionKey.decimal(
                    "duplication",
                    0.0,
                    "Share of the payload that is sent on a second path too; no mode and mode prime.")
            .between(0.0, 1.0);
    private static final OptionKey<Duration> REPAIR_TTL = OptionKey.duration(
                    "repairTtl",
                    Duration.ofSeconds(2),
                    "Packet flows: how long a lost packet is sent again; 0 = best effort.")
            .between(Duration.ZERO, Duration.ofSeconds(60));
    private static final OptionKey<Integer> MAX_PACKET_SIZE = OptionKey.integer(
                    "maxPacketSize",
                    1_100,
                    "Packet flows: the largest packet in bytes; the smaller one of both ends counts.")
            .between(1, 60_000);
    private static final OptionKey<Duration> DIAL_TIMEOUT = OptionKey.duration(
                    "dialTimeout", Duration.ofSeconds(10), "How long dial may take, all paths together.")
            .between(TICK, Duration.ofHours(1));
    private static final OptionKey<Duration> REDIAL_BACKOFF_MIN = OptionKey.duration(
                    "redialBackoffMin", Duration.ofMillis(250), "First pause before a dead path is dialed again.")
            .between(TICK, Duration.ofHours(1));
    private static final OptionKey<Duration> REDIAL_BACKOFF_MAX = OptionKey.duration(
                    "redialBackoffMax", Duration.ofSeconds(4), "Longest pause; the pause doubles up to it.")
            .between(TICK, Duration.ofHours(1));
    private static final OptionKey<Protection> PROTECTION = OptionKey.choice(
            "protection",
            Protection.class,
            Protection.SEALED,
            "Whether the engine encrypts what the carrier does not; none only if both ends say so.");
    private static final OptionKey<InstanceId> EXPECT_PEER = OptionKey.key(
            "expectPeer",
            "instance id",
            null,
            "The instance that has to answer; absent: any.",
            OptionText::parseInstanceId,
            InstanceId::toString);
    private static final OptionKey<L3Identity> L3_IDENTITY = OptionKey.key(
            "l3Identity",
            "protocol source destination",
            null,
            "Original addresses of a captured connection.",
            OptionText::parseL3Identity,
            OptionText::formatL3Identity);

    private static final List<OptionKey<?>> SETTINGS = List.of(
            MODE,
            TARGET,
            PRIMARY,
            PRIMARY_REQUIRED,
            EAGER,
            HYSTERESIS,
            QUALITY_FLOOR,
            DWELL,
            COOLDOWN,
            MIGRATION_BUDGET,
            PROBE_INTERVAL,
            ZOMBIE_MAX_MIGRATIONS,
            ZOMBIE_COOLDOWN,
            BOND_STUCK,
            DUPLICATION,
            REPAIR_TTL,
            MAX_PACKET_SIZE,
            DIAL_TIMEOUT,
            REDIAL_BACKOFF_MIN,
            REDIAL_BACKOFF_MAX,
            PROTECTION,
            EXPECT_PEER,
            L3_IDENTITY);

    private final Settings settings;
    private final List<PathSpec> paths;
    private final Map<String, String> metadata;
    private final List<Transport> transports;
    private final Target root;

    private DialerConfig(Builder b, Settings settings, Target root) {
        this.settings = settings;
        this.paths = List.copyOf(b.paths);
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(b.metadata));
        this.transports = List.copyOf(b.transports);
        this.root = root;
    }

    /** {@return a builder with the defaults and no path} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads a configuration from texts: the names of {@link #settings()}, {@code path.1}, {@code path.2}, ... for the
     * paths in order, and {@code metadata.NAME}.
     *
     * @param map names and texts
     * @return the configuration
     * @throws InvalidConfigException if a name is unknown or anything is wrong; lists every problem
     */
    public static DialerConfig of(Map<String, String> map) {
        Builder b = builder();
        b.draft.read(map, FAMILIES, name -> {
            if (name.startsWith(METADATA + ".")) {
                b.metadata(name.substring(METADATA.length() + 1), map.getOrDefault(name, ""));
            } else if (!Settings.isNumbered(name, PATH)) {
                b.draft.unknown(name, FAMILIES);
            }
        });
        Settings.numbered(map, PATH).forEach(b::path);
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
        b.paths.addAll(paths);
        b.metadata.putAll(metadata);
        b.transports.addAll(transports);
        return b;
    }

    /**
     * What was set, as texts that {@link #of(Map)} reads. Secrets in path options are included; transports given as
     * objects are not.
     *
     * @return names and texts
     */
    public Map<String, String> toMap() {
        Map<String, String> map = settings.toMap();
        Settings.putNumbered(
                map, PATH, paths.stream().map(PathSpec::toUriWithSecrets).toList());
        metadata.forEach((name, value) -> map.put(METADATA + "." + name, value));
        return Collections.unmodifiableMap(map);
    }

    /** {@return the policy tree: the one that was given, or that of the flat form, whose root is named {@code main}} */
    public Target target() {
        return root;
    }

    /** {@return the mode of the flat form; empty if none was given} */
    public Optional<Mode> mode() {
        return settings.find(MODE);
    }

    /** {@return all paths, in order} */
    public List<PathSpec> paths() {
        return root.leaves().stream().map(Target.Path::spec).toList();
    }

    /** {@return the name of the path to dial first; empty = the first one} */
    public Optional<String> primary() {
        return settings.find(PRIMARY);
    }

    /** {@return whether dialing fails if the primary path cannot be opened; default {@code false}} */
    public boolean primaryRequired() {
        return settings.get(PRIMARY_REQUIRED);
    }

    /** {@return whether dial returns before the peer's admission; default {@code false}} */
    public boolean eager() {
        return settings.get(EAGER);
    }

    /** {@return when quality moves a flow of mode prime: hysteresis 0.25, floor 2 ms, dwell 5 s, cooldown 30 s} */
    public QualityPolicy quality() {
        return qualityOf(settings);
    }

    /** {@return how long a flow without any path waits before it fails; default and maximum 90 s} */
    public Duration migrationBudget() {
        return min(settings.get(MIGRATION_BUDGET), MAX_MIGRATION_BUDGET);
    }

    /** {@return time between probes of a path while the flow is in use; default 1 s} */
    public Duration probeInterval() {
        return settings.get(PROBE_INTERVAL);
    }

    /** {@return moves without progress after which the peer counts as dead; default 2} */
    public int zombieMaxMigrations() {
        return settings.get(ZOMBIE_MAX_MIGRATIONS);
    }

    /** {@return time after which moves without progress are forgotten; default 30 s} */
    public Duration zombieCooldown() {
        return settings.get(ZOMBIE_COOLDOWN);
    }

    /** {@return the multiplier of a flat bond; default 3.0} */
    public double bondStuckRttMultiplier() {
        return settings.get(BOND_STUCK);
    }

    /** {@return the share of the payload that a flat selector sends twice, 0 to 1; default 0} */
    public double duplication() {
        return settings.get(DUPLICATION);
    }

    /** {@return how long a lost packet is sent again; zero = best effort; default 2 s} */
    @Provisional
    public Duration repairTtl() {
        return settings.get(REPAIR_TTL);
    }

    /** {@return the largest packet in bytes; default 1,100} */
    @Provisional
    public int maxPacketSize() {
        return settings.get(MAX_PACKET_SIZE);
    }

    /** {@return how long dial may take; default 10 s} */
    public Duration dialTimeout() {
        return settings.get(DIAL_TIMEOUT);
    }

    /** {@return the first pause before a dead path is dialed again; default 250 ms} */
    public Duration redialBackoffMin() {
        return settings.get(REDIAL_BACKOFF_MIN);
    }

    /** {@return the longest pause before a dead path is dialed again; default 4 s} */
    public Duration redialBackoffMax() {
        return settings.get(REDIAL_BACKOFF_MAX);
    }

    /** {@return whether the engine encrypts what the carrier does not; default {@link Protection#SEALED}} */
    public Protection protection() {
        return settings.get(PROTECTION);
    }

    /** {@return what the peer's application gets to see with the flow; default empty} */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** {@return original addresses of a captured connection} */
    @Provisional
    public Optional<L3Identity> l3Identity() {
        return settings.find(L3_IDENTITY);
    }

    /** {@return the instance that has to answer; empty = any} */
    public Optional<InstanceId> expectPeer() {
        return settings.find(EXPECT_PEER);
    }

    /** {@return transports of this dialer alone; they win over those of the runtime of the same name} */
    public List<Transport> transports() {
        return transports;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DialerConfig that
                && settings.equals(that.settings)
                && paths.equals(that.paths)
                && metadata.equals(that.metadata)
                && transports.equals(that.transports);
    }

    @Override
    public int hashCode() {
        return Objects.hash(settings, paths, metadata, transports);
    }

    /** {@return what was set, secrets hidden} */
    @Override
    public String toString() {
        Map<String, String> shown = settings.shown();
        Settings.putNumbered(shown, PATH, paths.stream().map(PathSpec::toUri).toList());
        metadata.keySet().forEach(name -> shown.put(METADATA + "." + name, PathText.HIDDEN));
        transports.forEach(
                t -> shown.put("transport " + t.transport(), t.getClass().getName()));
        return WHAT + shown;
    }

    static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static QualityPolicy qualityOf(Settings s) {
        return new QualityPolicy(s.get(HYSTERESIS), s.get(QUALITY_FLOOR), s.get(DWELL), s.get(COOLDOWN));
    }

    /** Collects a configuration. Nothing is thrown before {@link #build()}. Not thread-safe. */
    public static final class Builder {
        private final Settings.Draft draft = new Settings.Draft(SETTINGS);
        private final List<PathSpec> paths = new ArrayList<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private final List<Transport> transports = new ArrayList<>();

        private Builder() {}

        /**
         * How the paths are used. Flat form only. {@link Mode#PRIME} arms quality; without a mode only death and explicit
         * calls move the flow.
         *
         * @param mode the mode
         * @return this
         */
        public Builder mode(Mode mode) {
            return set(MODE, mode);
        }

        /**
         * Adds a path. Flat form only. Order is preference.
         *
         * @param uri the path, see {@link PathSpec}
         * @return this
         */
        public Builder path(String uri) {
            draft.attempt(() -> paths.add(PathSpec.of(uri)));
            return this;
        }

        /**
         * Adds a path. Flat form only. Order is preference.
         *
         * @param spec the path
         * @return this
         */
        public Builder path(PathSpec spec) {
            paths.add(Objects.requireNonNull(spec, "spec"));
            return this;
        }

        /**
         * Adds a path that carries nothing while another one answers: {@code backup=true}. Flat form only.
         *
         * @param uri the path, see {@link PathSpec}
         * @return this
         */
        public Builder backup(String uri) {
            draft.attempt(() -> backup(PathSpec.of(uri)));
            return this;
        }

        /**
         * Adds a path that carries nothing while another one answers: {@code backup=true}. Flat form only.
         *
         * @param spec the path
         * @return this
         */
        public Builder backup(PathSpec spec) {
            return path(spec.with(CommonOptions.BACKUP, true));
        }

        /**
         * The policy tree, instead of {@link #mode}, {@link #path} and {@link #backup}.
         *
         * @param root the tree
         * @return this
         */
        public Builder target(Target root) {
            return set(TARGET, root);
        }

        /**
         * The path to dial first.
         *
         * @param pathName its name; default: the first path
         * @param required whether dialing fails if it cannot be opened; default {@code false}
         * @return this
         */
        public Builder primary(String pathName, boolean required) {
            set(PRIMARY, pathName);
            return set(PRIMARY_REQUIRED, required);
        }

        /**
         * Whether to return the connection before the peer's application has admitted it, so that the first bytes do not
         * wait a round trip. A refusal then shows as an exception of read and write.
         *
         * @param eager default {@code false}
         * @return this
         */
        public Builder eager(boolean eager) {
            return set(EAGER, eager);
        }

        /**
         * How much better another path's score has to be before quality moves the flow. Mode prime.
         *
         * @param share share of the current score, at least 0 and below 1; default 0.25
         * @return this
         */
        public Builder hysteresis(double share) {
            return set(HYSTERESIS, share);
        }

        /**
         * How much better another path's score has to be at least. Mode prime.
         *
         * @param floor default 2 ms
         * @return this
         */
        public Builder qualityFloor(Duration floor) {
            return set(QUALITY_FLOOR, floor);
        }

        /**
         * How long another path has to stay better in mode prime; and, whatever the mode, how long a preferred path has to
         * answer again before a selector returns to it.
         *
         * @param dwell default 5 s
         * @return this
         */
        public Builder dwell(Duration dwell) {
            return set(DWELL, dwell);
        }

        /**
         * The time after a move in which quality moves nothing. Mode prime.
         *
         * @param cooldown default 30 s
         * @return this
         */
        public Builder cooldown(Duration cooldown) {
            return set(COOLDOWN, cooldown);
        }

        /**
         * How long a flow without any path waits before reads and writes fail with
         * {@link MigrationBudgetExceededException}. The smaller one of both ends counts.
         *
         * @param budget default 90 s; higher values are lowered to 90 s
         * @return this
         */
        public Builder migrationBudget(Duration budget) {
            return set(MIGRATION_BUDGET, budget);
        }

        /**
         * Time between probes of a path while the flow is in use.
         *
         * @param interval 10 ms to 1 min, default 1 s
         * @return this
         */
        public Builder probeInterval(Duration interval) {
            return set(PROBE_INTERVAL, interval);
        }

        /**
         * How many moves without any progress end the flow with {@link ZombiePeerException}.
         *
         * @param migrations at least 1, default 2
         * @return this
         */
        public Builder zombieMaxMigrations(int migrations) {
            return set(ZOMBIE_MAX_MIGRATIONS, migrations);
        }

        /**
         * The time after which moves without progress are forgotten.
         *
         * @param cooldown default 30 s
         * @return this
         */
        public Builder zombieCooldown(Duration cooldown) {
            return set(ZOMBIE_COOLDOWN, cooldown);
        }

        /**
         * When a path of a flat bond counts as stuck.
         *
         * @param multiplier above 1, default 3.0
         * @return this
         */
        @Provisional
        public Builder bondStuckRttMultiplier(double multiplier) {
            return set(BOND_STUCK, multiplier);
        }

        /**
         * The share of the payload that a flat selector sends on a second path too.
         *
         * @param share 0 to 1, default 0
         * @return this
         */
        public Builder duplication(double share) {
            return set(DUPLICATION, share);
        }

        /**
         * Packet flows: how long a lost packet is sent again.
         *
         * @param ttl 0 to 60 s, default 2 s; 0 = {@link DeliveryClass#BEST_EFFORT}
         * @return this
         */
        @Provisional
        public Builder repairTtl(Duration ttl) {
            return set(REPAIR_TTL, ttl);
        }

        /**
         * Packet flows: the largest packet. The smaller one of both ends counts.
         *
         * @param bytes 1 to 60,000, default 1,100
         * @return this
         */
        @Provisional
        public Builder maxPacketSize(int bytes) {
            return set(MAX_PACKET_SIZE, bytes);
        }

        /**
         * How long dial may take, all paths together.
         *
         * @param timeout default 10 s
         * @return this
         */
        public Builder dialTimeout(Duration timeout) {
            return set(DIAL_TIMEOUT, timeout);
        }

        /**
         * The pauses before a dead path is dialed again: from {@code min}, doubled up to {@code max}, with jitter.
         *
         * @param min default 250 ms
         * @param max default 4 s
         * @return this
         */
        public Builder redialBackoff(Duration min, Duration max) {
            set(REDIAL_BACKOFF_MIN, min);
            return set(REDIAL_BACKOFF_MAX, max);
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
         * What the peer's application gets to see with the flow, replacing what was given before.
         *
         * @param metadata at most 60 entries, {@value DialerConfig#MAX_METADATA_BYTES} bytes together; a name has
         *     at most 64 bytes and does not begin with {@code rendr.}
         * @return this
         */
        public Builder metadata(Map<String, String> metadata) {
            this.metadata.clear();
            this.metadata.putAll(metadata);
            return this;
        }

        /**
         * Adds to what the peer's application gets to see with the flow.
         *
         * @param name name of the entry
         * @param value its value
         * @return this
         */
        public Builder metadata(String name, String value) {
            metadata.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
            return this;
        }

        /**
         * The original addresses of a captured connection, for the peer.
         *
         * @param identity the addresses
         * @return this
         */
        @Provisional
        public Builder l3Identity(L3Identity identity) {
            return set(L3_IDENTITY, identity);
        }

        /**
         * The instance that has to answer; another one is refused.
         *
         * @param instance the instance; default: any
         * @return this
         */
        public Builder expectPeer(InstanceId instance) {
            return set(EXPECT_PEER, instance);
        }

        /**
         * A transport for this dialer alone. It wins over those of the runtime of the same name.
         *
         * @param transport the transport
         * @return this
         */
        public Builder transport(Transport transport) {
            transports.add(Objects.requireNonNull(transport, "transport"));
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
        public DialerConfig build() {
            Settings settings = draft.settings();
            Settings.Draft check = draft.copy();
            Target root = root(settings, check);
            Duration min = settings.get(REDIAL_BACKOFF_MIN);
            Duration max = settings.get(REDIAL_BACKOFF_MAX);
            if (min.compareTo(max) > 0) {
                check.problem("redialBackoffMin (" + OptionText.formatDuration(min)
                        + ") must not be above redialBackoffMax (" + OptionText.formatDuration(max) + ").");
            }
            checkMetadata(check);
            Settings.checkTransports(transports, check);
            check.throwIfAny(WHAT);
            return new DialerConfig(this, settings, Objects.requireNonNull(root));
        }

        /** The tree; null if there is none to build, in which case a problem has been noted. */
        private @Nullable Target root(Settings settings, Settings.Draft check) {
            Target tree = settings.find(TARGET).orElse(null);
            if (tree != null && !paths.isEmpty()) {
                check.problem("target and path exclude one another: put the paths into the tree.");
            }
            if (tree != null && settings.isSet(MODE)) {
                check.problem("target and mode exclude one another: the tree says how its paths are used.");
            }
            if (tree == null && !paths.isEmpty()) {
                tree = flat(settings);
            }
            if (tree == null) {
                if (!check.hasProblems()) {
                    check.problem("no path: add one with path(\"tcp://host:port\"), or a tree with target(..).");
                }
                return null;
            }
            check.attempt(tree::check);
            String primary = settings.find(PRIMARY).orElse(null);
            List<String> names = tree.leaves().stream().map(Target::name).toList();
            if (primary != null && !names.contains(primary)) {
                check.problem("primary names no path: '" + primary + "'." + Names.didYouMean(primary, names)
                        + " Paths: " + String.join(", ", names) + ".");
            }
            if (primary == null && settings.get(PRIMARY_REQUIRED)) {
                check.problem("primaryRequired needs primary: name the path that has to be opened.");
            }
            return tree;
        }

        private Target flat(Settings settings) {
            List<Target> leaves = new ArrayList<>();
            paths.forEach(spec -> leaves.add(Target.path(spec)));
            Mode mode = settings.find(MODE).orElse(null);
            if (mode == Mode.RACE) {
                return new Target.Race(ROOT, leaves);
            }
            if (mode == Mode.BOND) {
                return new Target.Bond(ROOT, leaves, settings.get(BOND_STUCK));
            }
            QualityPolicy quality = mode == Mode.PRIME ? qualityOf(settings) : null;
            return new Target.Selector(ROOT, leaves, quality, settings.get(DUPLICATION));
        }

        private void checkMetadata(Settings.Draft check) {
            int bytes = 0;
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                String name = entry.getKey();
                bytes += 3 + utf8Length(name) + utf8Length(entry.getValue());
                if (name.isEmpty() || utf8Length(name) > MAX_METADATA_NAME || name.startsWith(RESERVED)) {
                    check.problem("the name of a metadata entry has 1 to " + MAX_METADATA_NAME
                            + " bytes and does not begin with '" + RESERVED + "': '" + name + "'.");
                }
            }
            if (metadata.size() > MAX_METADATA_ENTRIES) {
                check.problem(
                        "metadata has " + metadata.size() + " entries, at most " + MAX_METADATA_ENTRIES + " fit.");
            }
            if (bytes > MAX_METADATA_BYTES) {
                check.problem("metadata has " + bytes + " bytes, at most " + MAX_METADATA_BYTES
                        + " fit into the handshake; send the rest over the connection.");
            }
        }

        private static int utf8Length(String text) {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }
    }
}
