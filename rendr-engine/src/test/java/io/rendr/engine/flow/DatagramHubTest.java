// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rendr.CloseReason;
import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.Protection;
import io.rendr.engine.keys.DialerHandshake;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.link.PathMtu;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.HandshakeDatagram;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DatagramHubTest {
    private static final SocketAddress HERE = new InetSocketAddress("127.0.0.1", 4001);
    private static final SocketAddress THERE = new InetSocketAddress("127.0.0.1", 4002);
    private static final long DIALER = 0x1234_5678L;

    private record Sent(byte[] bytes, SocketAddress to) {
        int type() {
            return bytes[HandshakeDatagram.HEADER];
        }
    }

    private static final class Hears implements CarrierEvents {
        final List<Integer> messages = new ArrayList<>();
        int batches;
        int roomAgain;
        int ends;

        @Override
        public void received(ByteBuf bytes, long now) {
            messages.add((int) bytes.readByte());
        }

        @Override
        public void readComplete(long now) {
            batches++;
        }

        @Override
        public void writable(long now) {
            roomAgain++;
        }

        @Override
        public void closed(CloseReason why, long now) {
            ends++;
        }
    }

    private final List<Sent> sent = new ArrayList<>();
    private final List<PacketPort> accepted = new ArrayList<>();
    private final Hears hears = new Hears();
    private int credit = 10;
    private final SplittableRandom random = new SplittableRandom(3);
    private final Instance instance = new Instance(
            new InstanceId(1, 2),
            new ChunkPool(4 << 20),
            random,
            new X25519(),
            UnpooledByteBufAllocator.DEFAULT,
            List.of(),
            "test",
            List.of(),
            "0",
            new PeerGroups());
    private final DatagramHub hub = new DatagramHub(
            instance,
            new DatagramHub.Socket() {
                @Override
                public int credit() {
                    return credit;
                }

                @Override
                public int maxDatagram() {
                    return 1_472;
                }

                @Override
                public int maxSegments() {
                    return 1;
                }

                @Override
                public void write(ByteBuf datagrams, int segmentSize, SocketAddress to) {
                    byte[] bytes = new byte[datagrams.readableBytes()];
                    datagrams.readBytes(bytes).release();
                    sent.add(new Sent(bytes, to));
                }

                @Override
                public void flush() {
                    // Everything was noted already.
                }

                @Override
                public @Nullable SocketAddress localAddress() {
                    return null;
                }

                @Override
                public byte[] bytes(SocketAddress address) {
                    InetSocketAddress inet = (InetSocketAddress) address;
                    byte[] host = inet.getAddress().getAddress();
                    return new byte[] {
                        host[0], host[1], host[2], host[3], (byte) (inet.getPort() >>> 8), (byte) inet.getPort()
                    };
                }
            },
            (carrier, now) -> {
                carrier.events(hears);
                accepted.add(carrier);
            },
            null);

    private final DialerHandshake dialer = new DialerHandshake(
            new FlowOffer(
                    FlowKind.STREAM,
                    Protection.SEALED,
                    true,
                    new FlowId(5, 6),
                    new InstanceId(7, 8),
                    0,
                    4_096,
                    90_000,
                    0,
                    0,
                    DIALER),
            null,
            null,
            PathMtu.BASE - HandshakeDatagram.HEADER,
            new X25519(),
            new byte[32]);

    private void arrive(byte[] message, long connectionId, SocketAddress from, long now) {
        ByteBuf datagram = Unpooled.buffer();
        HandshakeDatagram.write(datagram, connectionId, message);
        hub.received(datagram, from, now);
        hub.readComplete(now);
        datagram.release();
    }

    private byte[] answer(int index) {
        byte[] bytes = sent.get(index).bytes();
        byte[] message = HandshakeDatagram.message(Unpooled.wrappedBuffer(bytes));
        assertThat(message).isNotNull();
        return message;
    }

    /** HELLO with the cookie of the first answer. */
    private byte[] withCookie() throws Exception {
        arrive(dialer.hello(), 0, HERE, 0);
        return dialer.receive(answer(0));
    }

    @Test
    void asksForACookieAndKeepsNothing() {
        for (int i = 0; i < 1_000; i++) {
            arrive(dialer.hello(), 0, new InetSocketAddress("127.0.0.1", 1_000 + i), 0);
        }
        assertThat(accepted).isEmpty();
        assertThat(hub.carriers()).isZero();
        assertThat(hub.retries()).isEqualTo(1_000);
        assertThat(sent).hasSize(1_000).allSatisfy(answer -> {
            assertThat(answer.type()).isEqualTo(FrameType.RETRY);
            assertThat(answer.bytes().length).isLessThan(PathMtu.BASE);
        });
    }

    @Test
    void letsInWhoEchoesTheCookie() throws Exception {
        byte[] again = withCookie();
        assertThat(again).hasSameSizeAs(dialer.hello());
        arrive(again, 0, HERE, SECONDS.toNanos(1));
        assertThat(accepted).hasSize(1);
        assertThat(hears.messages).containsExactly(FrameType.HELLO);
        assertThat(accepted.get(0).peerConnectionId()).isEqualTo(DIALER);
        assertThat(accepted.get(0).connectionId()).isNotZero();
        assertThat(accepted.get(0).remoteAddress()).isEqualTo(HERE);
    }

    @Test
    void theCookieOfOneAddressIsWorthNothingAtAnother() throws Exception {
        byte[] again = withCookie();
        arrive(again, 0, THERE, 0);
        assertThat(accepted).isEmpty();
        assertThat(hub.carriers()).isZero();
        assertThat(sent.get(1).to()).isEqualTo(THERE);
        assertThat(sent.get(1).type()).isEqualTo(FrameType.RETRY);
    }

    @Test
    void theCookieGetsOld() throws Exception {
        byte[] again = withCookie();
        arrive(again, 0, HERE, SECONDS.toNanos(30));
        assertThat(accepted).isEmpty();
    }

    @Test
    void aHelloThatCouldBeUsedToMakeMoreOfItIsDropped() {
        byte[] small = new DialerHandshake(
                        new FlowOffer(
                                FlowKind.STREAM,
                                Protection.SEALED,
                                true,
                                new FlowId(5, 6),
                                new InstanceId(7, 8),
                                0,
                                4_096,
                                90_000,
                                0,
                                0,
                                DIALER),
                        null,
                        null,
                        0,
                        new X25519(),
                        new byte[32])
                .hello();
        arrive(small, 0, HERE, 0);
        assertThat(sent).isEmpty();
        assertThat(hub.strays()).isEqualTo(1);
    }

    @Test
    void repeatsItsAnswerToWhoAsksAgain() throws Exception {
        byte[] again = withCookie();
        arrive(again, 0, HERE, 0);
        accepted.get(0).write(Unpooled.wrappedBuffer(new byte[] {2, 0, 0, 1, 9}));
        arrive(again, 0, HERE, 1);
        arrive(dialer.hello(), 0, HERE, 2);
        assertThat(accepted).hasSize(1);
        assertThat(hears.messages).hasSize(1);
        assertThat(sent).hasSize(4);
        assertThat(sent.get(3).bytes())
                .isEqualTo(sent.get(1).bytes())
                .isEqualTo(sent.get(2).bytes());
    }

    @Test
    void tellsCarriersApartByConnectionIdWhateverTheAddress() throws Exception {
        arrive(withCookie(), 0, HERE, 0);
        PacketPort port = accepted.get(0);
        port.established();
        ByteBuf packet = Unpooled.buffer().writeByte(0x40).writeLong(port.connectionId());
        packet.writeZero(40);
        hub.received(packet, THERE, 5);
        hub.readComplete(5);
        assertThat(hears.messages).containsExactly(FrameType.HELLO, 0x40);
        assertThat(port.source()).isEqualTo(THERE);
        assertThat(port.remoteAddress()).isEqualTo(HERE);
        port.follow(THERE);
        assertThat(port.remoteAddress()).isEqualTo(THERE);
        assertThat(port.isSameHost(HERE, THERE)).isTrue();
        assertThat(port.isSameHost(HERE, new InetSocketAddress("127.0.0.2", 4001)))
                .isFalse();
        packet.release();
    }

    @Test
    void packetsBeforeTheEndOfTheHandshakeAreDropped() throws Exception {
        arrive(withCookie(), 0, HERE, 0);
        ByteBuf packet = Unpooled.buffer()
                .writeByte(0x40)
                .writeLong(accepted.get(0).connectionId())
                .writeZero(40);
        hub.received(packet, HERE, 5);
        assertThat(hears.messages).containsExactly(FrameType.HELLO);
        packet.release();
    }

    @Test
    void whatMakesNoSenseIsDropped() {
        for (int length = 0; length < 1_500; length += 7) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            if (length > 0) {
                bytes[0] = (byte) (0x40 + length % 3);
            }
            ByteBuf datagram = Unpooled.wrappedBuffer(bytes);
            hub.received(datagram, HERE, 0);
            datagram.release();
        }
        assertThat(sent).isEmpty();
        assertThat(hub.carriers()).isZero();
        assertThat(hub.strays()).isEqualTo(215);
    }

    @Test
    void aCarrierThatIsClosedIsForgotten() throws Exception {
        byte[] again = withCookie();
        arrive(again, 0, HERE, 0);
        accepted.get(0).close(CloseReason.of(CloseReason.Kind.LOCAL, "test"));
        assertThat(hub.carriers()).isZero();
        arrive(again, 0, HERE, 0);
        assertThat(accepted).hasSize(2);
    }

    @Test
    void whoFoundNoRoomHearsWhenThereIsSome() throws Exception {
        arrive(withCookie(), 0, HERE, 0);
        credit = 0;
        assertThat(accepted.get(0).credit()).isZero();
        assertThat(accepted.get(0).credit()).isZero();
        credit = 10;
        hub.writable(1);
        hub.writable(2);
        assertThat(hears.roomAgain).isEqualTo(1);
    }

    @Test
    void drainsWithoutTakingAnybodyElse() throws Exception {
        byte[] again = withCookie();
        arrive(again, 0, HERE, 0);
        int[] drained = new int[1];
        hub.drain(() -> drained[0]++);
        arrive(dialer.hello(), 0, THERE, 0);
        assertThat(sent).hasSize(1);
        assertThat(drained[0]).isZero();
        accepted.get(0).close(CloseReason.of(CloseReason.Kind.LOCAL, "test"));
        assertThat(drained[0]).isEqualTo(1);
    }

    @Test
    void allHearOfTheEndOfTheSocket() throws Exception {
        arrive(withCookie(), 0, HERE, 0);
        hub.closed(CloseReason.of(CloseReason.Kind.ERROR, "test"), 1);
        assertThat(hears.ends).isEqualTo(1);
        assertThat(hub.carriers()).isZero();
    }
}
