// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.CommonOptions;
import io.rendr.ConnState;
import io.rendr.IllegalModeTransitionException;
import io.rendr.InvalidConfigException;
import io.rendr.LastPathException;
import io.rendr.Migration;
import io.rendr.MigrationCause;
import io.rendr.Mode;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.PathUnavailableException;
import io.rendr.QualityPolicy;
import io.rendr.Registration;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.UnknownTransportException;
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
        pair.client.setMode(Mode.PRIME);
        pair.client.setMode(Mode.BOND);
        assertThatThrownBy(() -> pair.client.setMode(Mode.RACE)).isInstanceOf(IllegalModeTransitionException.class);
        assertThat(pair.client.mode()).isEqualTo(Mode.BOND);
    }

    @Test
    void theTargetCanBeReplacedByName() throws Exception {
        Target now = pair.client.admin().target();
        Target.Path kept = now.leaves().get(0);
        Target.Path added = Target.path(other.toUri());
        pair.client.admin().setTarget(Target.selector("main", kept, added));
        Await.until("the new path is open", () -> isUsable("other"));
        pair.client.admin().setTarget(Target.selector("turned", added, kept).withQuality(QualityPolicy.DEFAULT));
        Target turned = pair.client.admin().target();
        assertThat(turned).isEqualTo(Target.selector("turned", added, kept).withQuality(QualityPolicy.DEFAULT));
        Await.until(
                "the server knows",
                () -> pair.server.admin().target() instanceof Target.Selector told
                        && QualityPolicy.DEFAULT.equals(told.quality()));
        assertThat(pair.client.admin().migrationCount()).isZero();
        pair.client.admin().setTarget(Target.selector("main", added));
        Await.until("the old path is gone", () -> names().equals(List.of("other")));
        assertThat(pair.client.admin().activePath()).isEqualTo(1);
        pair.client.admin().setTarget(added);
        assertThat(names()).containsExactly("other");
    }

    private boolean isUsable(String name) {
        return pair.client.paths().stream()
                .anyMatch(path -> path.name().equals(name) && path.state().isUsable());
    }

    @Test
    void whatAPathIsForCanChange() throws Exception {
        Target.Path first = pair.client.admin().target().leaves().get(0);
        Target.Path backup = Target.path(other.with(CommonOptions.BACKUP, true));
        pair.client.admin().setTarget(Target.selector("main", first, backup));
        Await.until("the backup is open", () -> isUsable("other"));
        assertThat(pair.client.paths().get(1).spec().option(CommonOptions.BACKUP))
                .isTrue();
        pair.client.admin().setTarget(Target.selector("main", first, Target.path(other)));
        assertThat(pair.client.paths().get(1).id()).isEqualTo(1); // the same path
        assertThat(pair.client.paths().get(1).spec().option(CommonOptions.BACKUP))
                .isFalse();
        assertThat(pair.client.admin().target()).isEqualTo(Target.selector("main", first, Target.path(other)));
    }

    @Test
    void theAcceptingEndArrangesThePathsThatThereAre() throws Exception {
        int id = pair.client.admin().addPath(other);
        Await.until("the server knows the path", () -> serverNames().contains("other"));
        List<Target.Path> leaves = pair.server.admin().target().leaves();
        Target turned = Target.selector("main", leaves.get(1), leaves.get(0));
        pair.server.admin().setTarget(turned);
        assertThat(serverNames()).first().isEqualTo("other");
        assertThat(pair.client.admin().target().leaves().get(1).name()).isEqualTo("other");
        assertThatThrownBy(() -> pair.server.admin().setTarget(Target.selector("main", leaves.get(0))))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("only the end that dialed");
        pair.client.admin().migrate(id);
        Await.until(
                "the server does as the dialer says again",
                () -> serverNames().indexOf("other") == 1 && pair.server.admin().activePath() == id);
    }

    private List<String> serverNames() {
        return pair.server.admin().target().leaves().stream()
                .map(Target.Path::name)
                .toList();
    }

    @Test
    void aTargetThatCannotBeIsTypedAndChangesNothing() {
        Target before = pair.client.admin().target();
        Target.Path first = before.leaves().get(0);
        Target.Path second = Target.path(other);
        assertThatThrownBy(() -> pair.client
                        .admin()
                        .setTarget(Target.selector("s", second, Target.path("loop://127.0.0.1:9?name=other"))))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("'other' is used twice");
        assertThatThrownBy(() -> pair.client
                        .admin()
                        .setTarget(Target.selector("s", second, Target.path("quik://127.0.0.1:9?name=q"))))
                .isInstanceOf(UnknownTransportException.class);
        assertThatThrownBy(() -> pair.client
                        .admin()
                        .setTarget(Target.selector("s", second, Target.path("loop://127.0.0.1:9?name=q&nosuch=1"))))
                .isInstanceOf(InvalidConfigException.class);
        assertThat(pair.client.admin().target()).isEqualTo(before);
        assertThat(pair.client.paths()).hasSize(1);
    }

    @Test
    void aTargetForAConnectionThatHasEndedIsOfNoAccount() throws Exception {
        Target before = pair.client.admin().target();
        pair.client.abort(1);
        pair.client.closed().toCompletableFuture().get(10, SECONDS);
        pair.client.admin().setTarget(before);
        assertThat(pair.client.admin().state()).isEqualTo(ConnState.DEAD);
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
