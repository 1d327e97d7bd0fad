// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.channel.EventLoop;
import io.rendr.engine.keys.RecordScratch;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop as the exclusion of every flow that lives on it.
 *
 * <p>The core must not be called from inside one of its own calls. A transport may well report an event from inside a
 * call that the core made (a flush that fails closes the carrier at once), so whoever is about to call the core asks
 * {@link #enter} first, and when that says no hands the event to {@link #defer}: it runs when the outer call is over.
 */
final class HomeLoop {
    private static final Logger LOG = LoggerFactory.getLogger(HomeLoop.class);

    private final EventLoop loop;
    private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
    private final RecordScratch scratch = new RecordScratch();
    private boolean inside;

    HomeLoop(EventLoop loop) {
        this.loop = loop;
    }

    EventLoop loop() {
        return loop;
    }

    /** Scratch space for whoever has the turn. */
    RecordScratch scratch() {
        return scratch;
    }

    boolean inLoop() {
        return loop.inEventLoop();
    }

    /** Begins a turn; false inside another one. A turn that began must {@link #exit}. */
    boolean enter() {
        if (inside) {
            return false;
        }
        inside = true;
        return true;
    }

    /** Ends the turn, after what was deferred meanwhile, in order. */
    void exit() {
        Runnable next = deferred.poll();
        while (next != null) {
            contained(next);
            next = deferred.poll();
        }
        inside = false;
    }

    /** Runs the event at the end of the turn that is under way. */
    void defer(Runnable event) {
        deferred.add(event);
    }

    /** Runs a turn now, or at the end of the one under way; on this loop's thread only. */
    void turn(Runnable body) {
        if (!enter()) {
            defer(body);
            return;
        }
        try {
            contained(body);
        } finally {
            exit();
        }
    }

    /** Runs a turn on this loop, from any thread: now if this is its thread, queued otherwise. */
    void run(Runnable body) {
        if (loop.inEventLoop()) {
            turn(body);
        } else {
            loop.execute(() -> turn(body));
        }
    }

    private static void contained(Runnable body) {
        try {
            body.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a turn of an event loop failed", e);
        }
    }
}
