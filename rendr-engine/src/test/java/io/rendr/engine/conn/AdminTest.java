// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.ConnState;
import io.rendr.LastPathException;
import io.rendr.Migration;
import io.rendr.MigrationCause;
import io.rendr.Mode;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.PathUnavailableException;
import io.rendr.Registration;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class AdminTest {
    private Pair pair;
    private PathSpec other;

    @BeforeEach
    void open() throws Exception {
        pair = Pair.open();
        other = PathSpec.of(pair.acceptor.endpoints().get(0).toUri() + "?name=other");
    }

    @AfterEach
    void close() {
        pair.close();
    }

    @Test
    void pathsComeAndGoAndTheFlowMoves() throws Exception {
        BlockingQueue<Migration> moves = new LinkedBlockingQueue<>();
        BlockingQueue<PathInfo> changes = new LinkedBlockingQueue<>();
        Registration onMigrate = pair.client.admin().onMigrate(moves::add);
        Registration onPathChange = pair.client.admin().onPathChange(changes::add);
        int from = pair.client.admin().activePath();
        int id = pair.client.admin().addPath(other);
        assertThat(pair.client.paths()).extracting(PathInfo::name).contains("other");
        pair.client.admin().migrate(id);
        assertThat(pair.client.admin().activePath()).isEqualTo(id);
        Migration move = moves.poll(10, SECONDS);
        assertThat(move).isNotNull();
        assertThat(move.fromPath()).isEqualTo(from);
        assertThat(move.toPath()).isEqualTo(id);
        assertThat(move.cause()).isEqualTo(MigrationCause.EXPLICIT);
        pair.client.admin().removePath(from);
        assertThatThrownBy(() -> pair.client.admin().removePath(id)).isInstanceOf(LastPathException.class);
        awaitState(changes, from, PathState.REMOVED);
        onMigrate.close();
        onPathChange.close();
        pair.client.write(ByteBuffer.wrap(new byte[] {1}));
        assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(1);
        assertThat(pair.client.admin().migrationCount()).isEqualTo(1);
    }

    private static void awaitState(BlockingQueue<PathInfo> changes, int path, PathState state)
            throws InterruptedException {
        PathInfo change = changes.poll(20, SECONDS);
        while (change != null && !(change.id() == path && change.state() == state)) {
            change = changes.poll(20, SECONDS);
        }
        assertThat(change).as("path %s became %s", path, state).isNotNull();
    }

    @Test
    void whatCannotBeDoneIsTyped() throws Exception {
        assertThatThrownBy(() -> pair.client.admin().migrate(77)).isInstanceOf(RendrException.class);
        PathSpec nowhere = PathSpec.of("loop://127.0.0.1:1?name=nowhere&connectTimeout=1s");
        assertThatThrownBy(() -> pair.client.admin().addPath(nowhere)).isInstanceOf(PathUnavailableException.class);
        Await.until("the path that failed is gone", () -> pair.client.paths().size() == 1);
        assertThatThrownBy(() -> pair.server.admin().addPath(other)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> pair.server.admin().removePath(0)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> pair.client.setMode(Mode.BOND)).isInstanceOf(UnsupportedOperationException.class);
        pair.client.setMode(Mode.PRIME);
    }

    @Test
    void theTargetCanBeReplacedByName() throws Exception {
        Target now = pair.client.admin().target();
        Target.Path kept = now.leaves().get(0);
        pair.client.admin().setTarget(Target.selector("main", kept, Target.path(other.toUri())));
        Await.until(
                "the new path is open",
                () -> pair.client.paths().stream()
                        .anyMatch(path ->
                                path.name().equals("other") && path.state().isUsable()));
        assertThatThrownBy(
                        () -> pair.client.admin().setTarget(Target.selector("main", Target.path(other.toUri()), kept)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("order");
        pair.client.admin().setTarget(Target.selector("main", Target.path(other.toUri())));
        Await.until("the old path is gone", () -> names().equals(List.of("other")));
    }

    private List<String> names() {
        return pair.client.admin().target().leaves().stream()
                .map(Target.Path::name)
                .toList();
    }

    @Test
    void countsAndStatesAreThere() throws Exception {
        pair.client.write(ByteBuffer.allocate(1000));
        pair.server.read(ByteBuffer.allocate(1000));
        assertThat(pair.client.admin().state()).isEqualTo(ConnState.ACTIVE);
        Await.until(
                "the bytes are counted",
                () -> pair.client.admin().stats().bytesSent() == 1000
                        && pair.server.admin().stats().bytesReceived() == 1000);
        assertThat(pair.client.status().peer()).isNotNull();
        assertThat(pair.client.status().paths()).hasSize(1);
        assertThat(pair.client.localAddress()).isNotNull();
        assertThat(pair.here.status().flows()).isEqualTo(1);
        pair.client.close();
        pair.server.close();
        pair.client.closed().toCompletableFuture().get(10, SECONDS);
        assertThat(pair.client.admin().state()).isEqualTo(ConnState.DEAD);
        assertThat(pair.client.admin().stats().bytesSent()).isEqualTo(1000);
    }
}
