// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.registry;

import io.rendr.spi.PathFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds transports with the {@link ServiceLoader}. What cannot be loaded is skipped and remembered with its jar and the
 * reason; one broken provider never hides another.
 */
final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    private static final String SERVICE_FILE = "META-INF/services/" + PathFactory.class.getName();
    private static final Pattern NAMED = Pattern.compile("Provider ([\\w.$]+)");

    /** A loader that fails again and again without getting anywhere is left alone. */
    private static final int MAX_FAILURES = 1_000;

    private final List<PathFactory> found = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    /** Looks with each loader in turn; what two of them see counts once. */
    Discovery(Collection<ClassLoader> loaders) {
        for (ClassLoader loader : new LinkedHashSet<>(loaders)) {
            look(loader);
        }
        skipped.forEach(s -> LOG.warn("skipped a transport: {}", s));
    }

    /** What can be used, in the order it was found. */
    List<PathFactory> found() {
        return found;
    }

    /** What cannot be used, each a phrase: class, jar, reason. */
    List<String> skipped() {
        return skipped;
    }

    /** With the iterator, not the stream: the stream ends at the first broken provider. */
    private void look(ClassLoader loader) {
        Map<String, String> declared = declared(loader);
        Set<String> accountedFor = new HashSet<>(seen);
        List<Throwable> nameless = new ArrayList<>();
        Iterator<PathFactory> providers =
                ServiceLoader.load(PathFactory.class, loader).iterator();
        for (int failures = 0; failures < MAX_FAILURES; ) {
            try {
                if (!providers.hasNext()) {
                    break;
                }
                PathFactory factory = providers.next();
                accountedFor.add(factory.getClass().getName());
                take(factory);
            } catch (ServiceConfigurationError | LinkageError e) {
                failures++;
                String name = nameIn(e);
                if (name == null) {
                    nameless.add(e);
                } else if (accountedFor.add(name)) {
                    skip(name, declared.get(name), e);
                }
            }
        }
        skipNameless(declared, accountedFor, nameless);
    }

    private void take(PathFactory factory) {
        String name = factory.getClass().getName();
        if (!seen.add(name)) {
            return;
        }
        try {
            TransportRegistry.nameOf(factory);
            found.add(factory);
        } catch (RuntimeException | LinkageError e) {
            skipped.add(name + " in " + Origin.place(factory.getClass()) + " (" + reason(e) + ")");
        }
    }

    /** A {@link LinkageError} of a class that would not even load does not say which: it is one nobody heard of since. */
    private void skipNameless(Map<String, String> declared, Set<String> accountedFor, List<Throwable> errors) {
        List<String> silent = new ArrayList<>(declared.keySet());
        silent.removeAll(accountedFor);
        for (int i = 0; i < errors.size(); i++) {
            String name = i < silent.size() ? silent.get(i) : "a provider of " + PathFactory.class.getName();
            skip(name, declared.get(name), errors.get(i));
        }
    }

    private void skip(String name, @Nullable String place, Throwable error) {
        if (seen.add(name)) {
            skipped.add(name + (place == null ? "" : " in " + place) + " (" + reason(error) + ")");
        }
    }

    private static @Nullable String nameIn(Throwable error) {
        Matcher matcher = NAMED.matcher(String.valueOf(error.getMessage()));
        return error instanceof ServiceConfigurationError && matcher.find() ? matcher.group(1) : null;
    }

    private static String reason(Throwable error) {
        Throwable cause = error;
        boolean wrapper = true;
        while (wrapper && cause.getCause() != null) {
            wrapper = cause instanceof ServiceConfigurationError || cause instanceof ExceptionInInitializerError;
            cause = wrapper ? cause.getCause() : cause;
        }
        if (cause instanceof ServiceConfigurationError) {
            return String.valueOf(cause.getMessage()).replace(PathFactory.class.getName() + ": ", "");
        }
        String kind = cause.getClass().getSimpleName();
        return cause.getMessage() == null ? kind : kind + ": " + cause.getMessage();
    }

    /** The classes that service files name, and the jar of each. Modules declare theirs elsewhere and need no help. */
    private static Map<String, String> declared(ClassLoader loader) {
        Map<String, String> names = new LinkedHashMap<>();
        try {
            for (URL url : Collections.list(loader.getResources(SERVICE_FILE))) {
                read(url, names);
            }
        } catch (IOException e) {
            LOG.warn("cannot read the list of transports of {}", loader, e);
        }
        return names;
    }

    private static void read(URL url, Map<String, String> names) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(url.openStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int comment = line.indexOf('#');
                String name = (comment < 0 ? line : line.substring(0, comment)).strip();
                if (!name.isEmpty()) {
                    names.putIfAbsent(name, Origin.fileName(url));
                }
            }
        }
    }
}
