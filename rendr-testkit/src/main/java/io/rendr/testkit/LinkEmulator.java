// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A TCP link in user space: it listens on a loopback port of its own, connects every connection on to a target, and does to the bytes what a network
 * may do, changed live. One daemon thread ({@code rendr-link-<port>}) does all the work; {@link #close()} leaves no thread and no descriptor.
 *
 * <p><b>What is real and what is not.</b> The two ends talk to the kernel of this machine, which acknowledges what they send. A black hole therefore
 * looks to the sender like a peer whose window closes, not like lost packets: writes succeed until the buffers are full and nothing comes back. That
 * is what an application can see of it. When the hole is lifted the bytes caught in it go on, as TCP would have sent them again; a FIN or RST that
 * was caught goes on as well. Connections that arrive while either direction is a black hole are accepted by the kernel and connected on to the
 * target when it is lifted.
 *
 * <p>All methods may be called from any thread. A method that changes something returns when the change is in force: after
 * {@code blackHole(true)} not one byte passes. They throw {@link IllegalStateException} once the link is closed or its thread has failed, with the cause.
 */
public final class LinkEmulator implements AutoCloseable {

    private final LinkLoop loop;

    private LinkEmulator(LinkLoop loop) {
        this.loop = loop;
    }

    /**
     * Opens a link that listens on the loopback address of the target's family.
     *
     * @throws IOException if no port can be opened
     */
    public static LinkEmulator open(InetSocketAddress target) throws IOException {
        InetAddress address = target.getAddress();
        if (address == null) {
            throw new IOException("cannot resolve the target of the link: " + target);
        }
        return open(InetAddress.getByName(address instanceof java.net.Inet6Address ? "::1" : "127.0.0.1"), target);
    }

    /**
     * Opens a link that listens on an ephemeral port of a local address.
     *
     * @throws IOException if no port can be opened on that address
     */
    public static LinkEmulator open(InetAddress listen, InetSocketAddress target) throws IOException {
        return new LinkEmulator(LinkLoop.open(listen, target));
    }

    /** Where to connect. It does not change for the life of the link. */
    public InetSocketAddress address() {
        return loop.address();
    }

    /** Where new connections go from now on; those that are open stay. */
    public void target(InetSocketAddress target) {
        balance(List.of(target));
    }

    /** Makes the link a balancer: new connections go to these targets in turn, beginning with the first; those that are open stay. */
    public void balance(List<InetSocketAddress> targets) {
        List<InetSocketAddress> copy = List.copyOf(targets);
        if (copy.isEmpty()) {
            throw new IllegalArgumentException("a link needs a target");
        }
        run(() -> loop.targets(copy));
    }

    /** Shapes both directions, also of connections that are open. */
    public void shape(LinkShape both) {
        run(() -> {
            loop.shape(LinkDirection.UP, both);
            loop.shape(LinkDirection.DOWN, both);
        });
    }

    /** Shapes one direction, also of connections that are open. */
    public void shape(LinkDirection direction, LinkShape shape) {
        run(() -> loop.shape(direction, shape));
    }

    /** Opens (true) or lifts (false) a black hole in both directions; to lift ends a stall too. */
    public void blackHole(boolean on) {
        run(() -> {
            loop.blackHole(LinkDirection.UP, on);
            loop.blackHole(LinkDirection.DOWN, on);
        });
    }

    /** Opens (true) or lifts (false) a black hole, or a stall, in one direction; the other is left as it is. */
    public void blackHole(LinkDirection direction, boolean on) {
        run(() -> loop.blackHole(direction, on));
    }

    /** Stalls both directions: a black hole that lifts by itself, such as the scan of a wireless card. A longer stall replaces a shorter one. */
    public void stall(Duration duration) {
        run(() -> {
            loop.stall(LinkDirection.UP, duration);
            loop.stall(LinkDirection.DOWN, duration);
        });
    }

    /** Stalls one direction. */
    public void stall(LinkDirection direction, Duration duration) {
        run(() -> loop.stall(direction, duration));
    }

    /**
     * Resets every open connection at both ends, even through a black hole: this is the middlebox's own RST. What was under way is swallowed.
     *
     * @return how many connections were reset
     */
    public int reset() {
        return call(loop::reset);
    }

    /**
     * Ends one direction of every open connection in an orderly way: its receiver sees the bytes under way and then the end of the stream. What
     * the sender still writes is swallowed.
     *
     * @return how many connections it ended that were not ended yet
     */
    public int fin(LinkDirection direction) {
        return call(() -> loop.fin(direction));
    }

    /**
     * Ends both directions of every open connection in an orderly way.
     *
     * @return how many connections it ended in at least one direction
     */
    public int fin() {
        return call(() -> Math.max(loop.fin(LinkDirection.UP), loop.fin(LinkDirection.DOWN)));
    }

    /** What happens to new connections from now on; the default is {@link LinkConnects#FORWARD}. */
    public void connects(LinkConnects connects) {
        call(() -> {
            loop.connects(connects);
            return null;
        });
    }

    /**
     * Lets the mapping of a connection expire once nothing has passed in either direction for a time. The expiry is noticed with the next byte.
     *
     * @param idle the time; zero (the default) switches expiry off for connections that have not expired
     */
    public void natExpiry(Duration idle, NatExpiry expiry) {
        if (idle.isNegative()) {
            throw new IllegalArgumentException("the idle time of a NAT mapping must not be negative: " + idle);
        }
        run(() -> loop.natExpiry(idle, expiry));
    }

    /** What the link has done so far. Works after {@link #close()} as well. */
    public LinkCounters counters() {
        return loop.counters();
    }

    /** Closes the port and every connection (without RST where the kernel allows it) and waits for the thread to end. Idempotent. */
    @Override
    public void close() {
        loop.close();
    }

    @Override
    public String toString() {
        return "LinkEmulator[" + address() + "]";
    }

    private void run(Runnable change) {
        call(() -> {
            change.run();
            return null;
        });
    }

    private <T> T call(Callable<T> change) {
        return loop.call(change);
    }
}
