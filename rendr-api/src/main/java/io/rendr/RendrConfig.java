// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The settings of a runtime, see {@link Rendr#create(RendrConfig)}. Immutable; the defaults are good for most. */
public final class RendrConfig {
    private static final String WHAT = "RendrConfig";
    private static final String PSK = "psk";
    private static final List<String> FAMILIES = List.of(PSK);

    private static final OptionKey<Boolean> DISCOVER_TRANSPORTS =
            OptionKey.flag("discoverTransports", true, "Whether transports on the class or module path are used.");
    private static final OptionKey<Long> MEMORY_BUDGET = OptionKey.bytes(
                    "memoryBudget", 0L, "Bytes that all flows together may buffer; 0 = a quarter of the direct memory.")
            .where(b -> b == 0 || b >= 1 << 20, "be 0 or at least 1MiB");
    private static final OptionKey<Integer> MAX_FLOWS = OptionKey.integer(
                    "maxFlows", 0, "Flows admitted at a time; 0 = as many as the memory budget can serve.")
            .between(0, Integer.MAX_VALUE);
    private static final OptionKey<Integer> IO_THREADS = OptionKey.integer(
                    "ioThreads", 0, "Event loops; 0 = one for each processor, at most 4.")
            .between(0, 1024);
    private static final OptionKey<Duration> LINGER = OptionKey.duration(
                    "linger", Duration.ofSeconds(30), "How long a closed connection may take to deliver its tail.")
            .between(Duration.ZERO, Duration.ofHours(1));

    private static final OptionKey<Double> HANDSHAKE_CPU = OptionKey.decimal(
                    "handshakeCpu",
                    0.25,
                    "Share of one processor for key agreement with dialers that do not prove themselves; beyond it they"
                            + " are refused.")
            .between(0.001, 1024.0);

    private static final List<OptionKey<?>> SETTINGS =
            List.of(DISCOVER_TRANSPORTS, MEMORY_BUDGET, MAX_FLOWS, IO_THREADS, LINGER, HANDSHAKE_CPU);

    private final Settings settings;
    private final List<Transport> transports;
    private final List<PreSharedKey> preSharedKeys;
    private final @Nullable ClassLoader classLoader;
    private final @Nullable Executor blockingExecutor;
    private final @Nullable Executor callbackExecutor;

    private RendrConfig(Builder b, Settings settings) {
        this.settings = settings;
        this.transports = List.copyOf(b.transports);
        this.preSharedKeys = List.copyOf(b.preSharedKeys);
        this.classLoader = b.classLoader;
        this.blockingExecutor = b.blockingExecutor;
        this.callbackExecutor = b.callbackExecutor;
    }

    /** {@return a builder with the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads a configuration from texts: the names of {@link #settings()}, and {@code psk.1}, {@code psk.2}, ... for the
     * pre-shared keys in order, each written {@code id:base64}.
     *
     * @param map names and texts
     * @return the configuration
     * @throws InvalidConfigException if a name is unknown or anything is wrong; lists every problem
     */
    public static RendrConfig of(Map<String, String> map) {
        Builder b = builder();
        b.draft.read(map, FAMILIES, name -> {
            if (!Settings.isNumbered(name, PSK)) {
                b.draft.unknown(name, FAMILIES);
            }
        });
        for (String text : Settings.numbered(map, PSK)) {
            b.draft.attempt(() -> b.preSharedKeys.add(PreSharedKey.parse(text)));
        }
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
        b.transports.addAll(transports);
        b.preSharedKeys.addAll(preSharedKeys);
        b.classLoader = classLoader;
        b.blockingExecutor = blockingExecutor;
        b.callbackExecutor = callbackExecutor;
        return b;
    }

    /**
     * What was set, as texts that {@link #of(Map)} reads. <b>Holds the pre-shared keys.</b> Transports, class loader and
     * executors are objects and not included.
     *
     * @return names and texts
     */
    public Map<String, String> toMap() {
        Map<String, String> map = settings.toMap();
        Settings.putNumbered(
                map, PSK, preSharedKeys.stream().map(PreSharedKey::toText).toList());
        return Collections.unmodifiableMap(map);
    }

    /** {@return transports given as objects; one of the same name as a discovered one is an error of the runtime} */
    public List<Transport> transports() {
        return transports;
    }

    /** {@return whether transports on the class or module path are used; default {@code true}} */
    public boolean discoverTransports() {
        return settings.get(DISCOVER_TRANSPORTS);
    }

    /** {@return keys that both ends know: an acceptor takes any, a dialer uses the first; default none} */
    public List<PreSharedKey> preSharedKeys() {
        return preSharedKeys;
    }

    /** {@return bytes that all flows together may buffer; 0 = a quarter of the JVM's direct-memory limit, the default} */
    public long memoryBudget() {
        return settings.get(MEMORY_BUDGET);
    }

    /** {@return flows admitted at a time; 0 = as many as the memory budget can serve, the default} */
    public int maxFlows() {
        return settings.get(MAX_FLOWS);
    }

    /** {@return number of event loops; 0 = one for each processor, at most 4; the default} */
    public int ioThreads() {
        return settings.get(IO_THREADS);
    }

    /** {@return how long a closed connection may take to deliver its tail; default 30 s} */
    public Duration linger() {
        return settings.get(LINGER);
    }

    /**
     * {@return the share of one processor for key agreement with dialers that do not prove themselves; default 0.25}
     */
    public double handshakeCpu() {
        return settings.get(HANDSHAKE_CPU);
    }

    /** {@return where engine and transports are looked for first; empty = the thread's context loader} */
    public Optional<ClassLoader> classLoader() {
        return Optional.ofNullable(classLoader);
    }

