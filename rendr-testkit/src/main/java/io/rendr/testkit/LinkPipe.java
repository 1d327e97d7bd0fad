// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection. Bytes live in one ring between three offsets that only grow: they are read at {@code in}, have passed the bottleneck
 * below {@code departed}, and have been delivered below {@code out}. {@code in - departed} is the queue, {@code departed - out} is the line.
 */
final class LinkPipe {

    private enum End {
        NONE,
        FIN,
        RST
    }

    private static final long PUMP_BYTES = 1 << 20;
    /** Departures this close to each other arrive together. */
    private static final long STAMP_GRAIN_NANOS = 100_000;
    /** How much of its own lateness the loop may make up for when the sender had been waiting. */
    private static final long CATCH_UP_NANOS = 100_000_000;

    private final LinkLoop loop;
    private final LinkConnection connection;
    private final LinkLoop.Way way;
    private final LinkLoop.Timer timer;
    private @Nullable SocketChannel source;
    private @Nullable SocketChannel sink;
    private @Nullable ByteBuffer ring;

    private long in;
    private long departed;
    private long out;
    private boolean wasFull;
    private boolean sinkFull;

    /** When the bottleneck is free again. */
    private long clock;

    /** The line: up to offset {@code stampEnd[i]} arrives at {@code stampDue[i]}; a ring of stampCount entries from stampHead. */
    private long[] stampEnd = new long[16];

    private long[] stampDue = new long[16];
    private int stampHead;
    private int stampCount;
    private long lastDue;
    private long arrived;

    private End end = End.NONE;
    private long endDue;
    private boolean endDelivered;
    private boolean sourceEnded;
    private boolean swallowing;
    private boolean released;

    LinkPipe(LinkLoop loop, LinkConnection connection, LinkDirection direction) {
        this.loop = loop;
        this.connection = connection;
        this.way = loop.way(direction);
        this.timer = loop.new Timer(this::pump);
    }

    void open(SocketChannel source, SocketChannel sink) {
        this.source = source;
        this.sink = sink;
        this.clock = System.nanoTime();
        this.lastDue = clock;
    }

    /** Reads a connection that goes nowhere, to see it end. */
    void swallow(SocketChannel source) {
        this.source = source;
        this.swallowing = true;
        connection.updateInterest();
    }

    boolean wantsRead() {
        return source != null && source.isOpen() && end != End.RST && (swallowing ? !sourceEnded : room() > 0);
    }

    boolean wantsWrite() {
        return sinkFull && !blocked();
    }

    boolean finDelivered() {
        return endDelivered;
    }

    long heldNow() {
        return blocked() ? in - out : 0;
    }

    private boolean blocked() {
        return way.blocked() || connection.expired();
    }

    private long room() {
        return sourceEnded ? 0 : way.shape.queue() - (in - departed);
    }

    void blockedChanged(long now) {
        if (blocked()) {
            way.held += in - out;
        } else {
            clock = Math.max(clock, now);
        }
    }

    /** Moves what can be moved now, and arranges to be called again when more can. */
    void pump() {
        if (released || source == null) {
            return;
        }
        long now = System.nanoTime();
        long moved = 0;
        long round;
        do {
            round = read(now) + (released ? 0 : deliver(now));
            moved += round;
        } while (!released && round > 0 && moved < PUMP_BYTES);
        if (!released) {
            deliverEnd(now);
        }
        if (!released) {
            rearm();
            connection.updateInterest();
        }
    }

    private long read(long now) {
        SocketChannel from = source;
        if (from == null || !from.isOpen() || sourceEnded || (!swallowing && room() <= 0)) {
            return 0;
        }
        try {
            int n = from.read(swallowing ? loop.scratch() : free());
            if (n < 0) {
                sourceEnded = true;
                if (swallowing && sink == null) {
                    connection.close(); // a hung connection that was given up
                } else if (!connection.mapped(now) && loop.natExpiry == NatExpiry.RESET) {
                    connection.resetByNat(from);
                } else if (end == End.NONE) {
                    ended(End.FIN, now);
                }
                return 0;
            }
            if (n > 0) {
                arrived(n, now, from);
            } else {
                wasFull = false;
            }
            return n;
        } catch (IOException e) {
            if (sink == null) {
                connection.close();
            } else {
                connection.gone(from, now);
            }
            return 0;
        }
    }

