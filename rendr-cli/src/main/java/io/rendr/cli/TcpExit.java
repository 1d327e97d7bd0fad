// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Acceptor;
import io.rendr.FlowKind;
import io.rendr.StreamConn;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Leads every stream to a TCP server over a connection of its own. */
record TcpExit(InetSocketAddress target) implements Exit<SocketChannel, StreamConn> {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(8);

    @Override
    public FlowKind kind() {
        return FlowKind.STREAM;
    }

    @Override
    public SocketChannel connect() throws IOException {
        SocketChannel server = SocketChannel.open();
        try {
            server.socket().connect(HostPort.resolve(target), (int) CONNECT_TIMEOUT.toMillis());
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    @Override
    public StreamConn accept(Acceptor acceptor) throws IOException {
        return acceptor.accept();
    }

    @Override
    public Splice splice(String label, SocketChannel socket, StreamConn conn) {
        return new TcpSplice(socket, conn);
    }

    @Override
    public void drop(SocketChannel socket) {
        TcpSplice.reset(socket);
    }

    @Override
    public void close() {
        // Connections have nothing in common.
    }
}
