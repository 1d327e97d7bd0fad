// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.rendr.engine.keys.PacketEncoder;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Composes the packets of a datagram carrier one by one, and hands those of equal size over together, which a kernel with
 * segmentation offload sends in one call.
 */
final class PacketOutput implements FrameSink {
    /** What one call to the kernel takes at most: a UDP datagram with its headers has 65,535 bytes. */
    private static final int MAX_BATCH = 65_000;

    private final ByteBufAllocator allocator;
    private final PacketEncoder encoder;
    private final PacketPort port;
    private final ByteBuf plain;
    private int most;
    private @Nullable ByteBuf batch;
    private int segment;
    private int segments;

    PacketOutput(ByteBufAllocator allocator, PacketEncoder encoder, PacketPort port) {
        this.allocator = allocator;
        this.encoder = encoder;
        this.port = port;
        this.plain = encoder.composing();
    }

    /** Begins a packet that makes a datagram of at most {@code size} bytes. */
    void begin(int size) {
        encoder.composing();
        most = size - overhead();
    }

    /** Bytes of a datagram beside its frames. */
    int overhead() {
        return encoder.overhead();
    }

    /** Bytes that still fit. */
    int room() {
        return most - plain.readableBytes();
    }

    boolean isEmpty() {
        return !plain.isReadable();
    }

    @Override
    public ByteBuf frame(int size) {
        return plain;
    }

    @Override
    public boolean fits(int size) {
        return size <= room();
    }

    /** Ends the packet and queues it; returns the bytes of the datagram. */
    int end() {
        int bytes = plain.readableBytes() + overhead();
        ByteBuf to = batch;
        if (to != null
                && (bytes > segment || segments == port.maxSegments() || to.readableBytes() + bytes > MAX_BATCH)) {
            hand();
            to = null;
        }
        if (to == null) {
            to = allocator.directBuffer(bytes);
            batch = to;
            segment = bytes;
        }
        encoder.encode(plain, port.peerConnectionId(), to);
        segments++;
        if (bytes < segment) {
            hand(); // only the last one may be shorter
        }
        return bytes;
    }

    /** Ends the packet and sends it elsewhere than to the address of the carrier; returns the bytes of the datagram. */
    int end(SocketAddress to) {
        int bytes = plain.readableBytes() + overhead();
        ByteBuf packet = allocator.directBuffer(bytes);
        encoder.encode(plain, port.peerConnectionId(), packet);
        port.write(packet, to);
        return bytes;
    }

    /** Hands over what was queued. */
    void hand() {
        ByteBuf packets = batch;
        if (packets != null) {
            batch = null;
            segments = 0;
            port.write(packets, segment);
        }
    }

    void close() {
        if (batch != null) {
            batch.release();
            batch = null;
        }
        encoder.destroy();
    }
}
