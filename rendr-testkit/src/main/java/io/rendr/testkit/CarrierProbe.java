// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.spi.Carrier;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.StreamCarrier;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A test's hand on a stream carrier: its methods may be called from any thread and wait until the carrier has done it on its event loop. As the
 * carrier's listener it notes what it hears and every rule that the carrier breaks: {@link #violations()}.
 *
 * <p>{@link #send} writes as the engine does, while there is credit. What arrives has to be the {@linkplain #pattern(long) pattern} from its
 * beginning, else it is a violation, unless the probe {@linkplain #keepBytes() keeps} the bytes for the test to look at.
 */
public final class CarrierProbe implements CarrierListener {

    private static final int PIECE = 16 << 10;

    private final StreamCarrier carrier;
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final ByteBuf kept = Unpooled.buffer();
    private boolean keeping;
    private boolean inside;
    private boolean unread;
    private boolean closing;
    private volatile long received;
    private volatile long sent;
    private volatile long toSend;
    private volatile int writables;
    private volatile int readCompletes;
    private volatile boolean usedUp;
    private int piece = PIECE;
    private @Nullable Consumer<CarrierProbe> onReceived;
    private @Nullable Consumer<CarrierProbe> onWritable;

    CarrierProbe(Carrier carrier) {
        if (!(carrier instanceof StreamCarrier stream)) {
            throw new IllegalArgumentException("not a stream carrier: " + carrier);
        }
        this.carrier = stream;
    }

    /** The byte at an offset of what {@link #send} sends. */
    public static byte pattern(long offset) {
        return (byte) (offset * 31 + (offset >>> 8) * 17 + (offset >>> 16) * 7);
    }

    /** The carrier itself. */
    public StreamCarrier carrier() {
        return carrier;
    }

    /** Starts the carrier. */
    public CarrierProbe start() {
        run(() -> carrier.start(this));
        return this;
    }

    /** Keeps what arrives as text for {@link #text()} instead of comparing it. Before {@link #start()}. */
    public CarrierProbe keepBytes() {
        keeping = true;
        return this;
    }

    /** How {@link #send} cuts what it writes, in bytes. */
    public CarrierProbe pieces(int bytes) {
        piece = bytes;
        return this;
    }

    /** Called on the event loop after each piece that arrived. */
    public CarrierProbe onReceived(Consumer<CarrierProbe> action) {
        onReceived = action;
        return this;
    }

    /** Called on the event loop with each {@link #writable()}. */
    public CarrierProbe onWritable(Consumer<CarrierProbe> action) {
        onWritable = action;
        return this;
    }

    /** Has more bytes of the pattern sent, as credit allows. */
    public void send(long bytes) {
        run(() -> {
            toSend += bytes;
            pump();
        });
    }

    /** Writes one buffer, whatever the credit, and flushes. */
    public void write(ByteBuf buffer) {
        run(() -> {
            carrier.write(buffer);
            carrier.flush();
        });
    }

    /** {@link Carrier#credit()}, asked on the event loop. */
    public int credit() {
        return call(carrier::credit);
    }

    /** {@link Carrier#queued()}, asked on the event loop. */
    public long queued() {
        return call(carrier::queued);
    }

    /** Ends the carrier for a reason of a kind. */
    public void close(CloseReason.Kind kind) {
        run(() -> {
            closing = true;
            carrier.close(CloseReason.of(kind, "the test said so"));
        });
    }

    /** Runs something on the event loop and waits for it; the carrier must not call back meanwhile. */
    public void run(Runnable body) {
        call(() -> {
            body.run();
            return null;
        });
    }

    private <T> T call(Callable<T> body) {
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
        if (carrier.eventLoop().inEventLoop()) {
            task.run();
        } else {
            carrier.eventLoop().execute(task);
        }
        return Await.result(done);
    }

    private void pump() {
        boolean wrote = false;
        while (sent < toSend && carrier.credit() > 0) {
            int length = (int) Math.min(Math.min(piece, carrier.credit()), toSend - sent);
            ByteBuf slice = Unpooled.directBuffer(length).writeBytes(patternFrom(sent, length));
            sent += length;
            carrier.write(slice);
            wrote = true;
            if (carrier.credit() < 0) {
                violations.add("credit() is negative: " + carrier.credit());
            }
        }
        if (wrote) {
            carrier.flush();
        }
        usedUp = carrier.credit() == 0;
        if (sent < toSend && !usedUp) {
            carrier.eventLoop().execute(() -> guarded(this::pump)); // credit is left, so nobody wakes us
        }
    }

    private void guarded(Runnable body) {
        boolean outer = inside;
        inside = true;
        try {
            body.run();
        } finally {
            inside = outer;
        }
    }

    /** Bytes that arrived. */
    public long received() {
        return received;
    }

    /** Bytes that {@link #send} has written so far. */
    public long sent() {
        return sent;
    }

    /** Whether {@link #send} was stopped by a lack of credit when it last wrote. */
    public boolean usedUp() {
        return usedUp;
    }

    /** How often {@link #writable()} was heard. */
    public int writables() {
        return writables;
    }

    /** How often {@link #readComplete()} was heard. */
    public int readCompletes() {
        return readCompletes;
    }

    /** What arrived, as ISO 8859-1 text; with {@link #keepBytes()}. */
    public String text() {
        return call(() -> kept.toString(java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    /** Completes with why the carrier ended. */
    public CompletableFuture<CloseReason> closed() {
        return closed;
    }

    /** Every rule that the carrier broke while this probe looked. */
    public List<String> violations() {
        return List.copyOf(violations);
    }

    @Override
    public void received(ByteBuf data, int segmentSize) {
        heard("received");
        try {
            if (segmentSize != 0) {
                violations.add("received(segmentSize=" + segmentSize + ") on a stream");
            }
            int length = data.readableBytes();
            if (length == 0) {
                violations.add("received() without a byte");
            }
            if (keeping) {
                kept.writeBytes(data);
            } else {
                compare(data);
            }
            unread = true;
            received += length;
        } finally {
            data.release();
        }
        if (onReceived != null) {
            guarded(() -> onReceived.accept(this));
        }
    }

    // One access to the buffer: the leak detector notes every one.
    private void compare(ByteBuf data) {
        byte[] got = new byte[data.readableBytes()];
        data.readBytes(got);
        int wrong = Arrays.mismatch(got, patternFrom(received, got.length));
        if (wrong >= 0) {
            violations.add("the byte at offset " + (received + wrong) + " is not the one that was sent");
        }
    }

    private static byte[] patternFrom(long offset, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = pattern(offset + i);
        }
        return bytes;
    }

    @Override
    public void readComplete() {
        heard("readComplete");
        if (!unread) {
            violations.add("readComplete() without received() before");
        }
        unread = false;
        readCompletes++;
    }

    @Override
    public void writable() {
        heard("writable");
        writables++;
        if (carrier.credit() <= 0) {
            violations.add("writable() without credit");
        }
        guarded(this::pump);
        if (onWritable != null) {
            guarded(() -> onWritable.accept(this));
        }
    }

    @Override
    public void closed(CloseReason why) {
        heard("closed");
        if (!closed.complete(why)) {
            violations.add("closed() twice: " + why);
        }
    }

    private void heard(String call) {
        if (!carrier.eventLoop().inEventLoop()) {
            violations.add(call + "() on " + Thread.currentThread() + " instead of the event loop");
        }
        if (inside) {
            violations.add(call + "() from inside a call to the carrier: "
                    + StackWalker.getInstance().walk(s -> s.skip(1).limit(12).toList()));
        }
        if ((closing || closed.isDone()) && !call.equals("closed")) {
            violations.add(call + "() after " + (closed.isDone() ? "closed()" : "close()"));
        }
    }

    @Override
    public String toString() {
        return "probe of " + carrier + ": sent " + sent + " of " + toSend + ", received " + received + ", " + closed;
    }
}
