// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance.rsocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.rendr.acceptance.Wire;
import io.rsocket.Payload;
import io.rsocket.util.ByteBufPayload;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/** One request-channel as a stream of bytes: a write waits until the peer has asked for another payload. */
final class RSocketWire implements Wire {
    private static final int ASKED = 64; // payloads that may be under way

    /** What arrived: bytes, the end, or why there is no more. */
    private record Arrival(@Nullable ByteBuf data, @Nullable Throwable failure) {}

    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final Reading reading = new Reading();
    private final Semaphore asked = new Semaphore(0);
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile @Nullable FluxSink<Payload> sink;
    private volatile boolean cancelled;
    private @Nullable Arrival current;

    private final class Reading extends BaseSubscriber<Payload> {
        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            request(ASKED);
        }

        @Override
        protected void hookOnNext(Payload payload) {
            arrivals.add(new Arrival(payload.sliceData().retain(), null));
            payload.release();
        }

        @Override
        protected void hookOnComplete() {
            arrivals.add(new Arrival(null, null));
        }

        @Override
        protected void hookOnError(Throwable failure) {
            arrivals.add(new Arrival(null, failure));
        }
    }

    void readFrom(Flux<Payload> theirs) {
        theirs.subscribe(reading);
    }

    /** What this end writes, once somebody listens. */
    Flux<Payload> written() {
        return Flux.<Payload>create(
                emitter -> {
                    emitter.onRequest(n -> asked.release((int) Math.min(n, ASKED)));
                    emitter.onDispose(() -> {
                        cancelled = true;
                        asked.release();
                    });
                    sink = emitter;
                    subscribed.countDown();
                },
                FluxSink.OverflowStrategy.ERROR);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        Arrival arrival = next();
        ByteBuf data = arrival.data();
        if (data == null) {
            if (arrival.failure() != null) {
                throw new IOException("the channel failed", arrival.failure());
            }
            return -1;
        }
        int length = Math.min(into.remaining(), data.readableBytes());
        data.readBytes(into.slice(into.position(), length));
        into.position(into.position() + length);
        return length;
    }

    /** What is to be read now. The last one stays. */
    private Arrival next() throws InterruptedIOException {
        Arrival arrival = current;
        while (arrival == null || arrival.data() != null && !arrival.data().isReadable()) {
            if (arrival != null && arrival.data() != null) {
                arrival.data().release();
                reading.request(1);
            }
            try {
                current = null;
                current = arrival = arrivals.take();
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
        return arrival;
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        FluxSink<Payload> to = sink();
        try {
            asked.acquire();
        } catch (InterruptedException e) {
            throw interrupted();
        }
        if (cancelled) {
            asked.release();
            throw new IOException("the channel has ended");
        }
        to.next(ByteBufPayload.create(
                ByteBufAllocator.DEFAULT.buffer(from.remaining()).writeBytes(from)));
    }

    private FluxSink<Payload> sink() throws IOException {
        try {
            subscribed.await();
        } catch (InterruptedException e) {
            throw interrupted();
        }
        FluxSink<Payload> to = sink;
        if (to == null) {
            throw new IllegalStateException("subscribed, and no sink");
        }
        return to;
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for the peer");
    }

    @Override
    public void shutdownOutput() throws IOException {
        sink().complete();
    }

    @Override
    public void close() {
        reading.cancel();
        arrivals.add(new Arrival(null, null)); // for a reader that waits
    }
}