    /** {@return where transports run what blocks; empty = threads of the runtime} */
    public Optional<Executor> blockingExecutor() {
        return Optional.ofNullable(blockingExecutor);
    }

    /** {@return where the application's callbacks run; empty = virtual threads, or a cached pool before Java 21} */
    public Optional<Executor> callbackExecutor() {
        return Optional.ofNullable(callbackExecutor);
    }

    /** Equal settings and keys, and the same objects. */
    @Override
    public boolean equals(Object other) {
        return other instanceof RendrConfig that
                && settings.equals(that.settings)
                && transports.equals(that.transports)
                && preSharedKeys.equals(that.preSharedKeys)
                && Objects.equals(classLoader, that.classLoader)
                && Objects.equals(blockingExecutor, that.blockingExecutor)
                && Objects.equals(callbackExecutor, that.callbackExecutor);
    }

    @Override
    public int hashCode() {
        return Objects.hash(settings, transports, preSharedKeys, classLoader, blockingExecutor, callbackExecutor);
    }

    /** {@return what was set, keys hidden} */
    @Override
    public String toString() {
        Map<String, String> shown = settings.shown();
        Settings.putNumbered(
                shown, PSK, preSharedKeys.stream().map(PreSharedKey::toString).toList());
        transports.forEach(
                t -> shown.put("transport " + t.transport(), t.getClass().getName()));
        return WHAT + shown;
    }

    /** Collects a configuration. Nothing is thrown before {@link #build()}. Not thread-safe. */
    public static final class Builder {
        private final Settings.Draft draft = new Settings.Draft(SETTINGS);
        private final List<Transport> transports = new ArrayList<>();
        private final List<PreSharedKey> preSharedKeys = new ArrayList<>();
        private @Nullable ClassLoader classLoader;
        private @Nullable Executor blockingExecutor;
        private @Nullable Executor callbackExecutor;

        private Builder() {}

        /**
         * Adds a transport. A discovered one of the same name is an error; to replace one on purpose use
         * {@link DialerConfig.Builder#transport} or {@link #discoverTransports}.
         *
         * @param transport the transport; closed with the runtime
         * @return this
         */
        public Builder transport(Transport transport) {
            transports.add(Objects.requireNonNull(transport, "transport"));
            return this;
        }

        /**
         * Whether transports on the class or module path are used.
         *
         * @param discover default {@code true}
         * @return this
         */
        public Builder discoverTransports(boolean discover) {
            return set(DISCOVER_TRANSPORTS, discover);
        }

        /**
         * Where engine and transports are looked for first.
         *
         * @param loader default: the thread's context class loader
         * @return this
         */
        public Builder classLoader(ClassLoader loader) {
            this.classLoader = Objects.requireNonNull(loader, "loader");
            return this;
        }

        /**
         * Adds a key that both ends know. An acceptor takes any of its keys, a dialer uses its first.
         *
         * @param id name of the key, 1 to 64 printable ASCII characters without colon; travels in the clear
         * @param key at least 32 bytes from a random source, not a password; copied
         * @return this
         */
        public Builder preSharedKey(String id, byte[] key) {
            draft.attempt(() -> preSharedKeys.add(new PreSharedKey(id, key)));
            return this;
        }

        /**
         * How many bytes all flows together may buffer. Near it new flows are refused; nothing granted is taken back.
         *
         * @param bytes at least 1 MiB; 0 = a quarter of the JVM's direct-memory limit, the default
         * @return this
         */
        public Builder memoryBudget(long bytes) {
            return set(MEMORY_BUDGET, bytes);
        }

        /**
         * How many flows are admitted at a time.
         *
         * @param flows 0 = as many as the memory budget can serve, the default
         * @return this
         */
        public Builder maxFlows(int flows) {
            return set(MAX_FLOWS, flows);
        }

        /**
         * How many event loops there are.
         *
         * @param threads 0 = one for each processor, at most 4; the default
         * @return this
         */
        public Builder ioThreads(int threads) {
            return set(IO_THREADS, threads);
        }

        /**
         * Where transports run what blocks, such as name look-ups. Must be able to run a task per blocked carrier at once.
         *
         * @param executor default: daemon threads of the runtime; not shut down by it
         * @return this
         */
        public Builder blockingExecutor(Executor executor) {
            this.blockingExecutor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Where the application's callbacks and handlers run.
         *
         * @param executor default: virtual threads, or a cached pool of daemon threads before Java 21; not shut down by
         *     the runtime
         * @return this
         */
        public Builder callbackExecutor(Executor executor) {
            this.callbackExecutor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * How long a closed connection may take to deliver its tail, and {@link Rendr#close()} to wait for it.
         *
         * @param linger default 30 s
         * @return this
         */
        public Builder linger(Duration linger) {
            return set(LINGER, linger);
        }

        /**
         * How much time key agreement may take for dialers that do not prove themselves, as a share of one processor.
         * Beyond it they are refused as busy. What a handshake cost is given back when its dialer proves itself, so that
         * only those count that never do. Dialers with a pre-shared key have a share of the same size of their own.
         *
         * @param share default 0.25; a handshake takes some 400 microseconds
         * @return this
         */
        public Builder handshakeCpu(double share) {
            return set(HANDSHAKE_CPU, share);
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
        public RendrConfig build() {
            Settings.Draft check = draft.copy();
            Set<String> ids = new HashSet<>();
            for (PreSharedKey key : preSharedKeys) {
                if (!ids.add(key.id())) {
                    check.problem("two pre-shared keys have the id '" + key.id() + "': give each its own.");
                }
            }
            Settings.checkTransports(transports, check);
            check.throwIfAny(WHAT);
            return new RendrConfig(this, draft.settings());
        }
    }
}
