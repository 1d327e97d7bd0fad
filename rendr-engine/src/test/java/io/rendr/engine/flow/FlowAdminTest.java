// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static io.rendr.engine.flow.TwoHosts.MS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.PathSpec;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an application may change of the tree of a live flow. */
class FlowAdminTest {
    private static final String A = "tcp://127.0.0.1:1?name=a";
    private static final String B = "tcp://127.0.0.1:2?name=b";
    private static final String C = "tcp://127.0.0.1:3?name=c";
    private static final String BACKUP = "&backup=true";
    private static final long SECOND = 1000 * MS;
    private static final QualityPolicy QUALITY =
            new QualityPolicy(0.25, Duration.ofMillis(2), Duration.ofSeconds(5), Duration.ofSeconds(10));

    private final TwoHosts world = new TwoHosts(FlowSettings.defaults());

    private void open(String... uris) {
        world.dial(FlowSettings.defaults(), uris);
        world.run(SECOND);
        world.dialer.told.clear();
        world.acceptor.told.clear();
    }

    @AfterEach
    void close() {
        world.close();
        assertThat(world.pool.used()).isZero();
    }

    private void arrange(TwoHosts.Side side, @Nullable QualityPolicy quality, String... uris) {
        side.flow().admin().arrange(TwoHosts.target(quality, uris), world.now);
    }

    /** Runs, while a few bytes go each way all the time. */
    private void talk(long nanos) {
        long end = world.now + nanos;
        while (world.now < end) {
            for (TwoHosts.Side side : List.of(world.dialer, world.acceptor)) {
                side.flow().sendBuffer().append(ByteBuffer.allocate(100));
                side.flow().written(world.now);
                side.flow().receiveBuffer().discard();
                side.flow().consumed(world.now);
            }
            world.run(100 * MS);
        }
    }

    private static List<String> titles(TwoHosts.Side side) {
        return side.flow().pathList().stream().map(FlowPath::title).toList();
    }

    private static List<String> moves(TwoHosts.Side side) {
        return side.told.stream().filter(line -> line.startsWith("migrated")).toList();
    }

    @Test
    void anotherOrderMovesNothingAndDecidesWhereADeathLeads() {
        open(A, B, C);
        arrange(world.dialer, null, C, B, A);
        talk(20 * SECOND);
        assertThat(titles(world.dialer)).containsExactly("c", "b", "a");
        assertThat(titles(world.acceptor)).containsExactly("c", "b", "a");
        assertThat(moves(world.dialer)).isEmpty();
        assertThat(moves(world.acceptor)).isEmpty();
        world.dialer.wires.get(0).reset();
        talk(SECOND);
        assertThat(moves(world.dialer)).containsExactly("migrated 0>2 DEATH");
        assertThat(moves(world.acceptor)).containsExactly("migrated 0>2 DEATH");
    }

    @Test
    void aPathThatBecomesABackupIsLeftAfterTheDwellTimeByBothEnds() {
        open(A, B);
        arrange(world.dialer, null, A + BACKUP, B);
        talk(4 * SECOND);
        assertThat(moves(world.dialer)).isEmpty();
        talk(3 * SECOND);
        assertThat(moves(world.dialer)).containsExactly("migrated 0>1 QUALITY");
        assertThat(moves(world.acceptor)).containsExactly("migrated 0>1 QUALITY");
        assertThat(world.acceptor.flow().pathList().get(0).isBackup()).isTrue();
        arrange(world.dialer, null, A, B + BACKUP);
        talk(7 * SECOND);
        assertThat(moves(world.dialer)).endsWith("migrated 1>0 QUALITY");
    }

    @Test
    void aMigrationToABackupHoldsUntilTheTreeIsReplaced() {
        open(A, B + BACKUP);
        world.dialer.flow().admin().migrate(1, world.silentOutcome(), world.now);
        talk(20 * SECOND);
        assertThat(world.dialer.flow().activePath()).isEqualTo(1);
        arrange(world.dialer, null, A, B + BACKUP);
        talk(7 * SECOND);
        assertThat(world.dialer.flow().activePath()).isZero();
    }

