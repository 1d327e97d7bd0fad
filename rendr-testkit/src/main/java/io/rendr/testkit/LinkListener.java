// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The port of a link: listening, refusing or deaf, and the same port throughout. Confined to the thread of its loop once that runs.
 */
final class LinkListener {

    private static final int BACKLOG = 4096;

    private final Selector selector;
    private final InetSocketAddress address;
    private final List<SocketChannel> fillers = new ArrayList<>();
    private LinkConnects connects = LinkConnects.FORWARD;
    private @Nullable ServerSocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable SocketChannel reservation;

    private LinkListener(Selector selector, ServerSocketChannel channel) throws IOException {
        this.selector = selector;
        this.channel = channel;
        this.address = (InetSocketAddress) channel.getLocalAddress();
        this.key = channel.register(selector, SelectionKey.OP_ACCEPT);
    }

    static LinkListener open(Selector selector, InetAddress listen) throws IOException {
        ServerSocketChannel channel = listen(new InetSocketAddress(listen, 0), BACKLOG);
        try {
            return new LinkListener(selector, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static ServerSocketChannel listen(InetSocketAddress address, int backlog) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            channel.bind(address, backlog);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw new IOException("the link cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    LinkConnects connects() {
        return connects;
    }

    boolean owns(SelectionKey other) {
        return other == key;
    }

    /** The next connection, or null if there is none now. */
    @Nullable
    SocketChannel accept() throws IOException {
        return channel == null ? null : channel.accept();
    }

    void accepting(boolean on) {
        if (key != null && key.isValid()) {
            key.interestOps(on ? SelectionKey.OP_ACCEPT : 0);
        }
    }

    void connects(LinkConnects now) throws IOException {
        if (now == LinkConnects.REFUSE) {
            reserve();
        } else if (now == LinkConnects.DROP) {
            reserve();
            listenDeaf();
        } else if (key == null) {
            reserve();
            listen();
        }
        connects = now;
    }

    /** Stops listening; a socket that is bound without listening keeps others off the port meanwhile, and refuses. */
    private void reserve() throws IOException {
        if (channel != null) {
            closeChannel();
            selector.selectNow(ready -> {}); // the port is released when the key is gone
        }
        if (reservation == null) {
            reservation = SocketChannel.open();
            reservation.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            reservation.bind(address);
        }
    }

    private void listen() throws IOException {
        ServerSocketChannel open = listen(address, BACKLOG);
        channel = open;
        key = open.register(selector, SelectionKey.OP_ACCEPT);
        release();
    }

    /** Listens with the smallest backlog, filled: the kernel drops every further SYN. */
    private void listenDeaf() throws IOException {
        channel = listen(address, 1);
        release();
        for (int i = 0; i < 2; i++) { // a backlog of n takes n + 1
            SocketChannel filler = SocketChannel.open();
            fillers.add(filler);
            filler.connect(address);
        }
    }

    private void release() throws IOException {
        if (reservation != null) {
            reservation.close();
            reservation = null;
        }
    }

    private void closeChannel() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
            key = null;
        }
        for (SocketChannel filler : fillers) {
            filler.close();
        }
        fillers.clear();
    }

    void close() throws IOException {
        closeChannel();
        release();
    }
}
