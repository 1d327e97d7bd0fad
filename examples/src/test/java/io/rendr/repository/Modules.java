// SPDX-License-Identifier: Apache-2.0
package io.rendr.repository;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The modules of this build, and their compiled classes as they are on the class path. */
final class Modules {
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

    private Modules() {}

    /** The directory of the parent pom. */
    static Path root() {
        return Path.of("").toAbsolutePath().getParent();
    }

    /** Every module that the parent pom names. */
    static List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        Matcher m = MODULE.matcher(Files.readString(root().resolve("pom.xml")));
        while (m.find()) {
            names.add(m.group(1));
        }
        return names;
    }

    /** The compiled classes of {@code module}, by path inside it: from its jar, or its directory before it is packed. */
    static Map<String, byte[]> classes(String module) throws IOException {
        Path target = root().resolve(module).resolve("target");
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry).toAbsolutePath();
            if (path.equals(target.resolve("classes"))) {
                return classFilesBelow(path);
            }
            if (target.equals(path.getParent()) && entry.endsWith(".jar")) {
                try (FileSystem jar = FileSystems.newFileSystem(path)) {
                    return classFilesBelow(jar.getPath("/"));
                }
            }
        }
        throw new IllegalStateException(
                "'" + module + "' is not on the class path of these checks: make it a test dependency of this module");
    }

    private static Map<String, byte[]> classFilesBelow(Path root) throws IOException {
        Map<String, byte[]> classes = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            files.filter(f -> f.toString().endsWith(".class"))
                    .forEach(f -> classes.put(root.relativize(f).toString(), read(f)));
        }
        return classes;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
