// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;

/**
 * What {@link FrameDecoder} calls: one method per frame type. Called in wire order, on the decoding thread. Buffers and
 * views are valid only during the call. A method that finds a frame illegal in its state throws a
 * {@link WireException}, which then leaves {@link FrameDecoder#decode}.
 */
public interface FrameHandler {
    /**
     * Payload of a stream flow. One frame may arrive as several calls with rising offsets.
     *
     * @param offset offset of the first byte, 0 to 2^62
     * @param length number of bytes at {@code index} of {@code buf}; zero only together with {@code fin}
     * @param fin the stream ends after this part
     */
    void data(long offset, ByteBuf buf, int index, int length, boolean fin);

    /**
     * One whole packet of a packet flow; zero length is a legal packet.
     *
     * @param seq its first offset
     */
    void packet(long seq, ByteBuf buf, int index, int length);

    void ack(AckView ack);

    /** The peer has more to send than its credit. */
    void blocked(long limitSeen, long highestSent);

    void ping(long id);

    /**
     * @param holdMicros microseconds between the arrival of the PING and the sending of this answer
     * @param rx bytes of this carrier that the peer had received when it answered
     */
    void pong(long id, int holdMicros, long rx);

    /**
     * @param rx bytes of this carrier that the peer has received
     * @param holdMicros microseconds between the arrival of the last of them and the sending of this receipt
     */
    void rx(long rx, int holdMicros);

    void pack(PackView pack);

    void challenge(long data);

    void response(long data);

    /** The peer has closed this carrier of datagrams; nothing follows. */
    void close();

    void policy(Policy policy);

    /** @param state {@link Frames#PATH_USABLE}, {@link Frames#PATH_SUSPECT} or {@link Frames#PATH_DEAD} */
    void pathState(int pathId, int carrierNo, int state);

    void stop(int code);

    void abort(int code);

    void detach(int pathId);

    void bye();

    void accepted();

    /**
     * @param returns how many times the peer has returned credit, modulo 65,536
     * @param limit what the peer will still use; it gives back everything above
     */
    void creditReturn(int returns, long limit);

    /** @param floor the peer sends nothing of a packet flow below it any more */
    void forward(long floor);

    void info(Info info);
}
