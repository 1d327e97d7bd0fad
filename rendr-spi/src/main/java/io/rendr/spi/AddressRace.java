// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.channel.EventLoop;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pace at which the addresses of a name are tried: Happy Eyeballs version 2, RFC 8305 section 5. The next attempt begins
 * when the one before has failed, or has taken 250 ms, which ends none of those that are under way.
 * On one event loop.
 *
 * <p>{@link Carriers#connect} does this by itself; this is for what is not a stream channel.
 *
 * @param <A> an address
 */
public final class AddressRace<A> {
    /** The Connection Attempt Delay that RFC 8305 recommends. */
    static final long ATTEMPT_DELAY_MILLIS = 250;

    private final EventLoop loop;
    private final Queue<A> waiting;
    private final Consumer<A> start;
    private final Runnable lost;
    private int running;
    private @Nullable Future<?> delay;
    private boolean over;

    /**
     * Prepares a race.
     *
     * @param loop where it runs
     * @param addresses what to try, in this order
     * @param start begins an attempt, which tells {@link #failed()} if it fails, also from inside this call
     * @param lost hears that every attempt has failed
     */
    public AddressRace(EventLoop loop, Collection<A> addresses, Consumer<A> start, Runnable lost) {
        this.loop = loop;
        this.waiting = new ArrayDeque<>(addresses);
        this.start = start;
        this.lost = lost;
    }

    /**
     * The order in which to try: the families by turns, so that one that leads nowhere costs one delay and not one for each
     * of its addresses (RFC 8305 section 4). IPv6 first; the resolver's order within a family.
     *
     * @param found the addresses of a name
     * @return the same, ordered
     */
    public static List<InetAddress> order(List<InetAddress> found) {
        Iterator<InetAddress> six =
                found.stream().filter(Inet6Address.class::isInstance).iterator();
        Iterator<InetAddress> four =
                found.stream().filter(a -> !(a instanceof Inet6Address)).iterator();
        List<InetAddress> order = new ArrayList<>(found.size());
        while (six.hasNext() || four.hasNext()) {
            if (six.hasNext()) {
                order.add(six.next());
            }
            if (four.hasNext()) {
                order.add(four.next());
            }
        }
        return order;
    }

    /** Begins the first attempt, or the next one. */
    public void next() {
        A address = waiting.poll();
        if (address == null || over) {
            return;
        }
        running++;
        if (!waiting.isEmpty()) {
            delay = loop.schedule(this::next, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
        start.accept(address);
    }

    /** One of the attempts has failed. */
    public void failed() {
        running--;
        if (over) {
            return;
        }
        if (!waiting.isEmpty()) {
            cancelDelay();
            next();
        } else if (running == 0) {
            over = true;
            lost.run();
        }
    }

    /** Begins no more attempts. */
    public void stop() {
        over = true;
        cancelDelay();
    }

    private void cancelDelay() {
        if (delay != null) {
            delay.cancel(false);
            delay = null;
        }
    }
}
