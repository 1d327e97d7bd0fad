// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.trickle;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.World;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The judge says no when the world breaks its own rules: a green run means something. */
class JudgeTest {
    @BeforeAll
    static void countBuffersHere() {
        Quiet.leakDetector();
    }

    private static Violation.@Nullable Kind violated(Schedule schedule) {
        Violation violation = new Simulation(schedule, new EventLog(null), new Resources())
                .run()
                .violation();
        return violation == null ? null : violation.kind();
    }

    private static Scenario calm() {
        return new Scenario("calm", Rule.CLEAN_END).link(10, 3_000_000).link(20, 3_000_000);
    }

    @Test
    void aCalmWorldIsFine() {
        assertThat(violated(calm().flow(0, bulk(1_000_000), bulk(1_000_000)).schedule()))
                .isNull();
    }

    @Test
    void bytesThatANetworkChangesAreFound() {
        Set<Violation.Kind> kinds = EnumSet.noneOf(Violation.Kind.class);
        for (int at = 300; at < 1_300; at += 100) {
            Schedule schedule = calm().flow(0, bulk(6_000_000), SILENT)
                    .fault(at, 30, FaultKind.CORRUPT, 1)
                    .schedule();
            Violation.Kind kind = violated(schedule);
            if (kind != null) {
                kinds.add(kind);
            }
        }

        assertThat(kinds).contains(Violation.Kind.CONTENT);
    }

    @Test
    void aPathThatDiesUndeclaredMakesAMoveWithoutCause() {
        Schedule schedule = calm().flow(0, bulk(30_000_000), SILENT)
                .fault(2_000, 10_000, FaultKind.UNDECLARED, 1)
                .schedule();

        assertThat(violated(schedule)).isEqualTo(Violation.Kind.MIGRATED_WITHOUT_CAUSE);
    }

    @Test
    void allPathsThatDieUndeclaredMissTheBudget() {
        Schedule schedule = calm().budget(5_000)
                .flow(0, trickle(1_000_000, 50), SILENT)
                .fault(2_000, 17_000, FaultKind.UNDECLARED, 1)
                .fault(2_000, 17_000, FaultKind.UNDECLARED, 2)
                .schedule();

        assertThat(violated(schedule)).isEqualTo(Violation.Kind.BUDGET_MISSED);
    }

    @Test
    void aDialThatCannotSucceedUndeclaredIsAFailureWithoutCause() {
        Schedule schedule = calm().flow(0, bulk(1_000), SILENT)
                .fault(0, 19_000, FaultKind.UNDECLARED, 1)
                .fault(0, 19_000, FaultKind.UNDECLARED, 2)
                .schedule();

        assertThat(violated(schedule)).isEqualTo(Violation.Kind.FAILED_WITHOUT_CAUSE);
    }

    @Test
    void aConnectionThatAFaultBrokeIsAReasonUntilItsEndsKnow() {
        Scenario forgotten = calm().flow(0, trickle(100, 100), SILENT)
                .lasting(40_000)
                .fault(16_000, 10, FaultKind.NAT_RST, 2)
                .move(30_000, Schedule.Side.ACCEPTOR, MoveKind.MIGRATE, 2);
        Scenario vanished = calm().flow(0, trickle(100, 100), SILENT)
                .lasting(30_000)
                .fault(20_000, 100, FaultKind.HOST_POWER_LOSS, 0);

        assertThat(violated(forgotten.schedule())).isNull();
        assertThat(violated(vanished.schedule())).isNull();
    }

    @Test
    void aPathThatThePeerTakesAwayMeanwhileNeedNotBeMigratedTo() {
        Schedule schedule = calm().flow(0, trickle(1_000_000, 50), SILENT)
                .move(16_000, Schedule.Side.ACCEPTOR, MoveKind.REMOVE_PATH, 2)
                .move(16_005, Schedule.Side.DIALER, MoveKind.MIGRATE, 2)
                .schedule();

        assertThat(violated(schedule)).isNull();
    }

