// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;

/** A plain TCP connection; a Multipath TCP connection where the whole process runs under {@code mptcpize}. */
final class SocketWire implements Wire {
    private final SocketChannel channel;

    private SocketWire(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        while (from.hasRemaining()) {
            channel.write(from);
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("a socket could not be closed", e);
        }
    }

    /** Of {@code host:port}. */
    static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    /** {@code host:port}; only the first path is dialed. */
    static final class Sockets implements Kind {
        @Override
        public Port listen(List<String> endpoints) throws IOException {
            ServerSocketChannel server = ServerSocketChannel.open().bind(address(endpoints.get(0)));
            InetSocketAddress bound = (InetSocketAddress) server.getLocalAddress();
            return new Port() {
                @Override
                public List<String> endpoints() {
                    return List.of(bound.getHostString() + ":" + bound.getPort());
                }

                @Override
                public Wire accept() throws IOException {
                    return new SocketWire(server.accept());
                }

                @Override
                public void close() {
                    try {
                        server.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException("a listening socket could not be closed", e);
                    }
                }
            };
        }

        @Override
        public Wire dial(List<String> paths) throws IOException {
            return new SocketWire(SocketChannel.open(address(paths.get(0))));
        }
    }
}
