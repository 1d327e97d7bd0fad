// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.HandshakeRefusal;
import io.rendr.HandshakeStats;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * What a runtime holds against handshakes that prove nothing, whichever acceptor they come to: the time that key agreement
 * may take, the counts, and what the log says about them. Thread-safe.
 */
final class Doorkeeper {
    private static final Logger LOG = LoggerFactory.getLogger(Doorkeeper.class);
    private static final long LOG_PAUSE = SECONDS.toNanos(10);

    private final CryptoBudget strangers;
    private final CryptoBudget known;
    private final AtomicInteger open = new AtomicInteger();
    private final LongAdder confirmed = new LongAdder();
    private final AtomicLongArray refused = new AtomicLongArray(HandshakeRefusal.values().length);
    private final LongAdder pauses = new LongAdder();
    private final AtomicLong refusalsLogged = new AtomicLong(Clock.now() - LOG_PAUSE);
    private final AtomicLong pausesLogged = new AtomicLong(Clock.now() - LOG_PAUSE);

    /** @param share of one processor, for either kind of handshake */
    Doorkeeper(double share) {
        strangers = new CryptoBudget(share, Clock::now);
        known = new CryptoBudget(share, Clock::now);
    }

    /** For handshakes that have proved nothing. */
    CryptoBudget strangers() {
        return strangers;
    }

    /** For those that show a pre-shared key, or a recording of somebody who does. */
    CryptoBudget known() {
        return known;
    }

    void began() {
        open.incrementAndGet();
    }

    void confirmed() {
        open.decrementAndGet();
        confirmed.increment();
    }

    void refused(HandshakeRefusal why, Object source) {
        open.decrementAndGet();
        refused.incrementAndGet(why.ordinal());
        Level level = level(why);
        if (level == Level.DEBUG) {
            LOG.debug("a handshake from {} ended: {}", source, why);
        } else if (mayLog(refusalsLogged)) {
            LOG.atLevel(level)
                    .log(
                            "a carrier from {} was not let in: {}. All so far: {}. Not told again within {} s",
                            source,
                            why,
                            stats().refused().entrySet().stream()
                                    .filter(e -> e.getValue() > 0)
                                    .toList(),
                            NANOSECONDS.toSeconds(LOG_PAUSE));
        }
    }

    /** Limits concern those who run this end; strangers knock on every door. */
    private static Level level(HandshakeRefusal why) {
        return switch (why) {
            case ABANDONED, SHUTTING_DOWN, FLOW_ENDED -> Level.DEBUG;
            case NO_ROOM, SOURCE_LIMIT, CPU_LIMIT, DISPLACED -> Level.WARN;
            default -> Level.INFO;
        };
    }

    /** The system refused an endpoint a connection. */
    void paused(Object endpoint, Throwable cause) {
        pauses.increment();
        if (mayLog(pausesLogged)) {
            LOG.warn(
                    "accepting at {} pauses for a second, {} times so far: {}. If descriptors have run out, raise their"
                            + " limit (ulimit -n) or lower maxFlows and maxHandshakes",
                    endpoint,
                    pauses.sum(),
                    cause.toString());
        }
    }

    private static boolean mayLog(AtomicLong last) {
        long before = last.get();
        long now = Clock.now();
        return now - before >= LOG_PAUSE && last.compareAndSet(before, now);
    }

    HandshakeStats stats() {
        Map<HandshakeRefusal, Long> counts = new EnumMap<>(HandshakeRefusal.class);
        for (HandshakeRefusal cause : HandshakeRefusal.values()) {
            counts.put(cause, refused.get(cause.ordinal()));
        }
        return new HandshakeStats(open.get(), confirmed.sum(), counts, pauses.sum());
    }
}
