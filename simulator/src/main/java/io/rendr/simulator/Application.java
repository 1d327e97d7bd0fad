// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.FlowKind;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.simulator.Schedule.AppPlan;
import io.rendr.simulator.Schedule.Reading;
import io.rendr.simulator.Schedule.Writing;
import org.jspecify.annotations.Nullable;

/** A modelled application at one end of a flow: writes and reads by habit, and checks everything that it reads. */
abstract class Application {
    /** What {@link #write} and {@link #read} say when there is no room, or nothing to read. */
    static final int NOTHING = -1;

    private final FlowEnd end;
    private final AppPlan plan;
    private final Pattern mine;
    private final Pattern theirs;
    private long written;
    private long allowed;
    private long read;
    private boolean parked;
    private boolean mayRead;
    private boolean freeReading;
    private boolean finishing;
    private boolean outputShut;
    private boolean inputShut;
    private boolean sawEnd;
    private boolean closed;
    private boolean over;
    private boolean stopped;
    private long readAt;

    Application(FlowEnd end, AppPlan plan) {
        this.end = end;
        this.plan = plan;
        int stream = 2 * end.conversation().plan().id();
        boolean dialer = end.side() == Schedule.Side.DIALER;
        mine = new Pattern(dialer ? stream : stream + 1);
        theirs = new Pattern(dialer ? stream + 1 : stream);
        mayRead = plan.reading() == Reading.AT_ONCE;
    }

    static Application of(FlowEnd end) {
        AppPlan plan = end.conversation().plan().app(end.side());
        return end.flow().kind() == FlowKind.PACKET
                ? new PacketApplication(end, plan)
                : new StreamApplication(end, plan);
    }

    /**
     * Writes the next piece, of {@code most} bytes if pieces may have any size.
     *
     * @return its size; {@link #NOTHING} if there is no room for it
     */
    abstract int write(int most);

    /**
     * Reads a piece and checks it, of {@code most} bytes if pieces may have any size.
     *
     * @return its size; {@link #NOTHING} if there is none
     */
    abstract int read(int most);

    /** What this application wrote and {@code reader}, at the other end, should have read and has not; null if nothing. */
    abstract @Nullable String unread(Application reader);

    FlowEnd end() {
        return end;
    }

    Pattern mine() {
        return mine;
    }

    Pattern theirs() {
        return theirs;
    }

    void wrong(String what) {
        end.host().world().violation(Violation.Kind.CONTENT, end + " " + what);
    }

    private long now() {
        return end.host().world().timeline().now();
    }

    Flow flow() {
        return end.flow();
    }

    long written() {
        return written;
    }

    long read() {
        return read;
    }