    @Test
    void qualityIsArmedAndDisarmedOnALiveFlow() {
        open(A, B);
        world.dialer.wires.get(0).slower = 40 * MS;
        talk(60 * SECOND);
        assertThat(moves(world.dialer)).isEmpty();
        arrange(world.dialer, QUALITY, A, B);
        assertThat(world.dialer.flow().quality()).isEqualTo(QUALITY);
        talk(30 * SECOND);
        assertThat(moves(world.dialer)).containsExactly("migrated 0>1 QUALITY");
        assertThat(world.acceptor.flow().quality()).isEqualTo(QUALITY);
        arrange(world.dialer, null, A, B);
        world.dialer.wires.get(0).slower = 0;
        world.dialer.wires.get(1).slower = 40 * MS;
        talk(60 * SECOND);
        assertThat(moves(world.dialer)).hasSize(1);
        assertThat(world.acceptor.flow().quality()).isNull();
    }

    @Test
    void aPathThatIsNamedNoLongerGoesWhenOneThatIsNamedAnswers() {
        open(A, B);
        world.dialer.refuseConnects = true;
        arrange(world.dialer, null, C);
        talk(10 * SECOND);
        assertThat(titles(world.dialer)).containsExactly("c", "a", "b");
        assertThat(world.dialer.flow().activePath()).isZero();
        assertThat(world.dialer.flow().isHeld()).isFalse();
        world.dialer.refuseConnects = false;
        talk(10 * SECOND);
        assertThat(titles(world.dialer)).containsExactly("c");
        assertThat(titles(world.acceptor)).containsExactly("c");
        assertThat(moves(world.dialer)).containsExactly("migrated 0>2 EXPLICIT");
        assertThat(world.dialer.flow().counters().carriersLost).isZero();
    }

    @Test
    void anotherPlaceUnderTheSameNameIsAnotherPath() {
        open(A, B);
        String elsewhere = "tcp://127.0.0.1:9?name=a";
        arrange(world.dialer, null, elsewhere, B);
        talk(5 * SECOND);
        assertThat(titles(world.dialer)).containsExactly("a", "b");
        assertThat(world.dialer.flow().pathList().get(0).id()).isEqualTo(2);
        assertThat(world.dialer.flow().pathList().get(0).spec()).isEqualTo(PathSpec.of(elsewhere));
        assertThat(titles(world.acceptor)).containsExactly("a", "b");
    }

    @Test
    void whatIsNamedAgainInTimeStays() {
        open(A, B);
        world.dialer.refuseConnects = true;
        arrange(world.dialer, null, C);
        talk(SECOND);
        arrange(world.dialer, null, B, A);
        talk(5 * SECOND);
        assertThat(titles(world.dialer)).containsExactly("b", "a");
        assertThat(world.dialer.told).contains("path 2 CONNECTING", "path 2 DRAINING");
        assertThat(moves(world.dialer)).isEmpty();
    }

    @Test
    void theAcceptingEndSteersItsOwnSendingUntilTheDialerChangesItsPolicy() {
        open(A, B);
        talk(SECOND);
        arrange(world.acceptor, null, B, A + BACKUP);
        talk(10 * SECOND);
        assertThat(moves(world.acceptor)).containsExactly("migrated 0>1 QUALITY");
        assertThat(world.acceptor.flow().activePath()).isEqualTo(1);
        assertThat(titles(world.acceptor)).containsExactly("b", "a");
        assertThat(moves(world.dialer)).isEmpty();
        assertThat(titles(world.dialer)).containsExactly("a", "b");

        arrange(world.dialer, null, A, B);
        talk(10 * SECOND);
        assertThat(world.acceptor.flow().activePath()).isZero();
        assertThat(titles(world.acceptor)).containsExactly("a", "b");
        assertThat(world.acceptor.flow().pathList()).noneMatch(FlowPath::isBackup);
    }

