// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.ConnAdmin;
import io.rendr.ConnState;
import io.rendr.ConnStats;
import io.rendr.Migration;
import io.rendr.MigrationCause;
import io.rendr.Mode;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.Registration;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.flow.Outcome;
import io.rendr.engine.net.Clock;
import io.rendr.engine.net.FlowDriver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The administrative face of one connection. */
final class AdminFace implements ConnAdmin {
    private final FlowDriver driver;
    private final LivePolicy policy;
    private final Instant createdAt = Instant.now();
    private final InOrder callbacks;
    private final List<Consumer<Migration>> migrateListeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<PathInfo>> pathListeners = new CopyOnWriteArrayList<>();

    /** Requests that the flow has not answered yet; its end answers them. */
    private final Set<CompletableFuture<Integer>> pending = ConcurrentHashMap.newKeySet();

    /** What listeners were told last of each path, on the home loop: a path that was removed is not in the flow. */
    private final Map<Integer, PathInfo> told = new HashMap<>();

    AdminFace(FlowDriver driver, Optional<Target> given) {
        this.driver = driver;
        this.policy = new LivePolicy(driver, given);
        this.callbacks = new InOrder(driver.engine().workers());
    }

    // ---- paths

    @Override
    public void migrate(int pathId) throws IOException {
        wait("ConnAdmin.migrate", request((flow, outcome) -> flow.admin().migrate(pathId, outcome, Clock.now())));
    }

    @Override
    public int activePath() {
        return driver.ask("ConnAdmin.activePath", Flow::activePath);
    }

    @Override
    public int addPath(PathSpec spec) throws IOException {
        return wait("ConnAdmin.addPath", add(spec));
    }

    @Override
    public CompletionStage<Integer> addPathAsync(PathSpec spec) {
        return Later.onWorkers(add(spec), driver.engine().workers()).minimalCompletionStage();
    }

    private CompletableFuture<Integer> add(PathSpec spec) {
        driver.transports().of(spec);
        return request((flow, outcome) -> {
            LivePolicy.checkDialer(flow, "addPath");
            boolean taken = flow.pathList().stream()
                    .anyMatch(path ->
                            path.state() != PathState.DRAINING && path.name().equals(spec.name()));
            if (taken) {
                throw new IllegalArgumentException(
                        "a path named '" + spec.name() + "' is there already: give the new one another name=");
            }
            flow.admin().addPath(spec, spec.name(), outcome, Clock.now());
        });
    }

    @Override
    public void removePath(int pathId) throws IOException {
        wait("ConnAdmin.removePath", request((flow, outcome) -> {
            LivePolicy.checkDialer(flow, "removePath");
            flow.admin().removePath(pathId, outcome, Clock.now());
        }));
    }

    @Override
    public void rebind(int pathId, SocketAddress local) throws IOException {
        Objects.requireNonNull(local, "local");
        if (local instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw new IllegalArgumentException("not a resolved address of this machine: " + local);
        }
        wait("ConnAdmin.rebind", request((flow, outcome) -> {
            LivePolicy.checkDialer(flow, "rebind");
            flow.admin().rebind(pathId, local, outcome);
        }));
    }

    private CompletableFuture<Integer> request(BiConsumer<Flow, Outcome> action) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        pending.add(answer);
        answer.whenComplete((id, thrown) -> pending.remove(answer));
        boolean queued = driver.run((flow, now) -> {
            if (flow.isOver()) {
                answer.completeExceptionally(overNow());
                return;
            }
            try {
                action.accept(flow, new Outcome() {
                    @Override
                    public void done(int pathId) {
                        answer.complete(pathId);
                    }

                    @Override
                    public void failed(IOException cause) {
                        answer.completeExceptionally(cause);
                    }
                });
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        if (!queued) {
            answer.completeExceptionally(overNow());
        }
        return answer;
    }

    private RendrException overNow() {
        return new RendrException(driver.flow().id(), "flow " + driver.flow().id() + " has ended", null);
    }

    private int wait(String call, CompletableFuture<Integer> answer) throws IOException {
        driver.engine().loops().checkMayBlock(call, "the callback executor");
        return Later.join(answer, call);
    }

    // ---- policy

    @Override
    public Target target() {
        return policy.target();
    }

    @Override
    public void setTarget(Target root) {
        policy.setTarget(root);
    }

    @Override
    public Mode mode() {
        return policy.mode();
    }

    void setMode(Mode mode) {
        policy.setMode(Objects.requireNonNull(mode, "mode"));
    }

    // ---- numbers

    @Override
    public ConnState state() {
        return driver.ask("ConnAdmin.state", Snapshots::state);
    }

    @Override
    public ConnStats stats() {
        return driver.ask("ConnAdmin.stats", flow -> Snapshots.stats(flow, createdAt));
    }

    // ---- listeners

    @Override
    public Registration onMigrate(Consumer<Migration> listener) {
        migrateListeners.add(listener);
        return () -> migrateListeners.remove(listener);
    }

    @Override
    public Registration onPathChange(Consumer<PathInfo> listener) {
        pathListeners.add(listener);
        return () -> pathListeners.remove(listener);
    }

    void migrated(int fromPath, int toPath, MigrationCause cause) {
        if (!migrateListeners.isEmpty()) {
            tell(migrateListeners, new Migration(driver.flow().id(), fromPath, toPath, cause, Instant.now()));
        }
    }

    void pathChanged(int pathId) {
        PathInfo info = changed(pathId);
        if (info != null && !pathListeners.isEmpty()) {
            tell(pathListeners, info);
        }
    }

    private @Nullable PathInfo changed(int pathId) {
        Flow flow = driver.flow();
        for (FlowPath path : flow.pathList()) {
            if (path.id() == pathId) {
                PathInfo info = Snapshots.path(flow, path, Clock.now());
                told.put(pathId, info);
                return info;
            }
        }
        PathInfo last = told.remove(pathId);
        return last == null ? null : Snapshots.removed(last);
    }

    private <T> void tell(List<Consumer<T>> listeners, T event) {
        for (Consumer<T> listener : listeners) {
            callbacks.call(() -> listener.accept(event));
        }
    }

    /** The flow is over: what was asked of it is answered. */
    void ended() {
        List.copyOf(pending).forEach(answer -> answer.completeExceptionally(overNow()));
    }
}
