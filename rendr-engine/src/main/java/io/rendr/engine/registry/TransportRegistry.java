// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.registry;

import io.rendr.InvalidConfigException;
import io.rendr.PathSpec;
import io.rendr.RendrConfig;
import io.rendr.Transport;
import io.rendr.UnknownTransportException;
import io.rendr.spi.PathFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transports of a runtime, or of one dialer or acceptor that brings some of its own. Immutable.
 *
 * <p>A name means one transport. Two that were given as objects, or one that was given and one that was found, are an
 * error; of two that were found the higher priority counts. What a dialer or acceptor brings wins over the runtime's, for
 * that dialer or acceptor.
 */
public final class TransportRegistry {
    private static final Logger LOG = LoggerFactory.getLogger(TransportRegistry.class);

    private record Entry(PathFactory factory, String origin) {
        @Nullable
        String unavailable() {
            try {
                return factory.unavailable().orElse(null);
            } catch (RuntimeException | LinkageError e) {
                return "it failed to say whether it is available: " + e;
            }
        }

        String text() {
            String reason = unavailable();
            return reason == null ? origin : "(unavailable: " + reason + ")";
        }
    }

    private final Map<String, Entry> entries;
    private final List<String> skipped;

    private TransportRegistry(Map<String, Entry> entries, List<String> skipped) {
        this.entries = entries;
        this.skipped = skipped;
    }

    /**
     * The transports of a runtime: those of the configuration, those an embedder bound, and those on the class path.
     *
     * @param bound what an embedder bound besides the configuration
     * @throws InvalidConfigException if a name is taken twice, or a transport cannot make paths
     */
    public static TransportRegistry of(RendrConfig config, Collection<PathFactory> bound) {
        List<String> problems = new ArrayList<>();
        Map<String, Entry> entries = new TreeMap<>();
        Set<Transport> given = new LinkedHashSet<>(config.transports());
        given.addAll(bound);
        given.forEach(transport -> addGiven(transport, entries, problems));
        List<String> skipped = List.of();
        if (config.discoverTransports()) {
            Discovery discovery = new Discovery(loaders(config.classLoader()));
            addFound(discovery.found(), entries, problems);
            skipped = List.copyOf(discovery.skipped());
        }
        throwIfAny("transports", problems);
        return new TransportRegistry(entries, skipped);
    }

    /**
     * These transports and the given ones, which win.
     *
     * @param own transports of one dialer or acceptor
     * @throws InvalidConfigException if two of them have the same name, or one cannot make paths
     */
    public TransportRegistry with(Collection<Transport> own) {
        if (own.isEmpty()) {
            return this;
        }
        List<String> problems = new ArrayList<>();
        Map<String, Entry> theirs = new TreeMap<>();
        own.forEach(transport -> addGiven(transport, theirs, problems));
        throwIfAny("transports", problems);
        Map<String, Entry> all = new TreeMap<>(entries);
        all.putAll(theirs);
        return new TransportRegistry(all, skipped);
    }

    /**
     * The transport of a path.
     *
     * @throws UnknownTransportException if there is none of that name; lists what there is
     * @throws InvalidConfigException if the path has an option that its transport does not know
     */
    public PathFactory of(PathSpec spec) {
        Entry entry = entries.get(spec.transport());
        if (entry == null) {
            Map<String, String> known = new LinkedHashMap<>();
            entries.forEach((name, e) -> known.put(name, e.text()));
            throw new UnknownTransportException(spec.transport(), spec, known, skipped);
        }
        spec.check(entry.factory);
        return entry.factory;
    }

    /**
     * Makes sure that a transport of this registry can open paths and endpoints here and now.
     *
     * @throws InvalidConfigException if it cannot; with its reason
     */
    public void checkAvailable(PathFactory factory) {
        for (Entry entry : entries.values()) {
            String reason = entry.factory == factory ? entry.unavailable() : null;
            if (reason != null) {
                throw new InvalidConfigException(
                        "transport '" + factory.transport() + "'", List.of("it is unavailable: " + reason));
            }
        }
    }

    /** All of them, by name. */
    public List<Transport> all() {
        return entries.values().stream().<Transport>map(Entry::factory).toList();
    }

    /** Those that can open something here and now, by name. */
    public List<Transport> available() {
        return entries.values().stream()
                .filter(entry -> entry.unavailable() == null)
                .<Transport>map(Entry::factory)
                .toList();
    }

    /** What was found and cannot be used, each a phrase. */
    public List<String> skipped() {
        return skipped;
    }

    /** Closes every transport; what one of them throws is logged. */
    public void close() {
        for (Entry entry : entries.values()) {
            try {
                entry.factory.close();
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("transport {} failed to close", entry.origin, e);
            }
        }
    }

    static String nameOf(Transport transport) {
        String name = transport.transport();
        if (name == null || !name.matches("[a-z][a-z0-9+.-]*")) {
            throw new IllegalArgumentException("'" + name
                    + "' is not the name of a transport: lower-case letters, digits, '+', '-', '.', a letter first");
        }
        return name;
    }

    private static void addGiven(Transport transport, Map<String, Entry> entries, List<String> problems) {
        Class<?> type = transport.getClass();
        if (!(transport instanceof PathFactory factory)) {
            problems.add("transport '" + transport.transport() + "' (" + type.getName()
                    + ") cannot make paths: it has to implement " + PathFactory.class.getName() + ".");
            return;
        }
        try {
            String name = nameOf(factory);
            Entry before = entries.putIfAbsent(name, new Entry(factory, "(given: " + type.getName() + ")"));
            if (before != null) {
                problems.add("two transports named '" + name + "' were given: "
                        + before.factory.getClass().getName() + " and " + type.getName() + ". Give one.");
            }
        } catch (IllegalArgumentException e) {
            problems.add(type.getName() + ": " + e.getMessage() + ".");
        }
    }

    private static void addFound(List<PathFactory> found, Map<String, Entry> entries, List<String> problems) {
        Map<String, Entry> best = new TreeMap<>();
        for (PathFactory factory : found) {
            Entry entry = new Entry(factory, Origin.of(factory.getClass()));
            Entry other = best.get(factory.transport());
            if (other != null && other.factory.priority() == factory.priority()) {
                problems.add("two transports named '" + factory.transport() + "' with priority " + factory.priority()
                        + " were found: " + title(other) + " and " + title(entry) + ". Remove one of the jars.");
            } else if (other == null || factory.priority() > other.factory.priority()) {
                best.put(factory.transport(), entry);
            }
        }
        best.forEach((name, entry) -> {
            Entry given = entries.putIfAbsent(name, entry);
            if (given != null) {
                problems.add("transport '" + name + "' was given ("
                        + given.factory.getClass().getName()
                        + ") and would hide the one that was found: " + title(entry)
                        + ". Give it to the dialer or acceptor instead, or set discoverTransports(false).");
            }
        });
    }

    private static String title(Entry entry) {
        return entry.factory.getClass().getName() + " " + entry.origin;
    }

    private static List<ClassLoader> loaders(Optional<ClassLoader> configured) {
        List<ClassLoader> loaders = new ArrayList<>();
        configured.ifPresent(loaders::add);
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (configured.isEmpty() && context != null) {
            loaders.add(context);
        }
        loaders.add(TransportRegistry.class.getClassLoader());
        return loaders;
    }

    private static void throwIfAny(String what, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new InvalidConfigException(what, problems);
        }
    }
}
