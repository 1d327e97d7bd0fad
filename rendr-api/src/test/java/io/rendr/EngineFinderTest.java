// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineFinderTest {
    @TempDir
    Path dir;

    /** An engine that only says that it was asked. */
    public static class Engine implements RendrProvider {
        static final AtomicReference<Class<?>> asked = new AtomicReference<>();

        @Override
        public int apiLevel() {
            return API_LEVEL;
        }

        @Override
        public Rendr create(RendrConfig config) {
            asked.set(getClass());
            throw new UnsupportedOperationException("asked");
        }
    }

    /** An engine that goes before others. */
    public static final class BetterEngine extends Engine {
        @Override
        public int priority() {
            return 1;
        }
    }

    /** An engine of another time. */
    public static final class OldEngine extends Engine {
        @Override
        public int apiLevel() {
            return API_LEVEL - 1;
        }

        @Override
        public int priority() {
            return 9;
        }
    }

    /** An engine that cannot even be loaded. */
    public static final class BrokenEngine extends Engine {
        /** Fails. */
        public BrokenEngine() {
            throw new NoClassDefFoundError("io/missing/Part");
        }
    }

    private RendrConfig with(String... providers) throws IOException {
        Path services = Files.createDirectories(dir.resolve("META-INF/services"));
        Files.write(services.resolve(RendrProvider.class.getName()), java.util.List.of(providers));
        ClassLoader loader =
                new URLClassLoader(new URL[] {dir.toUri().toURL()}, getClass().getClassLoader());
        return RendrConfig.builder().classLoader(loader).build();
    }

    @Test
    void namesTheArtifactToAdd() {
        assertThatThrownBy(Rendr::create)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Add io.rendr:rendr-engine to the class path");
    }

    @Test
    void takesTheHighestPriorityAndPassesOverTheBroken() throws IOException {
        RendrConfig config = with(
                "io.missing.Engine",
                BrokenEngine.class.getName(),
                OldEngine.class.getName(),
                Engine.class.getName(),
                BetterEngine.class.getName());
        assertThatThrownBy(() -> Rendr.create(config)).hasMessage("asked");
        assertThat(Engine.asked).hasValue(BetterEngine.class);
    }

    @Test
    void tellsWhatItPassedOver() throws IOException {
        RendrConfig config = with(BrokenEngine.class.getName(), OldEngine.class.getName(), "io.missing.Engine");
        assertThatThrownBy(() -> Rendr.create(config))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("Skipped: ")
                .hasMessageContaining("io/missing/Part")
                .hasMessageContaining("OldEngine is made for level 0 of rendr-api, this is level 1")
                .hasMessageContaining("io.missing.Engine");
    }
}
