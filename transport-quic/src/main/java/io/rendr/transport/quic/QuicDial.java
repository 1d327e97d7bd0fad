// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.handler.codec.quic.QuicSslContext;
import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.spi.AddressRace;
import io.rendr.spi.Carrier;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.DialRequest;
import io.rendr.spi.LocalAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One dial: all addresses of a name in a race, each with its handshake. The first that gets through wins, and the others are
 * closed. On the event loop of its request.
 */
final class QuicDial {
    /** What has to be known before. */
    record Way(Alpn kind, QuicSslContext context, @Nullable LocalAddress from, CarrierTraits traits) {}

    private final DialRequest request;
    private final QuicSockets sockets;
    private final Way way;
    private final QuicTls tls;
    private final CompletableFuture<Carrier> result = new CompletableFuture<>();
    private final Set<QuicAttempt> running = new HashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private final long deadline;
    private @Nullable AddressRace<InetSocketAddress> race;
    private boolean over;

    QuicDial(DialRequest request, QuicSockets sockets, Way way) {
        this.request = request;
        this.sockets = sockets;
        this.way = way;
        this.tls = QuicTls.dialing(request.spec(), QuicTls.config(request.spec()), way.context());
        this.deadline = System.nanoTime() + request.timeout().toNanos();
    }

    CompletionStage<Carrier> start() {
        InetSocketAddress remote = spec().socketAddress();
        request.onCancel(this::cancel);
        request.resolve(remote.getHostString()).whenComplete((found, failure) -> {
            if (failure != null) {
                result.completeExceptionally(failure);
            } else if (!over) {
                List<InetSocketAddress> addresses = AddressRace.order(found).stream()
                        .map(QuicDial::reachable)
                        .map(address -> new InetSocketAddress(address, remote.getPort()))
                        .toList();
                race = new AddressRace<>(request.eventLoop(), addresses, this::attempt, this::lose);
                race.next();
            }
        });
        return result;
    }

    /** The kernel takes the address that means all of this machine for loopback; the codec would wait for an answer from there. */
    private static InetAddress reachable(InetAddress address) {
        if (!address.isAnyLocalAddress()) {
            return address;
        }
        try {
            return InetAddress.getByName(address instanceof Inet6Address ? "::1" : "127.0.0.1");
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // it is written as an address
        }
    }

    private void cancel() {
        finish();
        result.completeExceptionally(new IOException("connecting to " + request.spec() + " was cancelled"));
    }

    private void attempt(InetSocketAddress address) {
        QuicAttempt attempt = new QuicAttempt(this, address);
        running.add(attempt);
        attempt.begin();
    }

    PathSpec spec() {
        return request.spec();
    }

    QuicSockets sockets() {
        return sockets;
    }

    QuicTls tls() {
        return tls;
    }

    Way way() {
        return way;
    }

    /**
     * How long an attempt may still take.
     *
     * @throws SocketTimeoutException if there is no time left
     */
    Duration left() throws SocketTimeoutException {
        long nanos = deadline - System.nanoTime();
        if (nanos <= 0) {
            throw new SocketTimeoutException("no time left to connect to " + spec());
        }
        return Duration.ofNanos(nanos);
    }

    /** One got through. */
    void won(QuicAttempt winner, Carrier carrier) {
        if (!running.remove(winner)) {
            carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "connected too late"));
            return;
        }
        finish();
        result.complete(carrier);
    }

    /** One has failed, and left nothing behind. */
    void failed(QuicAttempt loser, Throwable cause) {
        if (running.remove(loser)) {
            failures.add(cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause);
            if (race != null) {
                race.failed();
            }
        }
    }

    private void finish() {
        over = true;
        if (race != null) {
            race.stop();
        }
        List<QuicAttempt> losers = List.copyOf(running);
        running.clear();
        losers.forEach(QuicAttempt::abandon);
    }

    private void lose() {
        finish();
        Throwable first = failures.get(0);
        failures.stream().skip(1).forEach(first::addSuppressed);
        result.completeExceptionally(first);
    }
}
