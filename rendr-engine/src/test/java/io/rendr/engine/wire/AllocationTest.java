// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The frames that carry a transfer cost no object, neither when written nor when read. */
class AllocationTest {
    private static final int ROUNDS = 2_000;
    private final ByteBuf wire = Unpooled.buffer(8 * 1024);
    private final AckView ack = new SampleFrames.Ack(1000, 9000, 500, 1, 2000, 3000, 3001, 4096);
    private final PackView pack = new SampleFrames.Pack(100, 3000, 90, 101);
    private final Counter counter = new Counter();
    private final FrameDecoder decoder = new FrameDecoder();
    private final ByteBuf payload = Unpooled.buffer(1000).writeZero(1000);

    private void round() {
        wire.clear();
        Frames.dataHeader(wire, 0, false, 1000);
        wire.writeBytes(payload, 0, 1000);
        Frames.ack(wire, ack);
        Frames.rx(wire, 1, 2);
        Frames.ping(wire, 3);
        Frames.pong(wire, 3, 4, 5);
        Frames.packetHeader(wire, 1, 1000);
        wire.writeBytes(payload, 0, 1000);
        Frames.pack(wire, pack);
        Frames.blocked(wire, 1, 2);
        Frames.creditReturn(wire, 1, 2);
        Frames.pathState(wire, 1, 2, 0);
        // Cut inside the ACK's header, so that the small buffer is used as well.
        int end = wire.writerIndex();
        wire.writerIndex(1000 + Frames.DATA_HEADER + 2);
        decoder.decode(wire, counter);
        wire.writerIndex(end);
        decoder.decode(wire, counter);
    }

    @Test
    void nothingIsAllocatedPerFrame() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < ROUNDS; i++) {
            round();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < ROUNDS; i++) {
            round();
        }
        long perRound = (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
        assertThat(counter.frames).isEqualTo(2L * ROUNDS * 10);
        assertThat(perRound).as("bytes for ten frames").isLessThan(16);
    }

    private static final class Counter implements FrameHandler {
        private long frames;

        @Override
        public void data(long offset, ByteBuf buf, int index, int length, boolean fin) {
            frames++;
        }

        @Override
        public void packet(long seq, ByteBuf buf, int index, int length) {
            frames++;
        }

        @Override
        public void ack(AckView a) {
            frames++;
        }

        @Override
        public void blocked(long limitSeen, long highestSent) {
            frames++;
        }

        @Override
        public void ping(long id) {
            frames++;
        }

        @Override
        public void pong(long id, int holdMicros, long rx) {
            frames++;
        }

        @Override
        public void rx(long rx, int holdMicros) {
            frames++;
        }

        @Override
        public void pack(PackView p) {
            frames++;
        }

        @Override
        public void challenge(long data) {
            throw new AssertionError();
        }

        @Override
        public void response(long data) {
            throw new AssertionError();
        }

        @Override
        public void close() {
            throw new AssertionError();
        }

        @Override
        public void policy(Policy policy) {
            throw new AssertionError();
        }

        @Override
        public void pathState(int pathId, int carrierNo, int state) {
            frames++;
        }

        @Override
        public void stop(int code) {
            throw new AssertionError();
        }

        @Override
        public void abort(int code) {
            throw new AssertionError();
        }

        @Override
        public void detach(int pathId) {
            throw new AssertionError();
        }

        @Override
        public void bye() {
            throw new AssertionError();
        }

        @Override
        public void accepted() {
            throw new AssertionError();
        }

        @Override
        public void creditReturn(int returns, long limit) {
            frames++;
        }

        @Override
        public void forward(long floor) {
            frames++;
        }

        @Override
        public void info(Info info) {
            throw new AssertionError();
        }
    }
}
