// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.DatagramPort;
import io.rendr.spi.PacketCarrier;
import io.rendr.testkit.Await;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A test's hand on a carrier or a port, from any thread; notes what it hears, and every rule that is broken. */
final class Probe implements CarrierListener, DatagramPort.Listener {
    record Heard(byte[] bytes, @Nullable SocketAddress source) {}

    private final @Nullable PacketCarrier carrier;
    private final @Nullable DatagramPort port;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    final List<Heard> heard = new CopyOnWriteArrayList<>();
    final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    volatile int batches;
    volatile int writables;
    volatile int dropped;
    volatile @Nullable Consumer<Probe> onReceived;
    private boolean inside;
    private boolean closing;
    private boolean unread;

    private Probe(@Nullable PacketCarrier carrier, @Nullable DatagramPort port) {
        this.carrier = carrier;
        this.port = port;
    }

    static Probe of(PacketCarrier carrier) {
        return new Probe(carrier, null);
    }

    static Probe of(DatagramPort port) {
        return new Probe(null, port);
    }

    Probe start() {
        run(() -> {
            if (carrier != null) {
                carrier.start(this);
            } else {
                port.start(this);
            }
        });
        return this;
    }

    private EventLoop loop() {
        return carrier != null ? carrier.eventLoop() : port.eventLoop();
    }

    <T> T call(Callable<T> body) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Runnable task = () -> {
            boolean outer = inside;
            inside = true;
            try {
                done.complete(body.call());
            } catch (Throwable t) {
                done.completeExceptionally(t);
            } finally {
                inside = outer;
            }
        };
        if (loop().inEventLoop()) {
            task.run();
        } else {
            loop().execute(task);
        }
        return Await.result(done);
    }

    void run(Runnable body) {
        call(() -> {
            body.run();
            return true;
        });
    }

    int credit() {
        return call(() -> carrier != null ? carrier.credit() : port.credit());
    }

    /** Writes a numbered pattern of datagrams, without a flush. */
    void write(int bytes, int segmentSize, @Nullable SocketAddress to) {
        run(() -> {
            ByteBuf data = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes));
            data.writeBytes(pattern(bytes));
            if (carrier != null) {
                carrier.write(data, segmentSize);
            } else {
                port.write(data, segmentSize, to);
            }
        });
    }

    void flush() {
        run(() -> {
            if (carrier != null) {
                carrier.flush();
            } else {
                port.flush();
            }
        });
    }

    void send(int bytes, int segmentSize) {
        send(bytes, segmentSize, null);
    }

    void send(int bytes, int segmentSize, @Nullable SocketAddress to) {
        run(() -> {
            write(bytes, segmentSize, to);
            flush();
        });
    }

    void close(CloseReason.Kind kind) {
        run(() -> {
            closing = true;
            CloseReason why = CloseReason.of(kind, "the test said so");
            if (carrier != null) {
                carrier.close(why);
            } else {
                port.close(why);
            }
        });
    }

    /** Waits for as many bytes. */
    Probe awaitBytes(int bytes) {
        Await.until(
                () -> "heard " + bytes() + " of " + bytes + ", " + closed, () -> bytes() >= bytes || closed.isDone());
        assertThat(bytes()).isEqualTo(bytes);
        return this;
    }

    int bytes() {
        return heard.stream().mapToInt(h -> h.bytes.length).sum();
    }

    List<Integer> sizes() {
        return heard.stream().map(h -> h.bytes.length).toList();
    }

    byte[] all() {
        ByteBuf all = io.netty.buffer.Unpooled.buffer(bytes());
        heard.forEach(h -> all.writeBytes(h.bytes));
        return io.netty.buffer.ByteBufUtil.getBytes(all);
    }

    static byte[] pattern(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + (i >>> 8) * 17 + (i >>> 16) * 7);
        }
        return bytes;
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    @Override
    public void received(ByteBuf data, int segmentSize) {
        take(data, segmentSize, null);
    }

    @Override
    public void received(ByteBuf data, int segmentSize, SocketAddress source) {
        take(data, segmentSize, source);
    }

    private void take(ByteBuf data, int segmentSize, @Nullable SocketAddress source) {
        told("received");
        if (segmentSize < 1 || !data.isReadable()) {
            violations.add("received " + data.readableBytes() + " bytes in segments of " + segmentSize);
        }
        while (data.isReadable()) {
            byte[] bytes = new byte[Math.min(segmentSize, data.readableBytes())];
            data.readBytes(bytes);
            heard.add(new Heard(bytes, source));
        }
        data.release();
        unread = true;
        Consumer<Probe> then = onReceived;
        if (then != null) {
            then.accept(this);
        }
    }

    @Override
    public void readComplete() {
        told("readComplete");
        if (!unread) {
            violations.add("readComplete without received");
        }
        unread = false;
        batches++;
    }

    @Override
    public void writable() {
        told("writable");
        if (credit() <= 0) {
            violations.add("writable without credit");
        }
        writables++;
    }

    @Override
    public void dropped(int datagrams) {
        told("dropped");
        dropped += datagrams;
    }

    @Override
    public void closed(CloseReason why) {
        told("closed");
        if (!closed.complete(why)) {
            violations.add("closed twice");
        }
    }

    private void told(String what) {
        if (!loop().inEventLoop()) {
            violations.add(what + " on " + Thread.currentThread());
        }
        if (inside) {
            violations.add(what + " from inside a call");
        }
        if (closed.isDone() || closing && !what.equals("closed")) {
            violations.add(what + " after the end");
        }
    }

    @Override
    public String toString() {
        return String.valueOf(carrier != null ? carrier : port);
    }
}
