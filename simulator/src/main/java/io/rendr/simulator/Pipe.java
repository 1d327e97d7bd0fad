// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection, in order whatever happens. Bytes wait in the sender's kernel, pass the bottleneck in
 * pieces and travel. A piece that is lost stops everything behind it until it is sent again: after a round trip (fast
 * retransmit), or after a time-out of at least 200 ms that doubles as long as nothing gets through.
 */
final class Pipe {
    private static final long MAX_RTO = SECONDS.toNanos(120);
    /** What may go out while no acknowledgement of the network's own comes back. */
    private static final int CONGESTION_WINDOW = 64 * 1024;

    private static final int RECEIVE_WINDOW = 4 << 20;
    private static final long WINDOW_PROBE = MILLISECONDS.toNanos(50);
    private static final int MILLION = 1_000_000;

    private final Connection connection;
    private final Route route;
    private final Timeline timeline;
    private final int direction;
    private final Endpoint target;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();
    /** When each of those would have left, had nobody else sent anything. */
    private final ArrayDeque<Long> due = new ArrayDeque<>();

    private long lastDue = Long.MIN_VALUE;
    private final ArrayDeque<ByteBuf> flying = new ArrayDeque<>();
    private int waitingBytes;
    private int flushedBytes;
    private @Nullable ByteBuf travelling;
    private long rto;
    private long unacknowledged;
    private int passed;
    private long lastArrival = Long.MIN_VALUE;
    private boolean finished;
    private boolean finSent;
    private boolean dead;

    Pipe(Connection connection, int direction, Endpoint target) {
        this.connection = connection;
        this.route = connection.route();
        this.timeline = route.timeline();
        this.direction = direction;
        this.target = target;
    }

    /** Bytes that have not left the sender's kernel. */
    int waiting() {
        return waitingBytes;
    }

    void write(ByteBuf bytes) {
        if (dead || finished || !bytes.isReadable()) {
            bytes.release();
            return;
        }
        waitingBytes += bytes.readableBytes();
        waiting.add(bytes);
        lastDue = Math.max(timeline.now(), lastDue) + route.transmission(bytes.readableBytes());
        due.add(lastDue);
    }

    void flush() {
        flushedBytes = waitingBytes;
        transmit();
    }

    /** Everything that was flushed is followed by a FIN; what was not is gone. */
    void finish() {
        finished = true;
        while (waitingBytes > flushedBytes) {
            ByteBuf last = waiting.removeLast();
            long time = due.removeLast();
            int excess = Math.min(last.readableBytes(), waitingBytes - flushedBytes);
            waitingBytes -= excess;
            if (excess < last.readableBytes()) {
                last.writerIndex(last.writerIndex() - excess);
                waiting.addLast(last);
                due.addLast(time);
            } else {
                last.release();
            }
        }
        transmit();
    }

    /** Drops what has not arrived. */
    void discard() {
        dead = true;
        waiting.forEach(ByteBuf::release);
        waiting.clear();
        due.clear();
        waitingBytes = 0;
        flushedBytes = 0;
    }

    /** Drops everything, what is on its way included; no event of this pipe may follow. */
    void abandon() {
        discard();
        ByteBuf piece = travelling;
        travelling = null;
        if (piece != null) {
            piece.release();
        }
        flying.forEach(ByteBuf::release);
        flying.clear();
    }

    private void transmit() {
        if (travelling != null || dead) {
            return;
        }
        ByteBuf piece = next();
        if (piece != null) {
            travelling = piece;
            long departure = route.passBottleneck(direction, piece.readableBytes());
            if (due.size() > waiting.size()) {
                route.heldUp(departure - due.remove());
            }
            timeline.at(departure, this::depart);
        } else if (finished && !finSent) {
            sendFin();
        }
    }

    private @Nullable ByteBuf next() {
        ByteBuf first = waiting.peek();
        if (first == null || flushedBytes == 0) {
            return null;
        }
        int size = Math.min(Math.min(first.readableBytes(), route.quantum()), flushedBytes);
        ByteBuf piece = size == first.readableBytes() ? waiting.remove() : first.readRetainedSlice(size);
        waitingBytes -= size;
        flushedBytes -= size;
        return piece;
    }

    private void depart() {
        ByteBuf piece = travelling;
        if (piece == null) {
            return;
        }
        if (dead) {
            travelling = null;
            piece.release();
            return;
        }
        Endpoint sender = connection.peerOf(target);
        sender.roomMayBeLeft();
        boolean lost = connection.swallows(direction)
                || connection.swallowsAfter(direction, passed)
                || route.tooLarge(piece.readableBytes());
        if (lost || target.unreachable() || congested()) {
            rto = rto == 0 ? route.rto() : Math.min(MAX_RTO, 2 * rto);
            timeline.after(rto, this::depart);
        } else if (connection.resets() || target.isClosed()) {
            travelling = null;
            piece.release();
            connection.answerReset(sender);
            transmit();
        } else if (target.unread() > RECEIVE_WINDOW) {
            timeline.after(WINDOW_PROBE, this::depart);
        } else if (rto == 0 && unlucky()) {
            boolean fast = route.random().nextInt(10) < 7;
            rto = fast ? 2 * route.delay() + 1 : route.rto();
            timeline.after(rto, this::depart);
        } else {
            rto = 0;
            travel(piece);
        }
    }

    private boolean congested() {
        if (!connection.swallows(1 - direction)) {
            unacknowledged = 0;
            return false;
        }
        return unacknowledged > CONGESTION_WINDOW;
    }

    private boolean unlucky() {
        int loss = route.plan().lossPpm();
        return loss > 0 && route.random().nextInt(MILLION) < loss;
    }

    private void travel(ByteBuf piece) {
        travelling = null;
        unacknowledged += piece.readableBytes();
        passed++;
        flying.add(piece);
        timeline.at(arrival(), this::arrive);
        transmit();
    }

    private long arrival() {
        lastArrival = Math.max(lastArrival, route.notBeforeStall(timeline.now() + route.transit()));
        return lastArrival;
    }

    private void arrive() {
        ByteBuf piece = flying.poll();
        if (piece == null) {
            return;
        }
        if (dead || target.isClosed()) {
            piece.release();
            if (!dead) {
                connection.answerReset(connection.peerOf(target));
            }
            return;
        }
        ByteBuf bytes = piece;
        if (route.corrupts() && connection.conversation() != null) {
            bytes = piece.copy();
            piece.release();
            int at = bytes.readerIndex() + route.random().nextInt(bytes.readableBytes());
            bytes.setByte(at, bytes.getByte(at) ^ 1 << route.random().nextInt(8));
            target.host().world().saw(Rule.CORRUPTION);
        }
        target.arrived(bytes);
    }

    private void sendFin() {
        if (connection.swallows(direction) || target.unreachable()) {
            rto = rto == 0 ? route.rto() : Math.min(MAX_RTO, 2 * rto);
            timeline.after(rto, () -> {
                if (!dead) {
                    transmit();
                }
            });
            return;
        }
        finSent = true;
        timeline.at(arrival(), () -> {
            if (!dead) {
                target.finished();
            }
        });
    }
}
