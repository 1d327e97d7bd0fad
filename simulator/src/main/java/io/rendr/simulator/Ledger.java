// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.engine.memory.RangeSet;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** What one end of a flow was seen to send, over all its carriers; kept from outside, from the bytes themselves. */
final class Ledger {
    /** Something that was said on a connection at a time. */
    private record Spoken(Connection on, long at) {
        /** About when it arrives; never if something swallows it for good. */
        long arrival(Schedule.Side side) {
            Endpoint from = side == Schedule.Side.DIALER ? on.dialer() : on.acceptor();
            int direction = side == Schedule.Side.DIALER ? Connection.FORWARD : Connection.BACK;
            Route route = on.route();
            if (on.peerOf(from).isClosed()) {
                return Long.MIN_VALUE;
            }
            long queue = from.pipe().waiting() * 1_000_000_000L / route.rate();
            long trouble = route.swallows(direction) ? route.rto() : 0;
            return route.notBeforeStall(at + route.delay() + queue + trouble);
        }
    }

    private final RangeSet sent = new RangeSet();
    private final Map<String, Connection> control = new HashMap<>();
    private final Map<String, Spoken> spoken = new HashMap<>();
    private final NavigableMap<Long, Long> packets = new TreeMap<>();
    private long floor;
    private long resent;
    private int returned;
    private long cum;
    private long consumed;
    private int returns;
    private long limit;

    /** Notes payload that goes out. */
    void sent(long start, long end) {
        resent += end - start - sent.add(start, end);
    }

    /** Payload bytes that went out more than once. */
    long resent() {
        return resent;
    }

    /** Notes a packet that goes out; false if it was given up before. */
    boolean packet(long offset, long now) {
        packets.putIfAbsent(offset, now);
        return offset >= floor;
    }

    /** Notes what the peer need not wait for any more. */
    void forwarded(long newFloor) {
        floor = Math.max(floor, newFloor);
    }

    /** The peer need not wait for what lies below. */
    long floor() {
        return floor;
    }

    /** The packets that went out at or after {@code from}, and begin below {@code to}. */
    Set<Long> packets(long from, long to) {
        return packets.subMap(from, to).keySet();
    }

    /** How long ago a packet first went out. */
    long age(long offset, long now) {
        Long at = packets.get(offset);
        return at == null ? 0 : now - at;
    }

    /** Notes that credit was given back. */
    void returned(int count) {
        returned = count;
    }

    /** How often this end has given credit back. */
    int returned() {
        return returned;
    }

    /** Notes control that goes out on a connection; true if the same went out on another one before. */
    boolean repeated(String what, Connection on) {
        Connection before = control.put(what, on);
        return before != null && before != on;
    }

    /** Notes control that goes out; true if it may arrive before what was said of it on another connection. */
    boolean overtakes(String what, Connection on, Schedule.Side side, long now) {
        Spoken before = spoken.put(what, new Spoken(on, now));
        return before != null && before.on() != on && before.arrival(side) > new Spoken(on, now).arrival(side);
    }

    /** Notes an ACK; says what is wrong with it, or nothing. */
    String acknowledged(long newCum, long newConsumed, int newReturns, long newLimit) {
        String problem = "";
        if (newCum < cum || newConsumed < consumed) {
            problem = "cum or consumed went back";
        }
        if (newReturns == returns && newLimit < limit) {
            problem = "the limit went back from " + limit + " to " + newLimit + " without a return";
        }
        cum = newCum;
        consumed = newConsumed;
        returns = newReturns;
        limit = newLimit;
        return problem;
    }
}
