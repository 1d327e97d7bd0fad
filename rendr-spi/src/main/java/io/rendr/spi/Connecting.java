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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect a stream channel: all addresses of a name in an {@link AddressRace}, each with its handshake. The
 * first that gets through wins, and the others are closed. On the event loop of its request.
 */
final class Connecting {
    private final DialRequest request;
    private final Consumer<Bootstrap> options;
    private final ChannelHandshake handshake;
    private final CompletableFuture<StreamCarrier> result = new CompletableFuture<>();
    private final Set<Channel> running = new HashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final long deadline;
    private @Nullable AddressRace<SocketAddress> race;
    private boolean over;

    Connecting(DialRequest request, Consumer<Bootstrap> options, ChannelHandshake handshake) {
        this.request = request;
        this.options = options;
        this.handshake = handshake;
        this.deadline = System.nanoTime() + request.timeout().toNanos();
    }

    CompletionStage<StreamCarrier> start(SocketAddress remote) {
        request.onCancel(this::cancel);
        if (remote instanceof InetSocketAddress inet && inet.isUnresolved()) {
            resolve(inet);
        } else {
            race(List.of(remote));
        }
        return result;
    }

    private void cancel() {
        finish();
        result.completeExceptionally(new IOException("connecting to " + request.spec() + " was cancelled"));
    }

    private void resolve(InetSocketAddress remote) {
        String host = remote.getHostString();
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(host);
        if (literal != null && host.indexOf('%') < 0) {
            InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
            race(List.of(new InetSocketAddress(address, remote.getPort())));
            return;
        }
        request.resolve(host).whenComplete((found, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
                return;
            }
            race(AddressRace.order(found).stream()
                    .map(address -> (SocketAddress) new InetSocketAddress(address, remote.getPort()))
                    .toList());
        });
    }

    private void race(List<SocketAddress> addresses) {
        if (over) {
            return;
        }
        race = new AddressRace<>(request.eventLoop(), addresses, this::attempt, this::fail);
        race.next();
    }

    private Duration left() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    private void attempt(SocketAddress address) {
        long millis = left().toMillis();
        if (millis <= 0) {
            failed(new SocketTimeoutException("no time left to try " + address));
            return;
        }
        ChannelFuture future;
        try {
            future = connect(address, millis);
        } catch (RuntimeException e) { // the options do not fit this address; they may fit the next
            failed(e);
            return;
        }
        if (future.isDone() && !future.isSuccess()) {
            // The system gave no socket, for want of descriptors for example. What the future calls its channel
            // is none, and its listeners run elsewhere.
            failed(future.cause());
            return;
        }
        Channel channel = future.channel();
        running.add(channel);
        future.addListener(done -> {
            if (done.isSuccess()) {
                connected(channel);
            } else {
                failed(channel, done.cause());
            }
        });
    }

    private ChannelFuture connect(SocketAddress address, long millis) {
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
        return bootstrap.connect();
    }

    private void connected(Channel channel) {
        if (over) {
            return; // closed with the others
        }
        CompletionStage<CarrierTraits> done;
        try {
            done = handshake.perform(channel, left());
        } catch (RuntimeException e) {
            done = CompletableFuture.failedFuture(e);
        }
        done.whenComplete((traits, failure) -> {
            if (failure == null) {
                deliver(channel, traits);
            } else {
                failed(channel, failure);
            }
        });
    }

    private void deliver(Channel channel, CarrierTraits traits) {
        if (over) {
            return;
        }
        running.remove(channel);
        finish();
        StreamCarrier carrier = Carriers.ofChannel(channel, traits);
        if (!result.complete(carrier)) {
            carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "connected too late"));
        }
    }

    private void failed(Channel channel, Throwable cause) {
        channel.close();
        if (running.remove(channel)) {
            failed(cause);
        }
    }

    private void failed(Throwable cause) {
        failures.add(cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause);
        if (race != null) {
            race.failed();
        }
    }

    /** Ends what is still under way. */
    private void finish() {
        over = true;
        if (race != null) {
            race.stop();
        }
        List<Channel> losers = List.copyOf(running);
        running.clear();
        losers.forEach(Channel::close);
    }

    private void fail() {
        finish();
        Throwable first = failures.get(0);
        failures.stream().skip(1).forEach(first::addSuppressed);
        result.completeExceptionally(first);
    }
}
