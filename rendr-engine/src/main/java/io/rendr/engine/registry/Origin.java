// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.registry;

import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import org.jspecify.annotations.Nullable;

/** Where a class came from, in words: {@code 1.0 (transport-tcp-1.0.jar)}. */
final class Origin {
    private Origin() {}

    /** Version, if one is known, and jar or folder. */
    static String of(Class<?> type) {
        String version = version(type);
        String place = "(" + place(type) + ")";
        return version == null ? place : version + " " + place;
    }

    private static @Nullable String version(Class<?> type) {
        String ofModule = type.getModule().isNamed()
                ? type.getModule().getDescriptor().rawVersion().orElse(null)
                : null;
        return ofModule != null ? ofModule : type.getPackage().getImplementationVersion();
    }

    /** The jar or folder. */
    static String place(Class<?> type) {
        ProtectionDomain domain = type.getProtectionDomain();
        CodeSource source = domain == null ? null : domain.getCodeSource();
        URL location = source == null ? null : source.getLocation();
        return location == null ? type.getName() : fileName(location);
    }

    /** The jar or folder that a URL points to, or into. */
    static String fileName(URL url) {
        String text = url.toString();
        int inside = text.indexOf("!/");
        if (inside >= 0) {
            text = text.substring(0, inside);
        }
        int service = text.indexOf("META-INF/services/");
        if (service >= 0) {
            text = text.substring(0, service);
        }
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        return text.substring(text.lastIndexOf('/') + 1);
    }
}
