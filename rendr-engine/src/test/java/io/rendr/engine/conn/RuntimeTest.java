// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.Dialer;
import io.rendr.FlowAbortedException;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The end of a runtime; the extension holds that no thread, descriptor or buffer is left. */
@ExtendWith(LeakGuard.class)
class RuntimeTest {
    @Test
    void closeWaitsForTheTail() throws Exception {
        try (Rendr there = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0")) {
            Rendr here =
                    Rendr.create(Pair.config().linger(Duration.ofSeconds(30)).build());
            StreamConn client = here.dial(acceptor.endpoints().get(0).toUri());
            StreamConn server = acceptor.accept();
            byte[] bytes = new byte[200_000];
            client.outputStream().write(bytes);
            FutureTask<Void> closing = new FutureTask<>(here::close, null);
            new Thread(closing, "test-close").start();
            assertThat(server.inputStream().readAllBytes()).hasSize(bytes.length);
            server.close();
            closing.get(20, SECONDS);
            assertThatThrownBy(() -> client.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        }
    }

    @Test
    void whatIsLeftAfterTheLingerTimeIsAborted() throws Exception {
        try (Rendr there = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0")) {
            Rendr here =
                    Rendr.create(Pair.config().linger(Duration.ofMillis(100)).build());
            StreamConn client = here.dial(acceptor.endpoints().get(0).toUri());
            StreamConn server = acceptor.accept();
            client.outputStream().write(new byte[1000]);
            here.close();
            assertThat(server.read(ByteBuffer.allocate(2000))).isEqualTo(1000);
            assertThatThrownBy(() -> {
                        while (true) {
                            server.write(ByteBuffer.allocate(1));
                        }
                    })
                    .isInstanceOf(FlowAbortedException.class);
            server.close();
        }
    }

    @Test
    void closeWithoutClosingAnythingElseLeavesNothing() throws Exception {
        try (Rendr there = Pair.runtime();
                Rendr here = Pair.runtime();
                Acceptor acceptor = there.listen("loop://127.0.0.1:0")) {
            here.dial(acceptor.endpoints().get(0).toUri());
            acceptor.accept();
            here.dial(acceptor.endpoints().get(0).toUri());
            CompletableFuture<StreamConn> pending = acceptor.acceptAsync().toCompletableFuture();
            pending.get(10, SECONDS);
        }
    }

    @Test
    void aClosedRuntimeSaysSo() {
        Rendr rendr = Pair.runtime();
        Dialer before = rendr.dialer(b -> b.path("loop://127.0.0.1:1"));
        rendr.close();
        rendr.close();
        assertThatThrownBy(before::dial).isInstanceOf(IOException.class).hasMessageContaining("closed");
        assertThatThrownBy(() -> rendr.dial("loop://127.0.0.1:1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void theStatusShowsFlowsAndMemory() throws Exception {
        try (Pair pair = Pair.open()) {
            assertThat(pair.here.status().flows()).isEqualTo(1);
            assertThat(pair.here.status().memoryBudget()).isPositive();
            assertThat(pair.here.status().maxFlows()).isPositive();
            assertThat(pair.here.status().capabilities()).contains("rendr");
            assertThat(pair.here.transports()).extracting(t -> t.transport()).contains("loop");
            pair.here.networkChanged();
            pair.client.write(ByteBuffer.wrap(new byte[] {1}));
            assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }
}
