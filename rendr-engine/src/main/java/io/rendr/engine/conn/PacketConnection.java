// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.DeliveryClass;
import io.rendr.PacketConn;
import io.rendr.PacketTooLargeException;
import io.rendr.RendrException;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.engine.memory.SendBuffer;
import io.rendr.engine.net.FlowDriver;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The application's face of a packet flow. */
final class PacketConnection extends Connection implements PacketConn {
    /** What the steps of receiving say beside the size of a packet, which may be 0: nothing yet, and the end. */
    private static final int NOTHING = -2;

    private static final int END = -1;

    PacketConnection(FlowDriver driver, Origin origin) {
        super(driver, origin, "receive", "send");
    }

    // ---- receiving

    @Override
    public int receive(ByteBuffer dst) throws IOException {
        int size = take(dst);
        if (size != NOTHING) {
            return size;
        }
        driver().engine().loops().checkMayBlock("PacketConn.receive", "tryReceive and whenReadable");
        try {
            return reading().await(() -> take(dst) - NOTHING) + NOTHING; // a step that did nothing says 0
        } catch (ClosedChannelException e) {
            throw closedMeanwhile(e);
        }
    }

    @Override
    public boolean tryReceive(ByteBuffer dst) throws IOException {
        int size = take(dst);
        if (size == END) {
            throw new EOFException("the peer has closed, and everything was received");
        }
        return size != NOTHING;
    }

    private int take(ByteBuffer dst) throws IOException {
        if (isClosed()) {
            throw new ClosedChannelException();
        }
        boolean ended = isOver();
        int size = readPacket(dst);
        if (size != ReceiveBuffer.NONE) {
            return size;
        }
        if (sawEnd()) {
            return END;
        }
        if (!ended) {
            return NOTHING;
        }
        checkEnd();
        return END;
    }

    private int readPacket(ByteBuffer dst) throws IOException {
        ReceiveBuffer buffer = flow().receiveBuffer();
        int size = buffer.readPacket(dst);
        if (size >= 0) {
            tellConsumed(buffer);
        } else if (size != ReceiveBuffer.NONE) {
            throw new PacketTooLargeException(flowId(), dst.remaining() - size, dst.remaining());
        }
        return size;
    }

    @Override
    boolean isReadable() {
        return isClosed() || isOver() || flow().receiveBuffer().nextPacket() >= 0 || flow().isAtEnd();
    }

    // ---- sending

    @Override
    public void send(ByteBuffer packet) throws IOException {
        if (trySend(packet)) {
            return;
        }
        driver().engine().loops().checkMayBlock("PacketConn.send", "trySend and whenWritable");
        try {
            writing().await(() -> append(List.of(packet)));
        } catch (ClosedChannelException e) {
            throw closedMeanwhile(e);
        }
    }

    @Override
    public boolean trySend(ByteBuffer packet) throws IOException {
        return trySend(List.of(packet)) > 0;
    }

    /** The event loop hears of them together, and can send them together. */
    @Override
    public int trySend(List<ByteBuffer> packets) throws IOException {
        if (packets.isEmpty()) {
            return 0;
        }
        checkSize(packets.get(0));
        if (!writing().tryTakeTurn()) {
            checkWritable();
            return 0;
        }
        try {
            return append(packets);
        } finally {
            writing().giveTurn();
        }
    }

    private void checkSize(ByteBuffer packet) throws PacketTooLargeException {
        if (packet.remaining() > maxPacketSize()) {
            throw new PacketTooLargeException(flowId(), packet.remaining(), maxPacketSize());
        }
    }

    private int append(List<ByteBuffer> packets) throws IOException {
        SendBuffer buffer = flow().sendBuffer();
        int taken = 0;
        long before;
        appending().lock();
        try {
            checkWritable();
            before = buffer.written();
            while (taken < packets.size()
                    && packets.get(taken).remaining() <= maxPacketSize()
                    && buffer.appendPacket(packets.get(taken))) {
                taken++;
            }
        } finally {
            appending().unlock();
        }
        if (taken > 0 && buffer.isAwaited(before)) {
            driver().written();
        }
        return taken;
    }

    @Override
    void hasEnded(@Nullable RendrException cause) {
        // Whoever waits was woken, and finds out.
    }

    // ---- what it is

    @Override
    public int maxPacketSize() {
        return flow().maxPacket();
    }

    @Override
    public DeliveryClass delivery() {
        return flow().repairTtlMillis() > 0 ? DeliveryClass.REPAIRED : DeliveryClass.BEST_EFFORT;
    }

    @Override
    public String toString() {
        return "PacketConn[" + flowId() + "]";
    }
}
