// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.ChannelFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.rendr.testkit.TransportRig;
import java.util.Map;

/** The kinds of event loop. */
enum Way {
    EPOLL,
    NIO;

    TransportRig rig() {
        return rig(this == EPOLL ? EpollDatagramChannel::new : NioDatagramChannel::new);
    }

    TransportRig rig(ChannelFactory<DatagramChannel> channels) {
        assumeTrue(this == NIO || Epoll.isAvailable(), "no epoll here");
        return TransportRig.of(
                this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory(),
                Map.of(DatagramChannel.class, channels));
    }
}
