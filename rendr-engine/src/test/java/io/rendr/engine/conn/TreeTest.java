// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Conn;
import io.rendr.ConnStats;
import io.rendr.Mode;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.ResendCause;
import io.rendr.Target;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Races, bonds and trees of a live connection. */
@ExtendWith(LeakGuard.class)
class TreeTest {
    private static final int CHUNK = 256 * 1024;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Pair pair;
    private Target.Path first;
    private Target.Path second;
    private Target.Path third;

    @BeforeEach
    void open() throws Exception {
        pair = Pair.open();
        first = pair.client.admin().target().leaves().get(0);
        PathSpec endpoint = pair.acceptor.endpoints().get(0);
        second = Target.path(endpoint.toUri() + "?name=second");
        third = Target.path(endpoint.toUri() + "?name=third");
    }

    @AfterEach
    void close() {
        pair.close();
        threads.shutdown();
    }

    private static List<String> carrying(Conn conn) {
        return conn.paths().stream()
                .filter(PathInfo::active)
                .filter(path -> path.state().isUsable())
                .map(PathInfo::name)
                .toList();
    }

    private void set(Target target, String... carrying) throws Exception {
        pair.client.admin().setTarget(target);
        Await.until("the client sends over them", () -> carrying(pair.client).equals(List.of(carrying)));
        Await.until("the server sends over them", () -> carrying(pair.server).equals(List.of(carrying)));
    }

    /** Sends megabytes each way; every byte has to come as it was sent. */
    private void talk() throws Exception {
        Future<?> there = threads.submit(() -> send(pair.client.outputStream()));
        Future<?> back = threads.submit(() -> send(pair.server.outputStream()));
        Future<?> came = threads.submit(() -> receive(pair.server.inputStream()));
        receive(pair.client.inputStream());
        for (Future<?> each : List.of(there, back, came)) {
            each.get(60, SECONDS);
        }
    }

    private static void send(OutputStream out) {
        try {
            Random random = new Random(1);
            byte[] chunk = new byte[CHUNK];
            for (int i = 0; i < 16; i++) {
                random.nextBytes(chunk);
                out.write(chunk);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void receive(InputStream in) {
        try {
            Random random = new Random(1);
            byte[] wanted = new byte[CHUNK];
            for (int i = 0; i < 16; i++) {
                random.nextBytes(wanted);
                assertThat(in.readNBytes(CHUNK)).isEqualTo(wanted);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTreeIsToldAndFollowedAndChangesUnderLoad() throws Exception {
        Target tree = Target.selector("main", Target.bond("both", first, second), third);
        set(tree, first.name(), "second");
        assertThat(pair.client.admin().target()).isEqualTo(tree);
        Await.until(
                "the server knows the tree",
                () -> pair.server.admin().target().find("both").isPresent());
        talk();
        set(Target.race("all", first, Target.selector("rest", second, third)), first.name(), "second");
        assertThat(pair.client.mode()).isEqualTo(Mode.RACE);
        talk();
        ConnStats sent = pair.client.admin().stats();
        assertThat(sent.counters().bytesResent().get(ResendCause.RACE)).isPositive();
        assertThat(pair.server.admin().recvDuplicates())
                .as("a copy that comes late came twice")
                .isPositive();
        assertThat(pair.client.admin().migrationCount()).isZero();
    }

    @Test
    void theModeChangesWhileDataFlows() throws Exception {
        set(Target.selector("main", first, second), first.name());
        Future<?> talking = threads.submit(() -> {
            talk();
            return true;
        });
        for (Mode mode : List.of(Mode.RACE, Mode.PRIME, Mode.BOND, Mode.PRIME)) {
            pair.client.setMode(mode);
            assertThat(pair.client.mode()).isEqualTo(mode);
            Await.until("the server follows", () -> pair.server.mode() == mode);
        }
        talking.get(60, SECONDS);
        assertThat(pair.client.paths()).hasSize(2).allMatch(path -> path.state().isUsable());
    }

    @Test
    void migrationIntoAGroupChoosesTheGroup() throws Exception {
        set(Target.selector("main", first, Target.bond("both", second, third)), first.name());
        Await.until(
                "all are open",
                () -> pair.client.paths().size() == 3
                        && pair.client.paths().stream()
                                .allMatch(path -> path.state().isUsable()));
        pair.client.admin().migrate(2);
        Await.until("both carry", () -> carrying(pair.server).equals(List.of("second", "third")));
        assertThat(carrying(pair.client)).containsExactly("second", "third");
        assertThat(pair.client.admin().migrationCount()).isEqualTo(1);
    }
}
