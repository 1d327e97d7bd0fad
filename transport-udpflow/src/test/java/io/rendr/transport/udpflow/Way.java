// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.rendr.PathSpec;
import io.rendr.testkit.TransportRig;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;

/** How datagrams go: over which family, by which calls of the system. */
enum Way {
    NIO_IPV4("127.0.0.1", "", false),
    NIO_IPV6("[::1]", "", false),
    OFFLOAD_IPV4("127.0.0.1", "", true),
    OFFLOAD_IPV6("[::1]", "", true),
    MMSG_IPV4("127.0.0.1", "?gso=false&gro=false", true),
    MMSG_IPV6("[::1]", "?gso=false&gro=false", true);

    final String host;
    final boolean epoll;
    private final String options;

    Way(String host, String options, boolean epoll) {
        this.host = host;
        this.options = options;
        this.epoll = epoll;
    }

    PathSpec endpoint() {
        return PathSpec.of("udpflow://" + host + ":0" + options);
    }

    boolean ipv4() {
        return host.indexOf(':') < 0;
    }

    boolean offload() {
        return epoll && options.isEmpty();
    }

    /** Skips the test where the machine cannot do it. */
    TransportRig rig() {
        assumeTrue(!epoll || Epoll.isAvailable(), "no epoll here: " + Epoll.unavailabilityCause());
        assumeTrue(
                !offload() || EpollDatagramChannel.isSegmentedDatagramPacketSupported(),
                "this kernel has no UDP_SEGMENT");
        assumeTrue(ipv4() || ipv6(), "no IPv6 here");
        return epoll
                ? TransportRig.of(EpollIoHandler.newFactory(), Map.of(DatagramChannel.class, EpollDatagramChannel::new))
                : TransportRig.nio();
    }

    static boolean ipv6() {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName("::1"), 0))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
