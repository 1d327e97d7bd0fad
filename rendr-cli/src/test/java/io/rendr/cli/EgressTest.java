// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.FlowKind;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class EgressTest {
    /** Connects when it is told to. */
    private static final class SlowExit implements Exit<String, StreamConn> {
        private final CompletableFuture<Void> connecting = new CompletableFuture<>();
        private final CompletableFuture<String> connected = new CompletableFuture<>();
        private final CompletableFuture<String> dropped = new CompletableFuture<>();

        @Override
        public FlowKind kind() {
            return FlowKind.STREAM;
        }

        @Override
        public InetSocketAddress target() {
            return new InetSocketAddress("127.0.0.1", 1);
        }

        @Override
        public String connect() {
            connecting.complete(null);
            return Await.result(connected);
        }

        @Override
        public StreamConn accept(Acceptor acceptor) throws IOException {
            return acceptor.accept();
        }

        @Override
        public Splice splice(String label, String socket, StreamConn conn) {
            throw new AssertionError("a flow was served after the end");
        }

        @Override
        public void drop(String socket) {
            dropped.complete(socket);
        }

        @Override
        public void close() {
            // There is nothing.
        }
    }

    @Test
    void aSocketThatIsConnectedTooLateIsLetGo() throws Exception {
        SlowExit exit = new SlowExit();
        try (Rendr there = Rendr.create();
                Rendr here = Rendr.create()) {
            Egress<?, ?> egress = Egress.open(there, AcceptorConfig.builder().endpoint("tcp://127.0.0.1:0"), exit);
            CompletableFuture<StreamConn> dialed =
                    here.dialer(b -> b.path(egress.endpoints().get(0))).dialAsync();
            Await.result(exit.connecting);
            egress.stop(Duration.ZERO);
            exit.connected.complete("socket");
            Await.result(exit.dropped);
            assertThatThrownBy(() -> Await.result(dialed)).hasCauseInstanceOf(IOException.class);
        }
    }
}
