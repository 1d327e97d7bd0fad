// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.rendr.testkit.TransportRig;
import java.util.Map;

final class Epolls {
    private Epolls() {}

    static boolean available() {
        return Epoll.isAvailable();
    }

    static TransportRig rig() {
        return TransportRig.of(
                EpollIoHandler.newFactory(),
                Map.of(
                        SocketChannel.class, EpollSocketChannel::new,
                        ServerSocketChannel.class, EpollServerSocketChannel::new));
    }
}
