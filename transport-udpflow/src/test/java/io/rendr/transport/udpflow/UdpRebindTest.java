// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.rendr.CloseReason.Kind;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.DialRequest;
import io.rendr.spi.LocalAddress;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PathFactory;
import io.rendr.spi.Rebindable;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import io.rendr.testkit.RigPort;
import io.rendr.testkit.TransportRig;
import io.rendr.udp.BufferCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakGuard.class)
class UdpRebindTest {

    private final UdpFlowTransport udp = new UdpFlowTransport();
    private final List<DatagramChannel> channels = new CopyOnWriteArrayList<>();
    private final List<Probe> probes = new ArrayList<>();
    private TransportRig rig;
    private RigPort port;
    private PacketCarrier carrier;
    private Probe near;
    private Probe far;

    private void open(Way way) {
        way.rig().close(); // for what it assumes
        rig = TransportRig.of(
                way.epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory(),
                Map.of(DatagramChannel.class, () -> {
                    DatagramChannel channel = way.epoll ? new EpollDatagramChannel() : new NioDatagramChannel();
                    channels.add(channel);
                    return channel;
                }));
        port = rig.bind(udp, way.endpoint());
        far = Probe.of(Await.result(port.datagrams())).start();
        carrier = (PacketCarrier) Await.result(rig.dial(udp, port.dialSpec()).result());
        near = Probe.of(carrier).start();
        probes.addAll(List.of(near, far));
        near.send(10, 10);
        exchange();
    }

    @AfterEach
    void closeRig() {
        probes.forEach(probe -> probe.close(Kind.LOCAL));
        if (port != null) {
            port.close();
            rig.close();
        }
        probes.forEach(probe -> assertThat(probe.violations()).isEmpty());
    }

    /** The far end answers what it heard; the source of that. */
    private SocketAddress exchange() {
        far.awaitBytes(10);
        SocketAddress source = far.heard.get(0).source();
        far.heard.clear();
        far.send(20, 20, source);
        near.awaitBytes(20);
        near.heard.clear();
        return source;
    }

    /** Paths that take {@code address} for that of {@code name} when they are dialed. */
    private PathFactory from(String name, InetAddress address) {
        return new PathFactory() {
            @Override
            public String transport() {
                return udp.transport();
            }

            @Override
            public CompletionStage<PacketCarrier> dial(DialRequest request) {
                LocalAddress known = new LocalAddress(request.spec(), name, List.of(address));
                UdpSockets sockets = new UdpSockets(request, new BufferCheck());
                return new UdpDial(request, sockets, known, CarrierTraits.DATAGRAMS)
                        .start(request.spec().socketAddress());
            }

            @Override
            public CompletionStage<BoundPort> bind(BindRequest request) {
                return udp.bind(request);
            }
        };
    }

    private CompletionStage<SocketAddress> rebind(SocketAddress to) {
        return near.call(() -> carrier.ability(Rebindable.class).orElseThrow().rebind(to));
    }

    private static SocketAddress elsewhere(Way way) {
        return new InetSocketAddress(way.ipv4() ? "127.0.0.5" : "::1", 0);
    }

    @ParameterizedTest
    @EnumSource
    void movesToAnotherAddressAndStillHearsTheOldOne(Way way) {
        open(way);
        SocketAddress before = carrier.localAddress();
        SocketAddress moved = Await.result(rebind(elsewhere(way)));
        assertThat(moved).isEqualTo(carrier.localAddress()).isNotEqualTo(before);
        if (way.ipv4()) {
            assertThat(((InetSocketAddress) moved).getAddress().getHostAddress())
                    .isEqualTo("127.0.0.5");
        }
        for (int turn = 0; turn < 10; turn++) {
            near.run(() -> {}); // whatever follows from the move has been done
        }
        far.send(20, 20, before);
        near.awaitBytes(20);
        near.heard.clear();
        near.send(10, 10);
        assertThat(exchange()).isEqualTo(moved);
        assertThat(near.dropped).isZero();

        SocketAddress again = Await.result(rebind(elsewhere(way)));
        near.send(10, 10);
        assertThat(exchange()).isEqualTo(again).isNotEqualTo(moved);
    }

