// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks for an engine. What is broken is passed over and named if nothing else is found. */
final class EngineFinder {
    private final List<String> skipped = new ArrayList<>();
    private @Nullable RendrProvider best;

    RendrProvider find(RendrConfig config) {
        Set<ClassLoader> loaders = new LinkedHashSet<>();
        config.classLoader().ifPresent(loaders::add);
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null) {
            loaders.add(context);
        }
        loaders.add(EngineFinder.class.getClassLoader());
        for (ClassLoader loader : loaders) {
            look(loader);
            if (best != null) {
                return best;
            }
        }
        throw new IllegalStateException(
                "no rendr engine was found. Add io.rendr:rendr-engine to the class path or module"
                        + " path, in the version of rendr-api; in a shaded jar, merge META-INF/services. Looked with "
                        + loaders
                        + " for " + RendrProvider.class.getName() + "." + skippedText());
    }

    private String skippedText() {
        return skipped.isEmpty() ? "" : "\nSkipped: " + String.join("; ", skipped) + ".";
    }

    /** With the iterator, not the stream: one broken provider must not hide those after it. */
    private void look(ClassLoader loader) {
        Iterator<RendrProvider> providers =
                ServiceLoader.load(RendrProvider.class, loader).iterator();
        while (true) {
            try {
                if (!providers.hasNext()) {
                    return;
                }
                consider(providers.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                skipped.add(String.valueOf(e.getMessage()) + (e.getCause() == null ? "" : " (" + e.getCause() + ")"));
            }
        }
    }

    private void consider(RendrProvider provider) {
        int level = provider.apiLevel();
        if (level != RendrProvider.API_LEVEL) {
            skipped.add(provider.getClass().getName() + " is made for level " + level + " of rendr-api, this is level "
                    + RendrProvider.API_LEVEL + "; use the same version of both");
        } else if (best == null || provider.priority() > best.priority()) {
            best = provider;
        }
    }
}
