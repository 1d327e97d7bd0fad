// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.rendr.Dialer;
import io.rendr.spi.StreamPathFactory;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Calls that may block are refused on the runtime's event loops, with the method to use instead. */
@ExtendWith(LeakGuard.class)
class EventLoopCallsTest {
    @Test
    void namesTheMethodToUse() throws Exception {
        try (Pair pair = Pair.open()) {
            EventLoop loop = loopOf(pair);
            assertRefused(loop, () -> pair.client.read(ByteBuffer.allocate(1)), "whenReadable");
            assertRefused(loop, () -> pair.client.write(ByteBuffer.allocate(64 << 20)), "whenWritable");
            Dialer dialer =
                    pair.here.dialer(b -> b.path(pair.acceptor.endpoints().get(0)));
            assertRefused(loop, dialer::dial, "dialAsync");
            assertRefused(loop, () -> pair.here.listen("loop://127.0.0.1:0"), "thread of the application");
            assertThat(loop.submit(() -> pair.client.tryRead(ByteBuffer.allocate(1)))
                            .get(10, SECONDS))
                    .isZero();
        }
    }

    private static void assertRefused(EventLoop loop, Callable<?> call, String instead) {
        assertThatThrownBy(() -> loop.submit(call).get(10, SECONDS))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(instead);
    }

    private static EventLoop loopOf(Pair pair) throws Exception {
        CompletableFuture<EventLoop> loop = new CompletableFuture<>();
        StreamPathFactory spy = StreamPathFactory.of("spy", request -> {
            loop.complete(request.eventLoop());
            return CompletableFuture.failedFuture(new IOException("only looking"));
        });
        assertThatThrownBy(() ->
                        pair.here.dialer(b -> b.path("spy://x").transport(spy)).dial())
                .hasMessageContaining("only looking");
        return loop.get(10, SECONDS);
    }
}
