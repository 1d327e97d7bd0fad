// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.ReceiveBuffer;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ReceiveWindowTest {
    private static final int LARGE = 60_002;

    @Test
    void whatHasToFitIsGrantedAsLongAsThePoolHasIt() {
        FlowMemory memory = FlowMemory.admit(new ChunkPool(1 << 20));
        assertThat(memory).isNotNull();
        ReceiveBuffer buffer = memory.receive();
        ReceiveWindow window = new ReceiveWindow(memory, buffer.limit(), LARGE, 0);
        for (int i = 0; i < 30; i++) {
            window.demanded();
            buffer.grant(window.grantable());
            assertThat(buffer.limit() - buffer.available()).isGreaterThanOrEqualTo(LARGE);
            buffer.write(buffer.available(), Unpooled.wrappedBuffer(new byte[LARGE]), 0, LARGE);
            assertThat(buffer.read(ByteBuffer.allocate(LARGE))).isEqualTo(LARGE);
            window.consumed(buffer.consumed(), 1_000_000, i * 1_000L);
        }
        memory.close();
    }
}