    private void arrived(int n, long now, SocketChannel from) {
        if (swallowing) {
            way.swallowed += n;
        } else if (!connection.mapped(now) && loop.natExpiry == NatExpiry.RESET) {
            way.swallowed += n;
            connection.resetByNat(from);
        } else {
            if (in == departed) {
                // A sender that had been waiting behind a full queue kept the bottleneck busy meanwhile; any other
                // found it idle.
                clock = Math.max(clock, wasFull ? now - CATCH_UP_NANOS : now);
            }
            in += n;
            wasFull = room() <= 0;
            if (blocked()) {
                way.held += n;
            }
        }
    }

    private long deliver(long now) {
        if (blocked() || sink == null || !sink.isOpen()) {
            return 0;
        }
        depart(now);
        long before = out;
        long limit = arrivedLimit(now);
        sinkFull = false;
        while (out < limit) {
            ByteBuffer span = span(out, limit);
            int length = span.remaining();
            int n;
            try {
                n = sink.write(span);
            } catch (IOException e) {
                connection.gone(sink, now);
                return 0;
            }
            out += n;
            way.forwarded += n;
            if (n < length) {
                sinkFull = true;
                break;
            }
        }
        return out - before;
    }

    /** Passes bytes through the bottleneck as its rate allows, in pieces of a millisecond. */
    private void depart(long now) {
        LinkShape shape = way.shape;
        long line = shape.inFlightLimit();
        while (departed < in) {
            long room = line - (departed - out);
            if (room <= 0) {
                clock = Math.max(clock, now);
                return;
            }
            long piece = Math.min(room, in - departed);
            if (shape.rate() == 0) {
                clock = now;
            } else {
                piece = Math.min(piece, quantum(shape));
                long finish = clock + serialization(piece, shape);
                if (finish - now > 0) {
                    return;
                }
                clock = finish;
            }
            departed += piece;
            stamp(shape);
        }
    }

    private static long quantum(LinkShape shape) {
        return Math.max(1, Math.min(shape.rate() / 1000, 1 << 20));
    }

    private static long serialization(long bytes, LinkShape shape) {
        return (long) (bytes * 1e9 / shape.rate());
    }

    private void stamp(LinkShape shape) {
        long delay = shape.delay().toNanos();
        long jitter = shape.jitter().toNanos();
        if (delay + jitter == 0 && stampCount == 0) {
            return;
        }
        long due = clock + delay + (jitter == 0 ? 0 : loop.random.nextLong(jitter + 1));
        if (stampCount > 0 && due - lastDue < STAMP_GRAIN_NANOS) { // also what would overtake
            stampEnd[(stampHead + stampCount - 1) & (stampEnd.length - 1)] = departed;
            return;
        }
        if (stampCount == stampEnd.length) {
            growStamps();
        }
        int at = (stampHead + stampCount++) & (stampEnd.length - 1);
        stampEnd[at] = departed;
        stampDue[at] = due;
        lastDue = due;
    }

    private void growStamps() {
        int size = stampEnd.length;
        long[] ends = Arrays.copyOf(stampEnd, size * 2);
        long[] dues = Arrays.copyOf(stampDue, size * 2);
        for (int i = 0; i < size; i++) {
            ends[i] = stampEnd[(stampHead + i) & (size - 1)];
            dues[i] = stampDue[(stampHead + i) & (size - 1)];
        }
        stampEnd = ends;
        stampDue = dues;
        stampHead = 0;
    }

    /** The offset below which everything has travelled the line. */
    private long arrivedLimit(long now) {
        while (stampCount > 0 && stampDue[stampHead] - now <= 0) {
            arrived = stampEnd[stampHead];
            stampHead = (stampHead + 1) & (stampEnd.length - 1);
            stampCount--;
        }
        return stampCount == 0 ? departed : arrived;
    }

