// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValuesTest {
    @Test
    void idsAreTextAndBack() {
        FlowId id = new FlowId(0x0123456789abcdefL, -1);
        assertThat(id).hasToString("0123456789abcdefffffffffffffffff");
        assertThat(FlowId.parse(id.toString())).isEqualTo(id);
        assertThat(InstanceId.parse("0123456789ABCDEFffffffffffffffff")).hasToString(id.toString());
        assertThat(new FlowId(0, -1)).isGreaterThan(new FlowId(0, 1)).isLessThan(new FlowId(-1, 0));
        assertThatThrownBy(() -> FlowId.parse("123")).hasMessageContaining("FlowId wants 32 hexadecimal digits, not 3");
        assertThatThrownBy(() -> InstanceId.parse("x".repeat(32))).hasMessageContaining("InstanceId wants 32");
    }

    @Test
    void scoreIsRttPlusJitterPlusTenMillisecondsPerPercent() {
        PathQuality quality = new PathQuality(Duration.ofMillis(30), Duration.ofMillis(5), 1.5, Instant.EPOCH);
        assertThat(quality.score()).isEqualTo(Duration.ofMillis(50));
        assertThatThrownBy(() -> new PathQuality(Duration.ZERO, Duration.ZERO, Double.NaN, Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void modesChangeThroughPrime() {
        assertThat(Mode.RACE.canChangeTo(Mode.BOND)).isFalse();
        assertThat(Mode.BOND.canChangeTo(Mode.RACE)).isFalse();
        for (Mode mode : Mode.values()) {
            assertThat(mode.canChangeTo(mode)).isTrue();
            assertThat(mode.canChangeTo(Mode.PRIME)).isTrue();
            assertThat(Mode.PRIME.canChangeTo(mode)).isTrue();
        }
    }

    @Test
    void countersHoldEveryCause() {
        ConnCounters counters = new ConnCounters(
                Map.of(ResendCause.DEATH, 7L, ResendCause.LOSS, 5L),
                Map.of(MigrationCause.DEATH, 2L),
                Duration.ZERO,
                Duration.ZERO,
                0,
                0,
                0,
                0);
        assertThat(counters.bytesResent()).hasSize(ResendCause.values().length).containsEntry(ResendCause.RESCUE, 0L);
        assertThat(counters.totalBytesResent()).isEqualTo(12);
        assertThat(counters.totalMigrations()).isEqualTo(2);
        assertThat(ConnCounters.ZERO.totalBytesResent()).isZero();
        assertThatThrownBy(() -> counters.migrations().put(MigrationCause.DEATH, 3L))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void anIdentityIsNumeric() {
        InetSocketAddress numeric = new InetSocketAddress("10.0.0.1", 1);
        assertThatThrownBy(() -> new L3Identity(256, numeric, numeric)).hasMessageContaining("0 to 255");
        assertThatThrownBy(() -> new L3Identity(6, numeric, InetSocketAddress.createUnresolved("h", 1)))
                .hasMessageContaining("numeric addresses");
    }

    @Test
    void onlyReadyPathsAreUsable() {
        for (PathState state : PathState.values()) {
            assertThat(state.isUsable()).isEqualTo(state == PathState.STANDBY || state == PathState.ACTIVE);
        }
    }

    @Test
    void findsTheNameThatWasMeant() {
        assertThat(Names.nearest("quik", java.util.List.of("tcp", "quic"))).contains("quic");
        assertThat(Names.nearest("pctk", java.util.List.of("tcp", "quic"))).isEmpty();
        assertThat(Names.nearest("ctp", java.util.List.of("tcp", "quic"))).contains("tcp");
        assertThat(Names.nearest("x", java.util.List.of())).isEmpty();
    }
}
