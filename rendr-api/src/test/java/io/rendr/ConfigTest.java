// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ConfigTest {
    private static final Transport TCP = new Transport() {
        @Override
        public String transport() {
            return "tcp";
        }
    };

    private static byte[] key(int fill) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) fill);
        return key;
    }

    private static DialerConfig.Builder everything() {
        return DialerConfig.builder()
                .mode(Mode.PRIME)
                .path("tcp://lan:1?name=lan&password=hunter2")
                .backup("tcp://lte:1?name=lte")
                .primary("lte", true)
                .eager(true)
                .hysteresis(0.5)
                .qualityFloor(Duration.ofMillis(3))
                .dwell(Duration.ofSeconds(4))
                .cooldown(Duration.ofSeconds(5))
                .migrationBudget(Duration.ofSeconds(60))
                .probeInterval(Duration.ofMillis(500))
                .zombieMaxMigrations(7)
                .zombieCooldown(Duration.ofSeconds(8))
                .bondStuckRttMultiplier(9)
                .duplication(0.1)
                .repairTtl(Duration.ZERO)
                .maxPacketSize(1200)
                .dialTimeout(Duration.ofSeconds(11))
                .redialBackoff(Duration.ofMillis(12), Duration.ofSeconds(13))
                .protection(Protection.NONE)
                .expectPeer(new InstanceId(1, 2))
                .l3Identity(
                        new L3Identity(6, new InetSocketAddress("10.0.0.1", 4711), new InetSocketAddress("::1", 443)))
                .metadata(Map.of("user", "bob"));
    }

    @Test
    void everyDialerSettingGoesThroughTheMapAndBack() {
        DialerConfig config = everything().build();
        Map<String, String> map = config.toMap();

        DialerConfig back = DialerConfig.of(map);
        assertThat(back).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(back.toMap()).isEqualTo(map);
        assertThat(back.toBuilder().build()).isEqualTo(config);
        // Settings that this test forgot would be missing here; target excludes mode.
        List<String> names = DialerConfig.settings().stream()
                .map(OptionKey::name)
                .filter(n -> !n.equals("target"))
                .toList();
        assertThat(map.keySet()).containsAll(names).contains("path.1", "path.2", "metadata.user");

        assertThat(back.mode()).contains(Mode.PRIME);
        assertThat(back.paths()).extracting(PathSpec::name).containsExactly("lan", "lte");
        assertThat(back.paths().get(1).option(CommonOptions.BACKUP)).isTrue();
        assertThat(back.primary()).contains("lte");
        assertThat(back.primaryRequired()).isTrue();
        assertThat(back.eager()).isTrue();
        assertThat(back.quality())
                .isEqualTo(new QualityPolicy(0.5, Duration.ofMillis(3), Duration.ofSeconds(4), Duration.ofSeconds(5)));
        assertThat(back.migrationBudget()).isEqualTo(Duration.ofSeconds(60));
        assertThat(back.probeInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(back.zombieMaxMigrations()).isEqualTo(7);
        assertThat(back.zombieCooldown()).isEqualTo(Duration.ofSeconds(8));
        assertThat(back.bondStuckRttMultiplier()).isEqualTo(9);
        assertThat(back.duplication()).isEqualTo(0.1);
        assertThat(back.repairTtl()).isZero();
        assertThat(back.maxPacketSize()).isEqualTo(1200);
        assertThat(back.dialTimeout()).isEqualTo(Duration.ofSeconds(11));
        assertThat(back.redialBackoffMin()).isEqualTo(Duration.ofMillis(12));
        assertThat(back.redialBackoffMax()).isEqualTo(Duration.ofSeconds(13));
        assertThat(back.protection()).isEqualTo(Protection.NONE);
        assertThat(back.expectPeer()).contains(new InstanceId(1, 2));
        assertThat(back.l3Identity()).isEqualTo(config.l3Identity()).isPresent();
        assertThat(back.metadata()).containsExactly(Map.entry("user", "bob"));
    }

    @Test
    void theFlatFormIsATree() {
        List<Target> leaves = List.of(Target.path("tcp://a:1"), Target.path("tcp://b:1"));
        DialerConfig.Builder flat = DialerConfig.builder().path("tcp://a:1").path("tcp://b:1");

        assertThat(flat.build().target()).isEqualTo(new Target.Selector("main", leaves, null, 0));
        assertThat(flat.mode(Mode.PRIME).build().target())
                .isEqualTo(new Target.Selector("main", leaves, QualityPolicy.DEFAULT, 0));
        assertThat(flat.mode(Mode.RACE).build().target()).isEqualTo(new Target.Race("main", leaves));
        assertThat(flat.mode(Mode.BOND).bondStuckRttMultiplier(4).build().target())
                .isEqualTo(new Target.Bond("main", leaves, 4));
    }

    @Test
    void aTreeGoesThroughTheMapAndBack() {
        DialerConfig config = DialerConfig.builder()
                .target(Target.selector(
                        "main",
                        Target.race("both", Target.path("tcp://a:1?password=hunter2"), Target.path("tcp://b:1"))))
                .build();
        assertThat(DialerConfig.of(config.toMap())).isEqualTo(config);
        assertThat(DialerConfig.of(config.toMap()).target()).isEqualTo(config.target());
        assertThat(config.toString()).doesNotContain("hunter2");
    }

    @Test
    void pathsKeepTheOrderOfTheirNumbers() {
        Map<String, String> map = new HashMap<>();
        for (int i = 1; i <= 12; i++) {
            map.put("path." + i, "tcp://h:" + i);
        }
        assertThat(DialerConfig.of(map).paths())
                .extracting(s -> s.socketAddress().getPort())
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    void theBudgetIsLoweredToItsMaximum() {
        DialerConfig dialer = DialerConfig.builder()
                .path("tcp://a:1")
                .migrationBudget(Duration.ofHours(1))
                .build();
        assertThat(dialer.migrationBudget()).isEqualTo(Duration.ofSeconds(90));
        AcceptorConfig acceptor = AcceptorConfig.builder()
                .endpoint("tcp://a:1")
                .migrationBudget(Duration.ofHours(1))
                .build();
        assertThat(acceptor.migrationBudget()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void tellsEveryProblemOfADialer() {
        DialerConfig.Builder bad = DialerConfig.builder()
                .path("tcp://a:1")
                .path("tcp://a:1")
                .path("nonsense")
                .hysteresis(1)
                .migrationBudget(Duration.ZERO)
                .redialBackoff(Duration.ofSeconds(5), Duration.ofSeconds(1))
                .primary("lann", false)
                .metadata("rendr.x", "y".repeat(700))
                .transport(TCP)
                .transport(TCP);

        InvalidConfigException e = catchThrowableOfType(InvalidConfigException.class, bad::build);
        assertThat(e.problems()).hasSize(9);
        assertThat(e)
                .hasMessageStartingWith("DialerConfig has 9 problems:\n  - ")
                .hasMessageContaining("'tcp://a:1' is used twice")
                .hasMessageContaining("'nonsense', character 1: no transport")
                .hasMessageContaining("'hysteresis' must be at least 0 and below 1, not 1.0")
                .hasMessageContaining("'migrationBudget' must be 1ms")
                .hasMessageContaining("redialBackoffMin (5s) must not be above redialBackoffMax (1s)")
                .hasMessageContaining("primary names no path: 'lann'")
                .hasMessageContaining("does not begin with 'rendr.'")
                .hasMessageContaining("metadata has 710 bytes, at most 640")
                .hasMessageContaining("two transports are named 'tcp'");
        assertThatThrownBy(bad::build).hasMessage(e.getMessage());
    }

    @Test
    void aLaterValueReplacesAWrongOne() {
        DialerConfig config = DialerConfig.builder()
                .path("tcp://a:1")
                .hysteresis(7)
                .hysteresis(0.1)
                .build();
        assertThat(config.quality().hysteresis()).isEqualTo(0.1);
    }

    @Test
    void treeAndFlatFormExcludeOneAnother() {
        DialerConfig.Builder both = DialerConfig.builder()
                .target(Target.path("tcp://a:1"))
                .path("tcp://b:1")
                .mode(Mode.RACE);
        assertThatThrownBy(both::build)
                .hasMessageContaining("target and path exclude")
                .hasMessageContaining("target and mode exclude");
        assertThatThrownBy(DialerConfig.builder()::build).hasMessageContaining("no path: add one");
        assertThatThrownBy(AcceptorConfig.builder()::build).hasMessageContaining("no endpoint: add one");
    }

    @Test
    void unknownSettingsNameTheNearestOne() {
        assertThatThrownBy(() -> DialerConfig.of(Map.of("path.1", "tcp://a:1", "migrationbudget", "1s", "path.x", "y")))
                .hasMessageContaining("2 problems")
                .hasMessageContaining("unknown setting 'migrationbudget'. Did you mean 'migrationBudget'?")
                .hasMessageContaining("unknown setting 'path.x'. Did you mean 'path.1'?");
        assertThatThrownBy(() -> RendrConfig.of(Map.of("ioThread", "2"))).hasMessageContaining("'ioThreads'");
        assertThatThrownBy(() -> AcceptorConfig.of(Map.of("endpoints", "2"))).hasMessageContaining("'endpoint.1'");
        assertThatThrownBy(() -> DialerConfig.of(Map.of("path.1", "tcp://a:1", "l3Identity", "6 h1:1 h2:2")))
                .hasMessageContaining("such as '6 10.0.0.1:4711");
        assertThatThrownBy(() -> DialerConfig.of(Map.of("path.1", "tcp://a:1", "expectPeer", "me")))
                .hasMessageContaining("32 hexadecimal digits");
    }

    @Test
    void everyAcceptorSettingGoesThroughTheMapAndBack() {
        AcceptorConfig config = AcceptorConfig.builder()
                .endpoint("tcp://0.0.0.0:1?password=hunter2")
                .endpoint(PathSpec.of("tcp://[::]:2"))
                .backlog(3)
                .claimTimeout(Duration.ofSeconds(4))
                .handshakeTimeout(Duration.ofSeconds(5))
                .maxHandshakes(7)
                .handshakesPerSource(8)
                .protection(Protection.NONE)
                .migrationBudget(Duration.ofSeconds(6))
                .build();
        AcceptorConfig back = AcceptorConfig.of(config.toMap());

        assertThat(back).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(back.toMap().keySet())
                .containsAll(
                        AcceptorConfig.settings().stream().map(OptionKey::name).toList());
        assertThat(back.endpoints()).hasSize(2);
        assertThat(back.backlog()).isEqualTo(3);
        assertThat(back.claimTimeout()).isEqualTo(Duration.ofSeconds(4));
        assertThat(back.handshakeTimeout()).isEqualTo(Duration.ofSeconds(5));
        assertThat(back.maxHandshakes()).isEqualTo(7);
        assertThat(back.handshakesPerSource()).isEqualTo(8);
        assertThat(back.protection()).isEqualTo(Protection.NONE);
        assertThat(back.migrationBudget()).isEqualTo(Duration.ofSeconds(6));
        assertThat(config.toString()).doesNotContain("hunter2");
    }

    @Test
    void anAcceptorKeepsItsHandlers() {
        Consumer<Incoming> admit = Incoming::accept;
        Handler<StreamConn> stream = conn -> {};
        Handler<PacketConn> packet = conn -> {};
        AcceptorConfig config = AcceptorConfig.builder()
                .endpoint("tcp://h:1")
                .admit(admit)
                .onStream(stream)
                .onPacket(packet)
                .transport(TCP)
                .build();
        AcceptorConfig copy = config.toBuilder().build();

        assertThat(copy).isEqualTo(config);
        assertThat(copy.admit()).contains(admit);
        assertThat(copy.onStream()).contains(stream);
        assertThat(copy.onPacket()).contains(packet);
        assertThat(copy.transports()).containsExactly(TCP);
    }

    @Test
    void everyRuntimeSettingGoesThroughTheMapAndBack() {
        RendrConfig config = RendrConfig.builder()
                .discoverTransports(false)
                .preSharedKey("new", key(1))
                .preSharedKey("old", key(2))
                .memoryBudget(64 << 20)
                .maxFlows(100)
                .ioThreads(2)
                .linger(Duration.ofSeconds(3))
                .handshakeCpu(0.5)
                .build();
        RendrConfig back = RendrConfig.of(config.toMap());

        assertThat(back).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(back.toMap().keySet())
                .containsAll(
                        RendrConfig.settings().stream().map(OptionKey::name).toList());
        assertThat(back.preSharedKeys()).extracting(PreSharedKey::id).containsExactly("new", "old");
        assertThat(back.preSharedKeys().get(1).key()).isEqualTo(key(2));
        assertThat(back.discoverTransports()).isFalse();
        assertThat(back.memoryBudget()).isEqualTo(64 << 20);
        assertThat(back.maxFlows()).isEqualTo(100);
        assertThat(back.ioThreads()).isEqualTo(2);
        assertThat(back.handshakeCpu()).isEqualTo(0.5);
        assertThat(back.linger()).isEqualTo(Duration.ofSeconds(3));
        String secret = config.toMap().get("psk.1").substring("new:".length());
        assertThat(config.toString()).contains("psk.1=new:***").doesNotContain(secret);
    }

    @Test
    void aRuntimeKeepsItsObjects() {
        ClassLoader loader = new ClassLoader() {};
        RendrConfig config = RendrConfig.builder()
                .transport(TCP)
                .classLoader(loader)
                .blockingExecutor(Runnable::run)
                .callbackExecutor(Runnable::run)
                .build();
        assertThat(config.toBuilder().build()).isEqualTo(config);
        assertThat(config.classLoader()).contains(loader);
        assertThat(config.transports()).containsExactly(TCP);
    }

    @Test
    void tellsEveryProblemOfARuntime() {
        RendrConfig.Builder bad = RendrConfig.builder()
                .preSharedKey("short", new byte[31])
                .preSharedKey("a:b", key(1))
                .preSharedKey("twice", key(1))
                .preSharedKey("twice", key(2))
                .memoryBudget(5)
                .linger(Duration.ofSeconds(-1));
        assertThatThrownBy(bad::build)
                .hasMessageContaining("RendrConfig has 5 problems")
                .hasMessageContaining("'short' has 31 bytes; it needs 32")
                .hasMessageContaining("'a:b'")
                .hasMessageContaining("two pre-shared keys have the id 'twice'")
                .hasMessageContaining("'memoryBudget' must be 0 or at least 1MiB, not 5")
                .hasMessageContaining("'linger' must be 0s to 3600s");
    }

    @Test
    void aKeyThatCannotBeReadIsNotShown() {
        String notBase64 = "x:" + "Zm9v!".repeat(20);
        assertThatThrownBy(() -> RendrConfig.of(Map.of("psk.1", notBase64)))
                .satisfies(e -> assertThat(e.toString())
                        .contains("pre-shared key 'x' is not base64")
                        .doesNotContain("Zm9v")
                        .doesNotContain("illegal"));
        assertThatThrownBy(() -> RendrConfig.of(Map.of("psk.1", "hunter2")))
                .satisfies(e -> assertThat(e.toString()).contains("id:base64").doesNotContain("hunter2"));
    }
}