    private void deliverEnd(long now) {
        if (end == End.NONE || endDelivered || blocked() || now - endDue < 0) {
            return;
        }
        if (end == End.RST) {
            connection.reset();
        } else if (in == out && sink != null) {
            endDelivered = true;
            try {
                if (sink.isOpen()) {
                    sink.shutdownOutput();
                }
            } catch (IOException e) {
                connection.gone(sink, now);
            }
            connection.closeIfDone();
        }
    }

    private void ended(End how, long now) {
        end = how;
        endDue = Math.max(lastDue, now + way.shape.delay().toNanos());
    }

    /** The sender vanished by an error: its end learns that after the delay, unless a black hole swallows the news too. */
    void sourceReset(long now) {
        if (end != End.RST && !connection.expired()) {
            sourceEnded = true;
            ended(End.RST, now);
            rearm();
        }
    }

    /** Nobody is left to deliver to. */
    void sinkGone() {
        way.swallowed += in - out;
        in = out;
        departed = out;
        stampCount = 0;
        sinkFull = false;
        swallowing = true;
    }

    /** Ends the direction here and now; returns whether it was still open. */
    boolean injectFin() {
        if (end != End.NONE) {
            return false;
        }
        ended(End.FIN, System.nanoTime());
        swallowing = true;
        way.fins++;
        return true;
    }

    private void rearm() {
        if (blocked()) {
            timer.cancel();
            return;
        }
        long now = System.nanoTime();
        long wait = Long.MAX_VALUE;
        if (!sinkFull) {
            LinkShape shape = way.shape;
            if (stampCount > 0) {
                wait = stampDue[stampHead] - now;
            }
            if (departed < in && departed - out < shape.inFlightLimit()) {
                wait = Math.min(wait, shape.rate() == 0 ? 0 : nextDeparture(shape) - now);
            }
        }
        if (end != End.NONE && !endDelivered && (end == End.RST || in == out)) {
            wait = Math.min(wait, endDue - now);
        }
        if (wait == Long.MAX_VALUE) {
            timer.cancel();
        } else {
            timer.arm(now + Math.max(wait, 0));
        }
    }

    private long nextDeparture(LinkShape shape) {
        return clock + serialization(Math.min(in - departed, quantum(shape)), shape);
    }

    void release() {
        released = true;
        timer.cancel();
        way.swallowed += in - out;
        in = out;
        departed = out;
        if (ring != null) {
            loop.recycle(ring);
            ring = null;
        }
    }

    // The ring

    private ByteBuffer ring() {
        if (ring == null) {
            ring = loop.ring();
        }
        return ring;
    }

    /** The next contiguous free bytes, within the queue's limit. The ring grows while it is full and the shape allows more. */
    private ByteBuffer free() {
        ByteBuffer r = ring();
        long used = in - out;
        if (used == r.capacity()) {
            r = grown(r);
        }
        int at = (int) (in & (r.capacity() - 1));
        long length = Math.min(r.capacity() - used, r.capacity() - at);
        r.limit(at + (int) Math.min(length, room())).position(at);
        return r;
    }

    private ByteBuffer grown(ByteBuffer old) {
        ByteBuffer larger = ByteBuffer.allocateDirect(old.capacity() * 2);
        for (long at = out; at < in; ) {
            ByteBuffer from = span(at, in);
            int length = from.remaining();
            larger.limit(larger.capacity()).position((int) (at & (larger.capacity() - 1)));
            if (larger.remaining() < length) {
                from.limit(from.position() + larger.remaining());
                length = from.remaining();
            }
            larger.put(from);
            at += length;
        }
        loop.recycle(old);
        ring = larger;
        return larger;
    }

    private ByteBuffer span(long from, long to) {
        ByteBuffer r = ring();
        int at = (int) (from & (r.capacity() - 1));
        r.limit(at + (int) Math.min(to - from, r.capacity() - at)).position(at);
        return r;
    }
}
