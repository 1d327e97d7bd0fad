// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The event loops of one runtime, on daemon threads of its own. */
public final class EventLoops {
    private static final AtomicInteger RUNTIMES = new AtomicInteger();

    private final IoBackend backend;
    private final MultiThreadIoEventLoopGroup group;
    private final Map<EventLoop, HomeLoop> homes = new IdentityHashMap<>();

    /** A thread that knows whose loop it runs, so that a blocking call on it can be refused. */
    private static final class LoopThread extends FastThreadLocalThread {
        final EventLoops owner;

        LoopThread(EventLoops owner, Runnable body, String name) {
            super(body, name);
            this.owner = owner;
        }
    }

    /**
     * Starts the loops on the best I/O there is.
     *
     * @param threads how many; 0 for the default: one per core, at most 4
     */
    public EventLoops(int threads) {
        this(threads, IoBackend.best());
    }

    EventLoops(int threads, IoBackend backend) {
        this.backend = backend;
        int count = threads > 0 ? threads : Math.min(4, Runtime.getRuntime().availableProcessors());
        String prefix = "rendr-" + RUNTIMES.incrementAndGet() + "-io-";
        AtomicInteger number = new AtomicInteger();
        group = new MultiThreadIoEventLoopGroup(
                count,
                body -> {
                    Thread thread = new LoopThread(this, body, prefix + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                },
                backend.handlers());
        for (EventExecutor loop : group) {
            homes.put((EventLoop) loop, new HomeLoop((EventLoop) loop));
        }
    }

    /** {@code epoll} or {@code nio}. */
    public String backend() {
        return backend.name();
    }

    EventLoopGroup group() {
        return group;
    }

    /** The home for one more flow, in turn. */
    HomeLoop next() {
        return of(group.next());
    }

    /** The exclusion of this loop, which may be one that a transport brought. */
    HomeLoop of(EventLoop loop) {
        HomeLoop own = homes.get(loop);
        return own != null ? own : new HomeLoop(loop);
    }

    /** Whether flows may live on this loop, because it is one of these. */
    boolean isHome(HomeLoop loop) {
        return homes.get(loop.loop()) == loop;
    }

    <C extends Channel> ChannelFactory<? extends C> channelFactory(Class<C> kind) {
        return backend.channelFactory(kind);
    }

    /** Whether the calling thread runs one of these loops, and so must not block. */
    public boolean onLoop() {
        return Thread.currentThread() instanceof LoopThread thread && thread.owner == this;
    }

    /**
     * Refuses to block a thread that runs one of these loops.
     *
     * @param call the method that would block
     * @param instead the method to use there
     * @throws IllegalStateException on such a thread
     */
    public void checkMayBlock(String call, String instead) {
        if (onLoop()) {
            throw new IllegalStateException(call + " may block, and this is an event loop of the runtime ("
                    + Thread.currentThread().getName() + "): use " + instead);
        }
    }

    /**
     * Ends the loops and waits for their threads.
     *
     * @return whether all of them ended in time
     */
    boolean shutDown() {
        group.shutdownGracefully(0, 5, SECONDS);
        long deadline = System.nanoTime() + SECONDS.toNanos(10);
        boolean interrupted = false;
        boolean ended = false;
        while (!ended && System.nanoTime() - deadline < 0) {
            try {
                ended = group.awaitTermination(100, MILLISECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return ended;
    }
}