    @Test
    void aRouteToAnotherAcceptorIsNoWayOut() {
        Schedule schedule = new Scenario("beside-a-balancer", Rule.WRONG_INSTANCE)
                .link(16, 3_000_000)
                .link(60, 3_000_000)
                .balanced()
                .budget(10_000)
                .lasting(40_000)
                .flow(0, trickle(1_000_000, 50), SILENT)
                .over(2, 1)
                .fault(15_500, 20_000, FaultKind.CONNECT_MUTE, 2)
                .fault(15_551, 10, FaultKind.FIN, 2)
                .schedule();
        World toTheOther = Records.with(schedule.world(), "seed", 3L);
        Simulation simulation = new Simulation(schedule.withWorld(toTheOther), new EventLog(null), new Resources());

        Violation violation = simulation.run().violation();

        assertThat(violation).isNull();
        assertThat(simulation.end(1, Schedule.Side.ACCEPTOR).host().number()).isEqualTo(2);
        assertThat(simulation.end(1, Schedule.Side.DIALER).failure())
                .isInstanceOf(MigrationBudgetExceededException.class);
    }

    @Test
    void aHostThatStandsStillIsForgivenTheRestOfItsPauseOnly() {
        Schedule schedule = calm().flow(0, trickle(1_000, 100), SILENT)
                .lasting(40_000)
                .fault(5_000, 9_000, FaultKind.HOST_STALL, 1)
                .fault(5_500, 100, FaultKind.FLOOD, 1)
                .schedule();

        assertThat(violated(schedule)).isNull();
    }

    @Test
    void aBufferThatIsNotReleasedIsALeak() {
        Resources resources = new Resources();
        ByteBuf kept = resources.allocator().buffer(100);
        Schedule schedule = calm().flow(0, bulk(1_000), SILENT).schedule();

        Violation violation =
                new Simulation(schedule, new EventLog(null), resources).run().violation();

        kept.release();
        assertThat(violation).isNotNull();
        assertThat(violation.kind()).isEqualTo(Violation.Kind.LEAK);
    }

    @Test
    void contentAtTheWrongPlaceDiffers() {
        Pattern pattern = new Pattern(3);
        ByteBuffer right = pattern.at(1_048_500, 60_000);
        ByteBuffer wrong = pattern.at(1_048_501, 60_000);

        assertThat(pattern.mismatch(1_048_500, right)).isEqualTo(-1);
        assertThat(pattern.mismatch(1_048_500, wrong)).isNotEqualTo(-1);
        assertThat(new Pattern(4).mismatch(1_048_500, right)).isNotEqualTo(-1);
    }

    @Test
    void theLedgerCountsWhatIsSentAgainAndFindsCreditThatIsTakenBack() {
        Ledger ledger = new Ledger();
        ledger.sent(0, 100);
        ledger.sent(50, 150);

        assertThat(ledger.resent()).isEqualTo(50);
        assertThat(ledger.acknowledged(10, 5, 0, 1_000)).isEmpty();
        assertThat(ledger.acknowledged(10, 5, 0, 999)).contains("limit");
        assertThat(ledger.acknowledged(10, 5, 1, 500)).isEmpty();
        assertThat(ledger.acknowledged(9, 5, 1, 500)).contains("went back");
    }

    @Test
    void aFailingScheduleIsShrunkToWhatMatters() {
        Scenario scenario = calm().flow(0, bulk(30_000_000), SILENT).flow(500, trickle(1_000, 100), SILENT);
        for (int i = 0; i < 6; i++) {
            scenario.fault(500 + 1_000 * i, 20, FaultKind.STALL, 2);
        }
        Schedule schedule =
                scenario.fault(2_000, 10_000, FaultKind.UNDECLARED, 1).schedule();
        Schedule undisturbed = schedule.withFaults(List.of(schedule.faults().get(6)));
        Verdict failed = new Simulation(undisturbed, new EventLog(null), new Resources()).run();
        List<String> steps = new ArrayList<>();

        Schedule small = Shrinker.shrink(failed, steps::add);

        assertThat(small.flows()).hasSize(1);
        assertThat(small.faults()).hasSize(1);
        assertThat(violated(small)).isEqualTo(Violation.Kind.MIGRATED_WITHOUT_CAUSE);
        assertThat(steps).isNotEmpty();
    }
}
