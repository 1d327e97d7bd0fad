// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Holds {@code docs/defaults.md} equal to the code. After a change run the build with {@code -Drendr.docs.write=true}, which
 * writes the page anew.
 */
class DefaultsTest {
    private static final Path PAGE = Path.of("..", "docs", "defaults.md");

    private static String page() {
        return """
                # Defaults

                Every setting, its type and its default, by the name it has in a map of texts
                (`DialerConfig.of(Map)`) and in the builders. This page is written from the code by a test.

                Time spans are written with their unit (`250ms`, `10s`, `5m`), sizes as `65536`, `64KiB`, `4MiB`.
                """
                + section("Runtime: `RendrConfig`", RendrConfig.settings())
                + "\nFurther: `psk.1`, `psk.2`, ... pre-shared keys in order, each `id:base64`.\n"
                + section("Dialing: `DialerConfig`", DialerConfig.settings())
                + "\nFurther: `path.1`, `path.2`, ... the paths in order of preference; `metadata.NAME`.\n"
                + section("Accepting: `AcceptorConfig`", AcceptorConfig.settings())
                + "\nFurther: `endpoint.1`, `endpoint.2`, ... where to listen.\n"
                + section("Every path: `tcp://host:port?name=value`", CommonOptions.ALL)
                + section("Paths over TLS", TlsConfig.OPTIONS);
    }

    private static String section(String title, List<OptionKey<?>> keys) {
        StringBuilder out = new StringBuilder("\n## ")
                .append(title)
                .append("\n\n| setting | type | default | |\n|---|---|---|---|\n");
        for (OptionKey<?> key : keys) {
            out.append("| `")
                    .append(key.name())
                    .append("` | ")
                    .append(key.type().replace("|", " \\| "));
            out.append(" | ")
                    .append(defaultOf(key))
                    .append(" | ")
                    .append(key.help())
                    .append(" |\n");
        }
        return out.toString();
    }

    private static <T> String defaultOf(OptionKey<T> key) {
        return key.defaultValue().map(value -> "`" + key.format(value) + "`").orElse("");
    }

    @Test
    void thePageSaysWhatTheCodeDoes() throws IOException {
        if (Boolean.getBoolean("rendr.docs.write")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page());
        }
        assertThat(PAGE)
                .as("run with -Drendr.docs.write=true to write it anew")
                .content()
                .isEqualTo(page());
    }

    @Test
    void gettersReturnTheDocumentedDefaults() {
        DialerConfig dialer = DialerConfig.builder().path("tcp://h:1").build();
        assertThat(dialer.toMap()).containsOnlyKeys("path.1");
        assertThat(dialer.mode()).isEmpty();
        assertThat(dialer.eager()).isFalse();
        assertThat(dialer.quality()).isEqualTo(QualityPolicy.DEFAULT);
        assertThat(dialer.migrationBudget()).hasSeconds(90);
        assertThat(dialer.probeInterval()).hasSeconds(1);
        assertThat(dialer.zombieMaxMigrations()).isEqualTo(2);
        assertThat(dialer.zombieCooldown()).hasSeconds(30);
        assertThat(dialer.bondStuckRttMultiplier()).isEqualTo(3);
        assertThat(dialer.duplication()).isZero();
        assertThat(dialer.repairTtl()).hasSeconds(2);
        assertThat(dialer.maxPacketSize()).isEqualTo(1100);
        assertThat(dialer.dialTimeout()).hasSeconds(10);
        assertThat(dialer.redialBackoffMin()).hasMillis(250);
        assertThat(dialer.redialBackoffMax()).hasSeconds(4);
        assertThat(dialer.protection()).isEqualTo(Protection.SEALED);

        AcceptorConfig acceptor = AcceptorConfig.builder().endpoint("tcp://h:1").build();
        assertThat(acceptor.toMap()).containsOnlyKeys("endpoint.1");
        assertThat(acceptor.backlog()).isEqualTo(128);
        assertThat(acceptor.claimTimeout()).hasSeconds(10);
        assertThat(acceptor.handshakeTimeout()).hasSeconds(10);
        assertThat(acceptor.maxHandshakes()).isEqualTo(1024);
        assertThat(acceptor.handshakesPerSource()).isEqualTo(100);
        assertThat(acceptor.protection()).isEqualTo(Protection.SEALED);
        assertThat(acceptor.migrationBudget()).hasSeconds(90);

        RendrConfig runtime = RendrConfig.builder().build();
        assertThat(runtime.toMap()).isEmpty();
        assertThat(runtime.discoverTransports()).isTrue();
        assertThat(runtime.linger()).hasSeconds(30);
        assertThat(runtime.memoryBudget()).isZero();
        assertThat(runtime.maxFlows()).isZero();
        assertThat(runtime.ioThreads()).isZero();
        assertThat(runtime.handshakeCpu()).isEqualTo(0.25);
    }
}
