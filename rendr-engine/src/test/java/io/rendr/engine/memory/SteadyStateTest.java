// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.memory;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A byte that passes through the buffers of a flow costs no object. */
class SteadyStateTest {
    private static final int STEP = 60_000; // no divisor of a chunk
    private static final int WINDOW = 1 << 20;
    private static final int STEPS = 2_000;
    private static final long PATIENCE = MINUTES.toNanos(2);

    private final ChunkPool pool = new ChunkPool(16 << 20);
    private final SendBuffer sending = new SendBuffer(pool.sending(), WINDOW);
    private final ReceiveBuffer receiving = new ReceiveBuffer(pool.receiving());
    private final ByteBuffer application = ByteBuffer.allocateDirect(STEP);
    // Not from an allocator: the leak detector of tests would allocate for each touch.
    private final ByteBuf wire = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(STEP));

    @Test
    void nothingIsAllocatedForWhatPasses() {
        assumeTrue(PlatformDependent.hasUnsafe(), "Netty makes a view of a buffer for each copy on this JDK");
        // One object for each step would be at least 16 bytes each. The first rounds prove nothing, since some objects
        // go
        // only when what makes them is compiled, and how many rounds that takes is up to the compiler's thread.
        long began = System.nanoTime();
        long least = Long.MAX_VALUE;
        while (least >= 8L * STEPS && System.nanoTime() - began < PATIENCE) {
            least = Math.min(least, allocatedIn(STEPS));
        }
        assertThat(least).isLessThan(8L * STEPS);
    }

    private long allocatedIn(int steps) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        pass(steps);
        return threads.getThreadAllocatedBytes(self) - before;
    }

    private void pass(int steps) {
        for (int i = 0; i < steps; i++) {
            receiving.grant(WINDOW);
            long at = sending.written();
            sending.append(application.clear());
            sending.copy(at, STEP, wire.clear());
            receiving.write(at, wire, 0, STEP);
            long lent = at;
            while (lent < at + STEP) {
                ByteBuf piece = sending.lend(lent, (int) (at + STEP - lent));
                lent += piece.readableBytes();
                piece.release();
            }
            sending.release(at + STEP);
            receiving.read(application.clear());
        }
    }
}