    boolean sawEnd() {
        return sawEnd;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isOver() {
        return over;
    }

    /** Whether everything that this application means to write was taken by the engine. */
    boolean doneWriting() {
        return outputShut || closed || over || plan.writing() == Writing.NOTHING;
    }

    /** Whether its engine still keeps what arrives for it. */
    boolean readsOn() {
        return !inputShut && !closed;
    }

    boolean readsEverything() {
        return plan.reading() != Reading.NEVER && !inputShut;
    }

    void start() {
        switch (plan.writing()) {
            case BULK -> allowed = plan.bytes();
            case BURSTS, TRICKLE -> later();
            case PING -> allowed = plan.chunk();
            case PONG, NOTHING -> {}
        }
        switch (plan.reading()) {
            case LATE ->
                end.host().timer(now() + MILLISECONDS.toNanos(plan.readMs()), () -> {
                    freeReading = true;
                    pull();
                });
            case SLOW -> slowly();
            case AT_ONCE, NEVER -> {}
        }
        push();
        pull();
    }

    private void later() {
        end.host().timer(now() + MILLISECONDS.toNanos(plan.periodMs()), () -> {
            if (!finishing && !doneWriting() && written + allowed < plan.bytes()) {
                allowed += Math.min(plan.chunk(), plan.bytes() - written - allowed);
                push();
                later();
            }
        });
    }

    private void slowly() {
        end.host().timer(now() + MILLISECONDS.toNanos(Math.max(1, plan.readMs())), () -> {
            if (!freeReading && !over && !closed) {
                mayRead = true;
                pull();
                mayRead = false;
                slowly();
            }
        });
    }

    /** Nothing new is begun; what was begun is brought to its end. */
    void finish() {
        finishing = true;
        freeReading |= plan.reading() != Reading.NEVER;
        if (over || closed) {
            return;
        }
        if (plan.reading() == Reading.NEVER) {
            close();
            return;
        }
        pull();
        push();
    }

    // ---- writing

    /** There may be room. */
    void push() {
        if (over || closed || outputShut) {
            return;
        }
        if (flow().isWriteStopped()) {
            stopped = true;
            shutOutput();
            return;
        }
        long before = written;
        while (allowed > 0) {
            int taken = write((int) Math.min(allowed, Integer.MAX_VALUE));
            if (taken == NOTHING) {
                parked = true;
                break;
            }
            written += taken;
            allowed = Math.max(0, allowed - taken);
        }
        if (written > before) {
            end.host().world().saw(Rule.PARK, parked && allowed == 0);
            if (end.host().world().log().on()) {
                end.log("app wrote to " + written);
            }
            flow().written(now());
        }
        endOutput();
    }

    private void endOutput() {
        boolean complete = written >= plan.bytes() && plan.fin() && endsByItself();
        boolean wantsEnd = finishing && (plan.writing() != Writing.PONG || (sawEnd || inputShut) && allowed == 0);
        if (!outputShut && (complete || wantsEnd) && allowed == 0) {
            shutOutput();
        } else if (finishing && allowed > 0 && plan.writing() == Writing.BULK) {
            allowed = 0;
            shutOutput();
        }
    }

    private boolean endsByItself() {
        return switch (plan.writing()) {
            case BULK, BURSTS, TRICKLE, PING -> true;
            case NOTHING -> false;
            case PONG -> false;
        };
    }

    void shutOutput() {
        if (!over && !closed && !outputShut) {
            outputShut = true;
            end.log("app shuts its output at " + written);
            flow().shutdownOutput(now());
            closeIfDone();
        }
    }

    // ---- reading

    /** There may be something to read. */
    void pull() {
        if (over || closed || inputShut || !mayRead && !freeReading) {
            return;
        }
        long before = read;
        int most = freeReading || plan.reading() != Reading.SLOW ? Integer.MAX_VALUE : plan.readChunk();
        while (most > 0) {
            int taken = read(most);
            if (taken == NOTHING) {
                break;
            }
            read += taken;
            most -= taken;
        }
        if (read > before) {
            readAt = now();
            end.history().read(end.host().world().timeline().elapsed() / 1_000_000);
            if (end.host().world().log().on()) {
                end.log("app read to " + read);
            }
            boolean exhausted = end.host().instance().pool().receiving().free() < ChunkPool.LARGE;
            end.host().world().saw(Rule.SHARE, exhausted);
            if (flow().receiveBuffer().isConsumptionAwaited()) {
                flow().consumed(now());
            }
            answer(read - before);
        }
        if (!sawEnd && flow().isAtEnd()) {
            sawEnd = true;
            end.log("app saw the end at " + read);
            flow().sawEnd(now());
            endOutput();
            closeIfDone();
        }
    }

    private void answer(long bytes) {
        if (outputShut) {
            return;
        }
        if (plan.writing() == Writing.PONG) {
            allowed += bytes;
            push();
        } else if (plan.writing() == Writing.PING && read >= written && !finishing && written < plan.bytes()) {
            allowed = Math.min(plan.chunk(), plan.bytes() - written);
            push();
        }
    }

    // ---- ends

    private void closeIfDone() {
        if (outputShut && sawEnd && !closed) {
            close();
        }
    }

    void shutInput() {
        if (!over && !closed && !inputShut) {
            inputShut = true;
            flow().shutdownInput(now());
            endOutput();
            if (outputShut) {
                close();
            }
        }
    }

    void close() {
        if (!closed && !over) {
            closed = true;
            end.log("app closes");
            flow().close(now());
            flow().detachApplication();
        }
    }

    void abort(int code) {
        if (!closed && !over) {
            closed = true;
            end.log("app aborts with code " + code);
            flow().abort(code, now());
            flow().detachApplication();
        }
    }

    /** The engine says that the flow is over. */
    void ended(boolean clean) {
        if (over) {
            return;
        }
        if (clean && !closed) {
            freeReading = true;
            pull();
        }
        over = true;
        if (!closed) {
            closed = true;
            flow().close(now());
            flow().detachApplication();
        }
    }

    /** Says what this end still waits for. */
    String describe() {
        return "wrote " + written + " of " + plan.bytes() + (outputShut ? " (shut)" : "")
                + (stopped ? " (stopped)" : "")
                + ", read " + read + (sawEnd ? " (end)" : "") + (closed ? ", closed" : "") + (over ? ", over" : "")
                + ", last read "
                + (readAt == 0
                        ? "never"
                        : "at " + (end.host().world().timeline().elapsed() - (now() - readAt)) / 1_000_000 + " ms");
    }
}
