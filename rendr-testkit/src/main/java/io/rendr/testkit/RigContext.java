// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.rendr.PathSpec;
import io.rendr.spi.CarrierContext;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What dialing and listening share. */
abstract class RigContext implements CarrierContext {

    protected final TransportRig rig;
    private final PathSpec spec;
    private final EventLoop loop;
    private final List<Runnable> releases = new ArrayList<>(); // on the loop
    private boolean cancelled;
    private boolean over;

    RigContext(TransportRig rig, PathSpec spec) {
        this.rig = rig;
        this.spec = spec;
        this.loop = rig.loops().next();
    }

    @Override
    public final PathSpec spec() {
        return spec;
    }

    @Override
    public final EventLoop eventLoop() {
        return loop;
    }

    @Override
    public final Bootstrap bootstrap(Class<? extends Channel> kind) {
        return rig.bootstrap(loop, kind);
    }

    @Override
    public final <C extends Channel> ChannelFactory<? extends C> channelFactory(Class<C> kind) {
        return rig.factory(kind);
    }

    @Override
    public final <T> CompletionStage<T> blocking(Callable<T> body) {
        return rig.blocking(loop, body);
    }

    @Override
    public final CompletionStage<List<InetAddress>> resolve(String host) {
        List<InetAddress> known = rig.host(host);
        return known != null ? CompletableFuture.completedFuture(known) : CarrierContext.super.resolve(host);
    }

    @Override
    public final void onCancel(Runnable release) {
        onLoop(() -> {
            if (cancelled) {
                release.run();
            } else if (!over) {
                releases.add(release);
            }
        });
    }

    /** From here on nothing is to be released: the attempt has come to an end by itself. */
    final void over() {
        onLoop(() -> over = true);
    }

    final void giveUp() {
        onLoop(() -> {
            if (!over && !cancelled) {
                cancelled = true;
                releases.forEach(Runnable::run);
                releases.clear();
            }
        });
    }

    final void onLoop(Runnable body) {
        if (loop.inEventLoop()) {
            body.run();
        } else {
            loop.execute(body);
        }
    }
}
