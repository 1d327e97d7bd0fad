// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import java.net.ServerSocket;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class LeakGuardTest {

    @Test
    void seesAThread() throws Exception {
        LeakGuard.Snapshot before = LeakGuard.snapshot();
        CountDownLatch end = new CountDownLatch(1);
        Thread thread = new Thread(
                () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "left over");
        thread.setDaemon(true);
        thread.start();
        assertThat(before.left()).singleElement().asString().contains("left over", "daemon");
        end.countDown();
        before.assertNothingLeft();
    }

    @Test
    void seesADescriptor() throws Exception {
        try (ServerSocket warm = new ServerSocket(0)) {
            assertThat(warm.isBound()).isTrue();
        }
        LeakGuard.Snapshot before = LeakGuard.snapshot();
        try (ServerSocket socket = new ServerSocket(0)) {
            assertThat(socket.isBound()).isTrue();
            assertThat(before.left()).singleElement().asString().contains("descriptor", "socket:");
        }
        before.assertNothingLeft();
    }

    @Test
    void seesABuffer() {
        Logger console = Logger.getLogger(ResourceLeakDetector.class.getName());
        console.setUseParentHandlers(false); // the report is expected
        LeakGuard.assertNoBufferLeaked();
        drop();
        assertThatThrownBy(LeakGuard::assertNoBufferLeaked)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("leaked buffers");
        LeakGuard.assertNoBufferLeaked();
        console.setUseParentHandlers(true);
    }

    private static void drop() {
        Unpooled.directBuffer(16).writeByte(1);
    }
}
