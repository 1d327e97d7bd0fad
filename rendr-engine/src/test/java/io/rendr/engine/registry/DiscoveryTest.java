// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.InvalidConfigException;
import io.rendr.PathSpec;
import io.rendr.RendrConfig;
import io.rendr.UnknownTransportException;
import io.rendr.spi.PathFactory;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars with providers that are broken in every way that a class path allows, and a good one among them. */
class DiscoveryTest {
    private static final String SERVICE = "META-INF/services/" + PathFactory.class.getName();

    @TempDir
    private Path folder;

    @Test
    void brokenProvidersAreSkippedAndTold() throws Exception {
        Path classes = compile(Map.of(
                "Good", factory("Good", "good", "", ""),
                "Throws", factory("Throws", "throws", "", "throw new IllegalStateException(\"no native code\");"),
                "Initializer", factory("Initializer", "init", "static final int X = Integer.parseInt(\"x\");", ""),
                "Parent", "package acme; public class Parent {}",
                "Orphan", factory("Orphan extends Parent", "orphan", "", ""),
                "Nameless", factory("Nameless", "BAD NAME", "", ""),
                "Stranger", "package acme; public class Stranger {}"));
        Path bad = jar(
                "bad-0.3.jar",
                classes,
                List.of("Throws", "Initializer", "Orphan", "Nameless", "Stranger"),
                "acme.Missing\nacme.Orphan\nacme.Throws\nacme.Initializer\nacme.Stranger\nacme.Nameless\n");
        Path good = jar("good-1.0.jar", classes, List.of("Good"), "# the good one\nacme.Good\n");
        try (URLClassLoader loader = loader(bad, good)) {
            TransportRegistry registry = registry(loader);
            assertThat(registry.of(PathSpec.of("good://x"))).isNotNull();
            assertThat(registry.skipped().stream().filter(s -> s.startsWith("acme.")))
                    .anySatisfy(s ->
                            assertThat(s).contains("acme.Missing in bad-0.3.jar (Provider acme.Missing not found)"))
                    .anySatisfy(s -> assertThat(s)
                            .contains("acme.Throws in bad-0.3.jar (IllegalStateException: no native code)"))
                    .anySatisfy(s -> assertThat(s).contains("acme.Initializer in bad-0.3.jar (NumberFormatException"))
                    .anySatisfy(s ->
                            assertThat(s).contains("acme.Orphan in bad-0.3.jar (NoClassDefFoundError: acme/Parent)"))
                    .anySatisfy(s -> assertThat(s).contains("acme.Stranger in bad-0.3.jar (", "not a subtype"))
                    .anySatisfy(s -> assertThat(s).contains("acme.Nameless in bad-0.3.jar (", "BAD NAME"))
                    .hasSize(6);
            assertThatThrownBy(() -> registry.of(PathSpec.of("goud://x")))
                    .isInstanceOf(UnknownTransportException.class)
                    .hasMessageContaining("Did you mean 'good'?")
                    .hasMessageContaining("good (good-1.0.jar)")
                    .hasMessageContaining("\nSkipped: ")
                    .hasMessageContaining("acme.Throws in bad-0.3.jar");
        }
    }

    @Test
    void ofTwoOfOneNameTheHigherPriorityCounts() throws Exception {
        Path classes = compile(Map.of(
                "Low", factory("Low", "same", "", ""),
                "High", factory("High", "same", "public int priority() { return 5; }", "")));
        Path low = jar("low.jar", classes, List.of("Low"), "acme.Low");
        Path high = jar("high.jar", classes, List.of("High"), "acme.High");
        try (URLClassLoader loader = loader(low, high)) {
            PathFactory chosen = registry(loader).of(PathSpec.of("same://x"));
            assertThat(chosen.getClass().getName()).isEqualTo("acme.High");
        }
    }

    @Test
    void aTieAndAHiddenOneFailAndNameTheJars() throws Exception {
        Path classes = compile(Map.of("One", factory("One", "same", "", ""), "Two", factory("Two", "same", "", "")));
        Path one = jar("one.jar", classes, List.of("One"), "acme.One");
        Path two = jar("two.jar", classes, List.of("Two"), "acme.Two");
        try (URLClassLoader loader = loader(one, two)) {
            assertThatThrownBy(() -> registry(loader))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining("acme.One (one.jar)")
                    .hasMessageContaining("acme.Two (two.jar)");
        }
        try (URLClassLoader loader = loader(one)) {
            RendrConfig hides = RendrConfig.builder()
                    .classLoader(loader)
                    .transport(new NamedTransport("same"))
                    .build();
            assertThatThrownBy(() -> TransportRegistry.of(hides, List.of()))
                    .isInstanceOf(InvalidConfigException.class)
                    .hasMessageContaining("one.jar")
                    .hasMessageContaining("discoverTransports(false)");
        }
    }

    private static TransportRegistry registry(ClassLoader loader) {
        return TransportRegistry.of(RendrConfig.builder().classLoader(loader).build(), List.of());
    }

    private static String factory(String header, String transport, String members, String constructor) {
        return """
                package acme;
                public class %s implements io.rendr.spi.StreamPathFactory {
                    %s
                    public %s() { if (true) { %s } }
                    public String transport() { return "%s"; }
                    public java.util.concurrent.CompletionStage<io.rendr.spi.StreamCarrier> dial(
                            io.rendr.spi.DialRequest r) {
                        return null;
                    }
                }
                """.formatted(header, members, header.split(" ")[0], constructor, transport);
    }

    private Path compile(Map<String, String> sources) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        Path source = Files.createDirectories(folder.resolve("source"));
        List<String> arguments = new ArrayList<>(
                List.of("-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none"));
        for (Map.Entry<String, String> one : sources.entrySet()) {
            Path file = Files.writeString(source.resolve(one.getKey() + ".java"), one.getValue());
            arguments.add(file.toString());
        }
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(result).isZero();
        return classes;
    }

    private Path jar(String name, Path classes, List<String> types, String services) throws IOException {
        Path jar = folder.resolve(name);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry(SERVICE));
            out.write(services.getBytes(StandardCharsets.UTF_8));
            for (String type : types) {
                out.putNextEntry(new JarEntry("acme/" + type + ".class"));
                out.write(Files.readAllBytes(classes.resolve("acme/" + type + ".class")));
            }
        }
        return jar;
    }

    private static URLClassLoader loader(Path... jars) throws IOException {
        URL[] urls = new URL[jars.length];
        for (int i = 0; i < jars.length; i++) {
            urls[i] = jars[i].toUri().toURL();
        }
        return new URLClassLoader(urls, DiscoveryTest.class.getClassLoader());
    }
}
