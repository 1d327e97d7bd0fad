// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How many handshakes each source may begin that prove nothing. A handshake takes a token when it begins and gives it
 * back if it proves itself, so that in the end only the others count.
 *
 * <p>Remembers the {@value #REMEMBERED} sources that came last: who has more addresses than that is no longer held by
 * this limit, but by those on all sources together. Thread-safe.
 */
final class Sources {
    static final int REMEMBERED = 4096;

    /** Seconds' worth of tokens that may be saved up: a burst of honest dialers must get through. */
    static final int BURST = 10;

    private static final Object NO_ADDRESS = "no address";

    private final int perSecond;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Object, TokenBucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, TokenBucket> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param perSecond handshakes per second of one source; 0 for any number */
    Sources(int perSecond) {
        this.perSecond = perSecond;
    }

    /** What counts as one source: an IPv4 address, the /64 of an IPv6 address, or the address of another kind. */
    static Object of(@Nullable SocketAddress address) {
        if (address == null) {
            return NO_ADDRESS;
        }
        if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return address;
        }
        InetAddress ip = inet.getAddress();
        return ip instanceof Inet6Address
                ? new Network(ByteBuffer.wrap(ip.getAddress()).getLong())
                : ip;
    }

    /** The first 64 bits of an IPv6 address: whoever has one address there has all of them. */
    private record Network(long bits) {
        @Override
        public String toString() {
            return String.format(
                    "%x:%x:%x:%x::/64", bits >>> 48, bits >>> 32 & 0xffff, bits >>> 16 & 0xffff, bits & 0xffff);
        }
    }

    /** A handshake begins; false if its source has none left. */
    boolean take(Object source, long now) {
        if (perSecond == 0) {
            return true;
        }
        lock.lock();
        try {
            TokenBucket bucket = buckets.computeIfAbsent(
                    source, s -> new TokenBucket(perSecond / 1e9, (double) perSecond * BURST, now));
            if (bucket.level(now) < 1) {
                return false;
            }
            bucket.take(1, now);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A handshake for which {@link #take} said yes has proved itself. */
    void giveBack(Object source, long now) {
        lock.lock();
        try {
            TokenBucket bucket = buckets.get(source);
            if (bucket != null) {
                bucket.giveBack(1, now);
            }
        } finally {
            lock.unlock();
        }
    }

    int remembered() {
        lock.lock();
        try {
            return buckets.size();
        } finally {
            lock.unlock();
        }
    }
}