    /** The interface had another address when the path was dialed; on Linux all of 127.0.0.0/8 can be bound. */
    @Test
    void aPathThatComesFromAnInterfaceMovesToTheAddressThatThisHasNow() throws IOException {
        open(Way.OFFLOAD_IPV4);
        String loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress())
                .getName();
        InetAddress before = InetAddress.getByName("127.0.0.9");
        carrier = (PacketCarrier)
                Await.result(rig.dial(from(loopback, before), port.dialSpec()).result());
        near = Probe.of(carrier).start();
        probes.add(near);
        assertThat(((InetSocketAddress) carrier.localAddress()).getAddress()).isEqualTo(before);
        InetSocketAddress moved = (InetSocketAddress) Await.result(rebind(new InetSocketAddress(0)));
        assertThat(moved.getAddress()).isEqualTo(InetAddress.getLoopbackAddress());
        near.send(10, 10);
        assertThat(exchange()).isEqualTo(moved);
    }

    @ParameterizedTest
    @EnumSource
    void aMoveThatFailsLeavesTheOldAddress(Way way) {
        open(way);
        SocketAddress before = carrier.localAddress();
        assertThat(Await.failure(rebind(new InetSocketAddress(way.ipv4() ? "198.51.100.7" : "2001:db8::7", 0))))
                .isInstanceOf(IOException.class);
        assertThat(carrier.localAddress()).isEqualTo(before);
        near.send(10, 10);
        assertThat(exchange()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void whatWasUsedUpAtTheOldAddressIsThereAtTheNew(Way way) {
        open(way);
        near.run(() -> {
            while (near.credit() > 0) {
                near.write(100, 100, null);
            }
        });
        Await.result(rebind(elsewhere(way)));
        Await.until("writable", () -> near.writables == 1);
        assertThat(near.credit()).isEqualTo(UdpSocket.CREDIT);
        // A second move has done with the first address: what never left there is told.
        Await.result(rebind(elsewhere(way)));
        Await.until("dropped", () -> near.dropped == UdpSocket.CREDIT);
        near.send(10, 10);
        exchange();
    }

    @ParameterizedTest
    @EnumSource
    void outlivesAnUnreachableNetworkAndMoves(Way way) {
        open(way);
        near.run(() -> channels.get(1).pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
                promise.setFailure(new IOException("Network is unreachable"));
            }
        }));
        near.send(30, 10);
        Await.until("dropped", () -> near.dropped == 3);
        assertThat(near.closed).isNotDone();
        Await.result(rebind(elsewhere(way)));
        near.send(10, 10);
        exchange();
    }

    @ParameterizedTest
    @EnumSource
    void aSocketThatIsClosedUnderItIsReplacedAtTheSameAddress(Way way) {
        open(way);
        SocketAddress before = carrier.localAddress();
        near.run(() -> channels.get(1).close());
        Await.until("another", () -> near.call(() -> channels.size() == 3 && near.credit() > 0));
        near.send(10, 10);
        assertThat(exchange()).isEqualTo(before);
        // One that has never heard anything is not worth it.
        Await.result(rebind(elsewhere(way)));
        near.run(() -> channels.get(3).close());
        assertThat(Await.result(near.closed).kind()).isEqualTo(Kind.ERROR);
    }

    @ParameterizedTest
    @EnumSource
    void doesNotMoveAfterItsEnd(Way way) {
        open(way);
        near.close(Kind.LOCAL);
        assertThat(Await.failure(rebind(elsewhere(way)))).isInstanceOf(IOException.class);
        Await.result(near.closed);
    }
}