    @Test
    void theAcceptingEndMovesByQualityWhenItsOwnTreeSaysSo() {
        open(A, B);
        arrange(world.acceptor, QUALITY, A, B);
        world.dialer.wires.get(0).slower = 40 * MS;
        talk(60 * SECOND);
        assertThat(moves(world.acceptor)).containsExactly("migrated 0>1 QUALITY");
        assertThat(moves(world.dialer)).isEmpty();
    }

    @Test
    void theAcceptingEndNeitherOpensNorRemovesPaths() {
        open(A, B);
        talk(SECOND);
        for (List<String> leaves : List.of(List.of(A), List.of(A, C), List.of(B, A, C))) {
            assertThatThrownBy(() -> arrange(world.acceptor, QUALITY, leaves.toArray(String[]::new)))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("the paths are [a, b]");
        }
        assertThat(titles(world.acceptor)).containsExactly("a", "b");
        assertThat(world.acceptor.flow().quality()).isNull();
    }

    @Test
    void aFloorBeyondWhatTheWireHoldsIsToldAsTheLargestThatItHolds() {
        open(A, B);
        arrange(
                world.dialer,
                new QualityPolicy(0.25, Duration.ofHours(1), Duration.ofDays(1), Duration.ofDays(1)),
                A,
                B);
        talk(SECOND);
        QualityPolicy told = world.acceptor.flow().quality();
        assertThat(told).isNotNull();
        assertThat(told.floor()).isEqualTo(Duration.ofNanos(Integer.MAX_VALUE * 1000L));
        assertThat(told.cooldown()).isEqualTo(Duration.ofDays(1));
        assertThat(world.acceptor.flow().counters().protocolErrors).isZero();
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        open(A, B);
        List<String> many = new ArrayList<>(List.of(B));
        for (int i = 0; i < Target.MAX_NODES - 2; i++) { // as many as there may be, while one that is there has to wait
            many.add("tcp://127.0.0.1:9?name=n" + i);
        }
        assertThatThrownBy(() -> arrange(world.dialer, QUALITY, many.toArray(String[]::new)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("until [a] are gone");
        assertThatThrownBy(() -> arrange(world.dialer, QUALITY, B, "tcp://127.0.0.1:9?name=" + "x".repeat(65)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64 bytes");
        assertThat(titles(world.dialer)).containsExactly("a", "b");
        assertThat(world.dialer.flow().quality()).isNull();
    }

    @Test
    void aPathThatIsOnlyTriedDoesNotReplaceTheLast() {
        open(A);
        world.dialer.refuseConnects = true;
        List<String> told = new ArrayList<>();
        world.dialer.flow().admin().addPath(PathSpec.of(B), "b", telling("add", told), world.now);
        world.dialer.flow().admin().removePath(0, telling("remove", told), world.now);
        assertThat(told).containsExactly("remove failed LastPathException");
        world.run(SECOND);
        assertThat(told).containsExactly("remove failed LastPathException", "add failed PathUnavailableException");
        assertThat(titles(world.dialer)).containsExactly("a");
        talk(SECOND);
        assertThat(world.dialer.flow().isOver()).isFalse();
        assertThat(world.dialer.flow().activePath()).isZero();
    }

    @Test
    void aPathThatIsDownIsRemovedAtBothEnds() {
        open(A, B);
        world.dialer.refuseConnects = true;
        world.dialer.wires.get(0).reset();
        talk(SECOND);
        assertThat(world.dialer.flow().pathList().get(0).link()).isNull();
        assertThat(world.acceptor.flow().pathList().get(0).link()).isNull();
        world.dialer.flow().admin().removePath(0, world.silentOutcome(), world.now);
        talk(SECOND);
        assertThat(titles(world.dialer)).containsExactly("b");
        assertThat(titles(world.acceptor)).containsExactly("b");
    }

    private static Outcome telling(String what, List<String> told) {
        return new Outcome() {
            @Override
            public void done(int pathId) {
                told.add(what + " done");
            }

            @Override
            public void failed(IOException cause) {
                told.add(what + " failed " + cause.getClass().getSimpleName());
            }
        };
    }
}
