// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the connections of a port that have proved nothing: those whose handshake is not done. What is done with those that
 * have is the engine's. On one event loop.
 *
 * <p>The first {@value #FREE} that come without a token are taken at their word, which saves an honest dialer a round trip. Each
 * uses a place up, and gives it back when its handshake is done; the places of those that came to nothing come back over {@value
 * #REFILL_SECONDS} s. While none is left, dialers have to show that they receive at the address they come from (RFC 9000
 * section 8.1.2), which costs this end nothing that it has to remember.
 *
 * <p>Of one source there are at most {@value #MOST_PER_SOURCE}, and of all together {@value #MOST}: the newest displaces the
 * oldest, as an honest handshake is over before its turn comes.
 *
 * @param <C> a connection
 */
final class Admission<C> {
    static final int FREE = 32;
    static final int REFILL_SECONDS = 10;
    static final int MOST_PER_SOURCE = 64;
    static final int MOST = 1024;

    private static final double NANOS_PER_PLACE = REFILL_SECONDS * 1e9 / FREE;

    private record Guest(Object source, boolean free) {}

    private final LongSupplier clock;
    private final Map<C, Guest> unproven = new LinkedHashMap<>();
    private final Map<Object, Integer> bySource = new HashMap<>();
    private double places = FREE;
    private long refilledAt;

    /**
     * All places are free.
     *
     * @param clock nanoseconds
     */
    Admission(LongSupplier clock) {
        this.clock = clock;
        this.refilledAt = clock.getAsLong();
    }

    /** Whether somebody without a token has to show his address first. */
    boolean wantsToken() {
        long now = clock.getAsLong();
        places = Math.min(FREE, places + (now - refilledAt) / NANOS_PER_PLACE);
        refilledAt = now;
        return places < 1;
    }

    /** Whether a source has as many connections without a proof as it may. */
    boolean isFull(InetSocketAddress address) {
        return bySource.getOrDefault(source(address), 0) >= MOST_PER_SOURCE;
    }

    /**
     * One begins.
     *
     * @param shown whether it has shown its address
     * @return who has to go for it, and is forgotten; null if nobody
     */
    @Nullable
    C begin(C connection, InetSocketAddress address, boolean shown) {
        if (!shown) {
            places--;
        }
        Object source = source(address);
        unproven.put(connection, new Guest(source, !shown));
        bySource.merge(source, 1, Integer::sum);
        if (unproven.size() <= MOST) {
            return null;
        }
        Iterator<C> oldest = unproven.keySet().iterator();
        C displaced = oldest.next();
        end(displaced);
        return displaced;
    }

    /** Its handshake is done. */
    void prove(C connection) {
        Guest guest = end(connection);
        if (guest != null && guest.free) {
            places = Math.min(FREE, places + 1);
        }
    }

    /** It has ended; of no account if it had proved itself. */
    @Nullable
    private Guest end(C connection) {
        Guest guest = unproven.remove(connection);
        if (guest != null) {
            bySource.computeIfPresent(guest.source, (source, count) -> count == 1 ? null : count - 1);
        }
        return guest;
    }

    /** It has ended; of no account if it had proved itself. */
    void leave(C connection) {
        end(connection);
    }

    /** How many have proved nothing. */
    int unproven() {
        return unproven.size();
    }

    /** An IPv4 address, or the /64 of an IPv6 address: whoever has one address there has all of them. */
    private static Object source(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return ip instanceof Inet6Address
                ? (Object) ByteBuffer.wrap(ip.getAddress()).getLong()
                : ip;
    }
}
