// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import io.rendr.CloseReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One attempt to connect a stream channel, over all addresses of a name. On the event loop of its request. */
final class Connecting {
    private final DialRequest request;
    private final CarrierTraits traits;
    private final Consumer<Bootstrap> options;
    private final CompletableFuture<StreamCarrier> result = new CompletableFuture<>();
    private final Queue<SocketAddress> addresses = new ArrayDeque<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final long deadline;
    private @Nullable Channel current;
    private boolean cancelled;

    Connecting(DialRequest request, CarrierTraits traits, Consumer<Bootstrap> options) {
        this.request = request;
        this.traits = traits;
        this.options = options;
        this.deadline = System.nanoTime() + request.timeout().toNanos();
    }

    CompletionStage<StreamCarrier> start(SocketAddress remote) {
        request.onCancel(this::cancel);
        if (remote instanceof InetSocketAddress inet && inet.isUnresolved()) {
            resolve(inet);
        } else {
            addresses.add(remote);
            next();
        }
        return result;
    }

    private void cancel() {
        cancelled = true;
        if (current != null) {
            current.close();
        }
        result.completeExceptionally(new IOException("connecting to " + request.spec() + " was cancelled"));
    }

    private void resolve(InetSocketAddress remote) {
        String host = remote.getHostString();
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null && host.indexOf('%') < 0) {
            addresses.add(new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(host), remote.getPort()));
            next();
            return;
        }
        request.blocking(() -> InetAddress.getAllByName(host)).whenComplete((found, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            for (InetAddress address : found) {
                addresses.add(new InetSocketAddress(address, remote.getPort()));
            }
            next();
        });
    }

    private void next() {
        if (cancelled) {
            return;
        }
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        SocketAddress address = addresses.poll();
        if (address == null) {
            fail();
            return;
        }
        if (left <= 0) {
            failures.add(new SocketTimeoutException("no time left to try " + address));
            fail();
            return;
        }
        try {
            connect(address, Math.max(1, left / (addresses.size() + 1)));
        } catch (RuntimeException e) { // the options do not fit this address; they may fit the next
            failures.add(e);
            next();
        }
    }

    private void connect(SocketAddress address, long millis) {
        Bootstrap bootstrap = request.bootstrap(SocketChannel.class)
                .disableResolver()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        // The carrier is added when the channel is connected; Netty wants a handler before.
                    }
                });
        bootstrap.remoteAddress(address);
        options.accept(bootstrap);
        bootstrap.option(ChannelOption.AUTO_READ, false);
        bootstrap.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, millis));
        ChannelFuture future = bootstrap.connect();
        current = future.channel();
        future.addListener(done -> {
            if (!done.isSuccess()) {
                failures.add(done.cause());
                next();
            } else if (cancelled) {
                future.channel().close();
            } else {
                deliver(future.channel());
            }
        });
    }

    private void deliver(Channel channel) {
        StreamCarrier carrier = Carriers.ofChannel(channel, traits);
        if (!result.complete(carrier)) {
            carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "connected too late"));
        }
    }

    private void fail() {
        Throwable first = failures.get(0);
        failures.stream().skip(1).forEach(first::addSuppressed);
        result.completeExceptionally(first);
    }
}
