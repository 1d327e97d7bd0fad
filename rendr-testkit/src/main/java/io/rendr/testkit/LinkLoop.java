// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The thread of one link: its selector, its timers, the state that all of its connections share, and the counters. */
final class LinkLoop implements Runnable {

    /** What a direction of the link has in force, and what it counted. */
    static final class Way {
        LinkShape shape = LinkShape.UNSHAPED;
        boolean blackHole;
        boolean stalled;
        long blockedSince;
        long blockedNanos;
        long blackHoles;
        long forwarded;
        long held;
        long swallowed;
        long fins;

        @Nullable
        Timer stallEnd;

        boolean blocked() {
            return blackHole || stalled;
        }
    }

    /** A deadline with something to do; it may be armed again after it fired. */
    final class Timer {
        private final Runnable action;
        private long deadline;
        private boolean armed;

        Timer(Runnable action) {
            this.action = action;
        }

        void arm(long nanos) {
            if (armed) {
                if (deadline == nanos) {
                    return;
                }
                timers.remove(this);
            }
            deadline = nanos;
            armed = true;
            timers.add(this);
        }

        void cancel() {
            if (armed) {
                timers.remove(this);
                armed = false;
            }
        }
    }

    /** A change asked for by another thread. */
    private record Task<T>(Callable<T> change, CompletableFuture<T> done) {
        void run() {
            try {
                done.complete(change.call());
            } catch (Throwable t) {
                done.completeExceptionally(t);
            }
        }
    }

    private static final int RING_BYTES = 64 << 10;
    private static final int SPARE_RINGS = 64;
    private static final long ACCEPT_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    final SplittableRandom random = new SplittableRandom(1);
    long connections;
    long refused;
    long hung;
    long targetFailures;
    long resets;
    long natExpired;
    long natIdleNanos;
    NatExpiry natExpiry = NatExpiry.SILENT;

    private List<InetSocketAddress> targets;
    private int turn;
    private final Map<InetSocketAddress, Long> connected = new HashMap<>();
    private final Selector selector;
    private final Thread thread;
    private final Way up = new Way();
    private final Way down = new Way();
    private final Set<LinkConnection> live = new LinkedHashSet<>();
    private final Queue<Task<?>> tasks = new ConcurrentLinkedQueue<>();
    /** Deadlines are compared as distances from one instant, as System.nanoTime() may be anywhere in the range of long. */
    private final PriorityQueue<Timer> timers;

    private final ArrayDeque<ByteBuffer> spareRings = new ArrayDeque<>();
    private final Timer acceptAgain = new Timer(this::acceptAgain);
    private final CompletableFuture<LinkCounters> ended = new CompletableFuture<>();
    private final Consumer<SelectionKey> onReady = this::ready;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(RING_BYTES);
    private final LinkListener listener;
    private volatile boolean closing;

    private LinkLoop(Selector selector, LinkListener listener, InetSocketAddress target) {
        long start = System.nanoTime();
        this.timers = new PriorityQueue<>(Comparator.comparingLong(t -> t.deadline - start));
        this.selector = selector;
        this.listener = listener;
        this.targets = List.of(target);
        this.thread = new Thread(this, "rendr-link-" + address().getPort());
        thread.setDaemon(true);
    }

