// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import static io.rendr.engine.link.Wire.DATAGRAM;
import static io.rendr.engine.link.Wire.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecoveryTest {
    private static final long SECOND = 1_000 * MS;

    /** Packets in [from, to) have arrived, and maybe some before. */
    private record Ack(int delayMicros, long from, long to, long... earlier) implements PackView {
        Ack(long from, long to) {
            this(0, from, to);
        }

        @Override
        public long largest() {
            return to - 1;
        }

        @Override
        public int rangeCount() {
            return 1 + earlier.length / 2;
        }

        @Override
        public long rangeStart(int i) {
            return i == 0 ? from : earlier[2 * i - 2];
        }

        @Override
        public long rangeEnd(int i) {
            return i == 0 ? to : earlier[2 * i - 1];
        }
    }

    private final List<String> told = new ArrayList<>();
    private final RttEstimator rtt = new RttEstimator();
    private long awakeSince;
    private final Recovery recovery = new Recovery(
            DATAGRAM,
            rtt,
            Cubic::new,
            new Recovery.Outcome() {
                @Override
                public void acknowledged(long number, int bytes) {
                    told.add("+" + number);
                }

                @Override
                public void lost(long number, int bytes) {
                    told.add("-" + number);
                }

                @Override
                public boolean wasAwakeSince(long then) {
                    return then >= awakeSince;
                }
            },
            0);

    private void send(int count, long now) {
        for (int i = 0; i < count; i++) {
            recovery.sent(DATAGRAM, true, false, now);
        }
    }

    /**
     * With every 1/p-th packet lost the window is that of RFC 9438: by its equation 6, or that of an AIMD flow where that
     * is larger (section 4.3).
     */
    @ParameterizedTest
    @CsvSource({"1000, 50", "1000, 100", "10000, 50", "10000, 100"})
    void theMeanWindowIsThatOfTheFormula(int every, int rttMs) {
        Wire wire = new Wire(rttMs * MS, 0, 0, number -> number % every == every - 1);
        wire.runUntil(60 * SECOND);
        wire.measure();
        wire.runUntil(1_000 * SECOND);
        double p = 1.0 / every;
        double cubic = Math.pow(0.4 * 3.7 / (4 * 0.3), 0.25) * Math.pow(rttMs / 1e3, 0.75) / Math.pow(p, 0.75);
        double aimd = Math.sqrt(0.529 * 1.7 / (2 * 0.3 * p));
        double formula = Math.max(cubic, aimd);
        assertThat(wire.dropped).isGreaterThan(50);
        assertThat(wire.lost).isBetween(wire.dropped - 1, wire.dropped);
        assertThat(wire.meanWindow()).isCloseTo(formula, within(0.15 * formula));
    }

    @Test
    void aBottleneckIsFilled() {
        long rate = 12_500_000;
        Wire wire = new Wire(40 * MS, rate, 500_000, number -> false);
        wire.runUntil(2 * SECOND);
        long before = wire.acknowledged;
        wire.runUntil(12 * SECOND);
        assertThat((wire.acknowledged - before) * DATAGRAM / 10.0).isGreaterThan(0.95 * rate);
        assertThat(wire.lost).isLessThan(wire.sent / 50);
    }

    @Test
    void nothingIsSentBeyondTheWindow() {
        while (recovery.hasRoom()) {
            send(1, 0);
        }
        assertThat(recovery.inFlight()).isLessThanOrEqualTo(recovery.window()).isEqualTo(10 * DATAGRAM);
    }

    @Test
    void whatRepairsALossNeedNotWaitForTheWindow() {
        send(20, 0);
        recovery.acknowledged(new Ack(3, 4), 10 * MS);
        assertThat(told).containsExactly("+3", "-0");
        assertThat(recovery.hasRoom()).isTrue();
        send(1, 10 * MS);
        assertThat(recovery.hasRoom()).as("it has left").isFalse();
        recovery.acknowledged(new Ack(3, 6), 10 * MS);
        assertThat(told).contains("-1", "-2");
        assertThat(recovery.inFlight()).isGreaterThan(recovery.window());
        assertThat(recovery.hasRoom()).as("it is the same congestion").isFalse();
    }

    @Test
    void aPacketIsLostWhenThreeLaterOnesHaveArrived() {
        send(5, 0);
        recovery.acknowledged(new Ack(1, 3), 20 * MS);
        assertThat(told).containsExactly("+1", "+2");
        recovery.acknowledged(new Ack(1, 4), 21 * MS);
        assertThat(told).containsExactly("+1", "+2", "+3", "-0");
        assertThat(recovery.inFlight()).isEqualTo(DATAGRAM);
        assertThat(recovery.window()).isEqualTo(10 * DATAGRAM * 7 / 10);
    }

    @Test
    void inSlowStartAWindowThatIsHalfUsedDoesNotGrow() {
        send(5, 0);
        recovery.acknowledged(new Ack(0, 5), 20 * MS);
        assertThat(recovery.window()).isEqualTo(10 * DATAGRAM);
        send(10, 20 * MS);
        recovery.acknowledged(new Ack(5, 15), 40 * MS);
        assertThat(recovery.window()).isEqualTo(20 * DATAGRAM);
    }

    @Test
    void aFullWindowGrowsByAllThatIsAcknowledgedBeforeMoreIsSent() {
        int packets = (int) (recovery.window() / DATAGRAM);
        long before = recovery.window();
        send(packets, 0);
        for (int i = 0; i < packets; i++) {
            recovery.acknowledged(new Ack(0, i + 1), 50 * MS + i);
        }
        assertThat(recovery.window()).isEqualTo(before + (long) packets * DATAGRAM);
    }

    @Test
    void aPacketIsLostNineEighthsOfARoundTripAfterOneSentLater() {
        send(2, 0);
        recovery.acknowledged(new Ack(1, 2), 16 * MS);
        assertThat(told).containsExactly("+1");
        assertThat(recovery.deadline()).isEqualTo(18 * MS);
        recovery.onTimer(18 * MS);
        assertThat(told).containsExactly("+1", "-0");
    }

    @Test
    void aTimeOutGivesNothingUpAndAllowsProbesBeyondTheWindow() {
        while (recovery.hasRoom()) {
            send(1, 0);
        }
        assertThat(recovery.deadline()).isEqualTo(SECOND);
        recovery.onTimer(SECOND);
        assertThat(told).isEmpty();
        assertThat(recovery.probesOwed()).isEqualTo(2);
        assertThat(recovery.hasRoom()).isTrue();
        send(2, SECOND);
        assertThat(recovery.hasRoom()).isFalse();
        assertThat(recovery.deadline()).isEqualTo(3 * SECOND);
    }

    @Test
    void aCarrierWithoutAnAnswerProbesLessAndLessAndComesBackWithTheLeastWindow() {
        Wire wire = new Wire(40 * MS, 12_500_000, 500_000, number -> false);
        wire.runUntil(3 * SECOND);
        wire.blackHole = true;
        wire.runUntil(5 * SECOND);
        long before = wire.sent;
        wire.runUntil(10 * SECOND);
        assertThat(wire.sent - before).isBetween(2L, 20L);
        wire.blackHole = false;
        long lost = wire.lost;
        while (wire.lost == lost) {
            wire.runUntil(wire.now + MS);
        }
        assertThat(wire.recovery.window()).isLessThanOrEqualTo(4 * DATAGRAM);
        wire.runUntil(wire.now + SECOND);
        assertThat(wire.recovery.window()).isGreaterThan(100 * DATAGRAM);
    }

    @Test
    void aWindowIsSpreadOverTheRoundTrip() {
        Wire wire = new Wire(100 * MS, 0, 0, number -> number == 2_000);
        wire.runUntil(20 * SECOND);
        long window = wire.recovery.window() / DATAGRAM;
        long before = wire.sent;
        wire.runUntil(wire.now + 20 * MS);
        assertThat(wire.sent - before).isBetween(window / 10, window / 2);
    }

    @Test
    void theTimeThatThePeerWaitedIsNoRoundTrip() {
        send(1, 0);
        recovery.acknowledged(new Ack(0, 0, 1), 40 * MS);
        send(1, 100 * MS);
        recovery.acknowledged(new Ack(20_000, 1, 2), 160 * MS);
        assertThat(rtt.last()).isEqualTo(40 * MS);
        send(1, 200 * MS);
        recovery.acknowledged(new Ack(20_000, 2, 3), 250 * MS);
        assertThat(rtt.last()).as("never below the shortest").isEqualTo(50 * MS);
    }

    @Test
    void allRangesCount() {
        send(9, 0);
        recovery.acknowledged(new Ack(0, 7, 9, 3, 5, 0, 1), 20 * MS);
        assertThat(told)
                .contains("+0", "+3", "+4", "+7", "+8", "-1", "-2", "-5")
                .doesNotContain("-6");
    }

    @Test
    void whatAsksForNothingIsNotWaitedFor() {
        recovery.sent(50, false, false, 0);
        assertThat(recovery.inFlight()).isZero();
        assertThat(recovery.deadline()).isEqualTo(Long.MAX_VALUE);
        send(4, MS);
        recovery.acknowledged(new Ack(1, 5), 20 * MS);
        assertThat(told).containsExactly("+1", "+2", "+3", "+4");
    }

    @Test
    void aLossInARoundTripIsOneCongestion() {
        send(10, 0);
        recovery.acknowledged(new Ack(5, 10), 20 * MS);
        assertThat(told).contains("-0", "-1", "-2", "-3", "-4");
        assertThat(recovery.window()).isEqualTo((10 + 5) * DATAGRAM * 7 / 10);
    }

    @Test
    void aLostProbeOfASizeIsNoCongestion() {
        recovery.sent(1_400, true, true, 0);
        send(4, 0);
        long window = recovery.window();
        recovery.acknowledged(new Ack(1, 5), 20 * MS);
        assertThat(told).contains("-0");
        assertThat(recovery.window()).isGreaterThanOrEqualTo(window);
    }

    @Test
    void whatWasAcknowledgedTwiceCountsOnce() {
        send(3, 0);
        assertThat(recovery.acknowledged(new Ack(0, 3), 20 * MS)).isTrue();
        long window = recovery.window();
        assertThat(recovery.acknowledged(new Ack(0, 3), 30 * MS)).isFalse();
        assertThat(recovery.window()).isEqualTo(window);
        assertThat(recovery.inFlight()).isZero();
        assertThat(rtt.last()).isEqualTo(20 * MS);
    }

    @Test
    void anAcknowledgementOfWhatWasNotSentBreaksTheProtocol() {
        send(3, 0);
        assertThatThrownBy(() -> recovery.acknowledged(new Ack(0, 4), 20 * MS))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("packet 3");
    }

    @Test
    void aWindowThatIsNotUsedDoesNotGrow() {
        long window = recovery.window();
        for (int i = 0; i < 200; i++) {
            send(1, 100 * i * MS);
            recovery.acknowledged(new Ack(0, i + 1), (100 * i + 20) * MS);
        }
        assertThat(recovery.window()).isEqualTo(window);
    }

    @Test
    void whatCameWhileThisEndSleptSaysNothingOfTheRoundTrip() {
        send(1, 0);
        awakeSince = 500 * MS;
        recovery.acknowledged(new Ack(0, 1), 510 * MS);
        assertThat(rtt.known()).isFalse();
        send(1, 510 * MS);
        recovery.acknowledged(new Ack(0, 2), 530 * MS);
        assertThat(rtt.srtt()).isEqualTo(20 * MS);
    }

    @Test
    void onAnotherRouteNothingIsKnownOfTheWindow() {
        long first = recovery.window();
        send(10, 0);
        recovery.acknowledged(new Ack(0, 10), 20 * MS);
        assertThat(recovery.window()).isGreaterThan(first);
        recovery.rerouted(30 * MS);
        assertThat(recovery.window()).isEqualTo(first);
    }

    /** RFC 9002, section 7.2: the initial window is that of the size that was found out. */
    @Test
    void theInitialWindowGrowsWithTheDatagrams() {
        Cubic window = new Cubic(1_200);
        assertThat(window.window()).isEqualTo(12_000);
        window.datagram(1_452);
        assertThat(window.window()).isEqualTo(14_520);
        window.lost(0, 1);
        long reduced = window.window();
        window.datagram(1_200);
        window.datagram(1_452);
        assertThat(window.window()).isEqualTo(reduced);
    }
}
