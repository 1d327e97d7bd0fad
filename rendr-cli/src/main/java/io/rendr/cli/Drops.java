// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the datagrams that are lost at this end, and says so now and then: a flood of them is no flood of lines. */
final class Drops {
    private static final Logger LOG = LoggerFactory.getLogger(Drops.class);
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(10);

    /** Why a datagram goes no further. */
    enum Cause {
        TOO_LARGE("it is too large for the flow (--max-packet of 'rendr forward')"),
        NO_ROOM("its flow had no room"),
        DIALING("more came while its flow was being dialed than is kept"),
        NO_FLOW("there is no flow for it"),
        NO_CLIENT("there is no place for one more client (--udp-clients)"),
        STRANGER("it is not from the server of its flow"),
        NOT_SENT("the system did not send it"),
        NOT_READ("the system did not hand it over");

        private final String text;

        Cause(String text) {
            this.text = text;
        }
    }

    /** One cause: how often, and from when on it may be told again. */
    private static final class Tally {
        private final LongAdder count = new LongAdder();
        private final AtomicLong tellAt = new AtomicLong(System.nanoTime());
    }

    private final Map<Cause, Tally> tallies = new EnumMap<>(Cause.class);

    Drops() {
        for (Cause cause : Cause.values()) {
            tallies.put(cause, new Tally());
        }
    }

    /**
     * Counts one, and logs it unless one of that cause was logged in the last ten seconds.
     *
     * @param whose the client or flow
     * @param detail what else is known, may be empty
     */
    void count(Cause cause, Object whose, String detail) {
        Tally tally = tallies.get(cause);
        tally.count.increment();
        long now = System.nanoTime();
        long tellAt = tally.tellAt.get();
        if (now - tellAt >= 0 && tally.tellAt.compareAndSet(tellAt, now + PAUSE)) {
            String more = detail.isEmpty() ? "" : ": " + detail;
            LOG.warn("{}: a datagram was dropped, {}{}; {} so far", whose, cause.text, more, tally.count.sum());
        }
    }

    /** How many of that cause. */
    long count(Cause cause) {
        return tallies.get(cause).count.sum();
    }

    /** Logs all of them, if there are any. */
    void tell() {
        List<String> parts = new ArrayList<>();
        tallies.forEach((cause, tally) -> {
            if (tally.count.sum() > 0) {
                parts.add(tally.count.sum() + " " + cause);
            }
        });
        if (!parts.isEmpty()) {
            LOG.info("datagrams dropped in all: {}", String.join(", ", parts));
        }
    }
}