    static LinkLoop open(InetAddress listen, InetSocketAddress target) throws IOException {
        Selector selector = Selector.open();
        try {
            LinkLoop loop = new LinkLoop(selector, LinkListener.open(selector, listen), target);
            loop.thread.start();
            return loop;
        } catch (IOException e) {
            selector.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return listener.address();
    }

    /** Runs a change on the link's thread and waits for it. */
    <T> T call(Callable<T> change) {
        Task<T> task = new Task<>(change, new CompletableFuture<>());
        tasks.add(task);
        selector.wakeup();
        if (ended.isDone() && tasks.remove(task)) {
            refuse(task);
        }
        try {
            return task.done.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw new IllegalStateException(
                    "the link on " + address() + " did not do it: " + cause.getMessage(), cause);
        }
    }

    private void refuse(Task<?> task) {
        Throwable why = ended.handle((counters, failure) -> failure).join();
        task.done.completeExceptionally(
                why == null
                        ? new IllegalStateException("it is closed")
                        : new IllegalStateException("its thread failed: " + why, why));
    }

    LinkCounters counters() {
        if (!ended.isDone()) {
            try {
                return call(this::snapshot);
            } catch (IllegalStateException e) {
                if (!ended.isDone()) {
                    throw e;
                }
            }
        }
        try {
            return ended.join();
        } catch (CompletionException e) {
            throw new IllegalStateException("the thread of the link on " + address() + " failed", e.getCause());
        }
    }

    void close() {
        closing = true;
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Way way(LinkDirection direction) {
        return direction == LinkDirection.UP ? up : down;
    }

    boolean blackHoled() {
        return up.blocked() || down.blocked();
    }

    void shape(LinkDirection direction, LinkShape shape) {
        way(direction).shape = shape;
        forEach(LinkConnection::reshaped);
    }

    void targets(List<InetSocketAddress> to) {
        targets = to;
        turn = 0;
    }

    InetSocketAddress nextTarget() {
        return targets.get(turn++ % targets.size());
    }

    void connectedTo(InetSocketAddress target) {
        connected.merge(target, 1L, Long::sum);
    }

    void natExpiry(Duration idle, NatExpiry expiry) {
        natIdleNanos = idle.toNanos();
        natExpiry = expiry;
    }

    void blackHole(LinkDirection direction, boolean on) {
        Way way = way(direction);
        boolean before = way.blocked();
        if (!on && way.stallEnd != null) {
            way.stallEnd.cancel();
            way.stalled = false;
        }
        boolean begun = on && !way.blackHole;
        way.blackHole = on;
        blockedChanged(direction, before, begun);
    }

    void stall(LinkDirection direction, Duration duration) {
        Way way = way(direction);
        boolean before = way.blocked();
        way.stalled = true;
        if (way.stallEnd == null) {
            way.stallEnd = new Timer(() -> {
                way.stalled = false;
                blockedChanged(direction, true, false);
            });
        }
        way.stallEnd.arm(System.nanoTime() + duration.toNanos());
        blockedChanged(direction, before, true);
    }

    private void blockedChanged(LinkDirection direction, boolean before, boolean begun) {
        Way way = way(direction);
        if (begun) {
            way.blackHoles++;
        }
        if (way.blocked() == before) {
            return;
        }
        long now = System.nanoTime();
        if (way.blocked()) {
            way.blockedSince = now;
        } else {
            way.blockedNanos += now - way.blockedSince;
        }
        forEach(c -> c.blockedChanged(direction, now));
    }

    int reset() {
        int before = live.size();
        forEach(LinkConnection::reset);
        releaseClosed();
        return before;
    }

    int fin(LinkDirection direction) {
        int[] ended = new int[1];
        forEach(c -> ended[0] += c.fin(direction) ? 1 : 0);
        return ended[0];
    }

    void connects(LinkConnects now) throws IOException {
        listener.connects(now);
    }

    /** A closed channel keeps its descriptor until its key leaves the selector. */
    private void releaseClosed() {
        try {
            selector.selectNow(key -> {}); // readiness is level-triggered and comes again
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void ended(LinkConnection connection) {
        live.remove(connection);
    }

    /** An empty ring of the first size; larger ones are made as they are needed and left to the collector. */
    ByteBuffer ring() {
        ByteBuffer spare = spareRings.poll();
        return spare != null ? spare : ByteBuffer.allocateDirect(RING_BYTES);
    }

    void recycle(ByteBuffer ring) {
        if (ring.capacity() == RING_BYTES && spareRings.size() < SPARE_RINGS) {
            spareRings.add(ring);
        }
    }

    /** Where bytes go that nobody will read. */
    ByteBuffer scratch() {
        return scratch.clear();
    }

    Selector selector() {
        return selector;
    }

    @Override
    public void run() {
        Throwable failure = null;
        try {
            while (!closing) {
                turn();
            }
        } catch (Throwable t) {
            failure = t;
        }
        LinkCounters last = snapshot();
        try {
            shutdown();
        } catch (Throwable t) {
            if (failure == null) {
                failure = t;
            } else {
                failure.addSuppressed(t);
            }
        }
        if (failure == null) {
            ended.complete(last);
        } else {
            ended.completeExceptionally(failure);
        }
        for (Task<?> task = tasks.poll(); task != null; task = tasks.poll()) {
            refuse(task);
        }
    }

    private void turn() throws IOException {
        Timer next = timers.peek();
        if (!tasks.isEmpty()) {
            selector.selectNow(onReady);
        } else if (next == null) {
            selector.select(onReady);
        } else {
            long wait = next.deadline - System.nanoTime();
            if (wait <= 0) {
                selector.selectNow(onReady);
            } else {
                selector.select(onReady, (wait + 999_999) / 1_000_000);
            }
        }
        for (Task<?> task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        long now = System.nanoTime();
        for (Timer due = timers.peek(); due != null && due.deadline - now <= 0; due = timers.peek()) {
            timers.poll();
            due.armed = false;
            due.action.run();
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (listener.owns(key)) {
            accept();
        } else {
            ((LinkConnection) key.attachment()).ready(key);
        }
    }

    private void accept() {
        while (true) {
            SocketChannel client;
            try {
                client = listener.accept();
            } catch (IOException e) { // out of descriptors: the backlog keeps the rest
                listener.accepting(false);
                acceptAgain.arm(System.nanoTime() + ACCEPT_RETRY_NANOS);
                return;
            }
            if (client == null) {
                return;
            }
            connections++;
            LinkConnection connection = new LinkConnection(this, client);
            live.add(connection);
            connection.begin(listener.connects());
        }
    }

    private void acceptAgain() {
        listener.accepting(true);
    }

    private void forEach(Consumer<LinkConnection> change) {
        new ArrayList<>(live).forEach(change);
    }

    private LinkCounters snapshot() {
        long[] heldNow = new long[2];
        for (LinkConnection c : live) {
            for (LinkDirection d : LinkDirection.values()) {
                heldNow[d.ordinal()] += c.heldNow(d);
            }
        }
        return new LinkCounters(
                connections,
                live.size(),
                refused,
                hung,
                targetFailures,
                resets,
                natExpired,
                connected,
                snapshot(up, heldNow[0]),
                snapshot(down, heldNow[1]));
    }

    private static LinkCounters.Way snapshot(Way way, long heldNow) {
        long blocked = way.blockedNanos + (way.blocked() ? System.nanoTime() - way.blockedSince : 0);
        return new LinkCounters.Way(
                way.forwarded, way.held, heldNow, way.swallowed, way.fins, way.blackHoles, Duration.ofNanos(blocked));
    }

    private void shutdown() throws IOException {
        forEach(LinkConnection::close);
        listener.close();
        selector.close();
    }
}
