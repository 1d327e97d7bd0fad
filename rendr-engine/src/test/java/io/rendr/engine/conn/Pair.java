// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.DialerConfig;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** Two runtimes and one connection between them. */
final class Pair implements AutoCloseable {
    final Rendr here;
    final Rendr there;
    final Acceptor acceptor;
    final StreamConn client;
    final StreamConn server;

    private Pair(Rendr here, Rendr there, Acceptor acceptor, StreamConn client, StreamConn server) {
        this.here = here;
        this.there = there;
        this.acceptor = acceptor;
        this.client = client;
        this.server = server;
    }

    static Pair open() throws IOException {
        return open(b -> b);
    }

    static Pair open(UnaryOperator<DialerConfig.Builder> dialer) throws IOException {
        Rendr here = runtime();
        Rendr there = runtime();
        Acceptor acceptor = there.listen((AcceptorConfig.Builder b) -> b.endpoint("loop://127.0.0.1:0"));
        StreamConn client = here.dialer(
                        b -> dialer.apply(b.path(acceptor.endpoints().get(0))))
                .dial();
        return new Pair(here, there, acceptor, client, acceptor.accept());
    }

    static Rendr runtime() {
        return Rendr.create(config().build());
    }

    static RendrConfig.Builder config() {
        return RendrConfig.builder().transport(new LoopTransport()).ioThreads(2).linger(Duration.ofSeconds(5));
    }

    /** The connections first, as an application should; what is left of them by then ends at once. */
    @Override
    public void close() {
        client.close();
        server.close();
        acceptor.close();
        here.close();
        there.close();
    }
}
