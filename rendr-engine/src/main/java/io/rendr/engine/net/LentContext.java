// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.spi.CarrierContext;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the engine lends a transport for one dial or one bind, on one loop. */
abstract class LentContext implements CarrierContext {
    private static final Logger LOG = LoggerFactory.getLogger(LentContext.class);

    final Engine engine;
    final HomeLoop home;
    private final PathSpec spec;

    // On the loop.
    private final ArrayDeque<Runnable> releases = new ArrayDeque<>();
    private boolean cancelled;

    LentContext(Engine engine, HomeLoop home, PathSpec spec) {
        this.engine = engine;
        this.home = home;
        this.spec = spec;
    }

    @Override
    public PathSpec spec() {
        return spec;
    }

    @Override
    public EventLoop eventLoop() {
        return home.loop();
    }

    @Override
    public Bootstrap bootstrap(Class<? extends Channel> kind) {
        return new Bootstrap().group(home.loop()).channelFactory(channelFactory(kind));
    }

    @Override
    public <C extends Channel> ChannelFactory<? extends C> channelFactory(Class<C> kind) {
        return engine.loops().channelFactory(kind);
    }

    @Override
    public <T> CompletionStage<T> blocking(Callable<T> body) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            engine.workers().blocking().execute(() -> {
                try {
                    T value = body.call();
                    tell(() -> result.complete(value));
                } catch (Exception | LinkageError e) {
                    tell(() -> result.completeExceptionally(e));
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    /** The loop is gone once the runtime was closed, and with it all who waited. */
    private void tell(Runnable outcome) {
        try {
            home.run(outcome);
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the runtime was closed in the meantime", spec);
        }
    }

    @Override
    public void onCancel(Runnable release) {
        home.run(() -> {
            if (cancelled) {
                release(release);
            } else {
                releases.add(release);
            }
        });
    }

    /** Runs what the transport left to be released; on the loop. */
    void cancelled() {
        cancelled = true;
        Runnable next = releases.poll();
        while (next != null) {
            release(next);
            next = releases.poll();
        }
    }

    /** Forgets what the transport left to be released: the carrier owns it now. */
    void delivered() {
        releases.clear();
    }

    private void release(Runnable body) {
        try {
            body.run();
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("the transport of {} failed to give an attempt up", spec, e);
        }
    }

    /** What a transport threw, with the kind of error that it is: its own bugs are not the network's. */
    CloseReason reason(Throwable thrown) {
        CloseReason why = CloseReason.of(thrown);
        // What fails in one step of several comes wrapped.
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        boolean bug = cause instanceof RuntimeException || cause instanceof Error;
        if (bug && why.kind() == CloseReason.Kind.ERROR) {
            LOG.warn("the transport of {} failed", spec, thrown);
        }
        return why;
    }
}
