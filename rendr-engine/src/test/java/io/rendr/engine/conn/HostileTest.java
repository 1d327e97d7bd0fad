// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.DialException;
import io.rendr.FlowRefusedException;
import io.rendr.HandshakeException;
import io.rendr.HandshakeRefusal;
import io.rendr.HandshakeStats;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.ProtocolVersionException;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.engine.keys.DialerHandshake;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.net.Engine;
import io.rendr.engine.net.EventLoops;
import io.rendr.engine.net.Workers;
import io.rendr.engine.registry.TransportRegistry;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.Attach;
import io.rendr.engine.wire.CarrierOffer;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What comes in at the acceptor of a runtime from people who mean no good, over real sockets. In every test a flow of honest
 * peers is there before, and goes on after.
 */
@ExtendWith(LeakGuard.class)
class HostileTest {
    private static final byte[] KEY = new byte[32];
    private static final Psk PSK = new Psk("k", KEY);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Engine engine;
    private Rendr there;
    private Acceptor acceptor;
    private StreamConn client;
    private StreamConn server;

    private <T extends AutoCloseable> T opened(T what) {
        opened.add(0, what);
        return what;
    }

    @AfterEach
    void theHonestFlowGoesOn() throws Exception {
        exchange(client, server);
        exchange(server, client);
        assertThat(client.admin().stats().counters().carriersLost()).isZero();
        assertThat(server.admin().stats().counters().protocolErrors()).isZero();
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private static void exchange(StreamConn from, StreamConn to) throws IOException {
        ByteBuffer got = ByteBuffer.allocate(1);
        from.write(ByteBuffer.wrap(new byte[] {42}));
        assertThat(to.read(got)).isEqualTo(1);
        assertThat(got.get(0)).isEqualTo((byte) 42);
    }

    private void listen(UnaryOperator<RendrConfig.Builder> runtime, UnaryOperator<AcceptorConfig.Builder> config)
            throws IOException {
        // What hostile peers leave open need not be waited for.
        RendrConfig set =
                runtime.apply(Pair.config()).linger(Duration.ofMillis(100)).build();
        engine = new Engine(
                set,
                TransportRegistry.of(set, Set.of()),
                new EventLoops(2),
                new Workers(set),
                new SecureRandom(),
                new X25519());
        there = opened(new RuntimeFace(engine));
        acceptor = opened(there.listen((AcceptorConfig.Builder b) ->
                config.apply(b.endpoint("loop://127.0.0.1:0").protection(Protection.NONE))));
        Rendr honest = opened(Rendr.create(runtime.apply(Pair.config()).build()));
        client = opened(honest.dialer(b -> b.path(endpoint())).dial());
        server = opened(acceptor.accept());
    }

    private void listen() throws IOException {
        listen(b -> b, b -> b);
    }

    private void listenWithKey() throws IOException {
        listen(b -> b.preSharedKey("k", KEY), b -> b);
    }

    private PathSpec endpoint() {
        return acceptor.endpoints().get(0);
    }

    private RawPeer peer() throws IOException {
        return opened(new RawPeer(endpoint()));
    }

    private long refused(HandshakeRefusal why) {
        return there.status().handshakes().refused(why);
    }

    private void awaitCount(HandshakeRefusal why, long count) {
        Await.until(count + " times " + why + ", not " + there.status().handshakes(), () -> refused(why) >= count);
        assertThat(refused(why)).isEqualTo(count);
    }

    private void awaitRefused(HandshakeRefusal why, long count) {
        awaitCount(why, count);
        assertThat(there.status().handshakes().totalRefused()).isEqualTo(count);
        assertThat(there.status().handshakes().open()).isZero();
    }

    private static Refuse refusal(RawPeer peer) throws IOException {
        Refuse refuse = Refuse.decode(Objects.requireNonNull(peer.message(), "closed without an answer"));
        assertThat(peer.message()).as("closed after the refusal").isNull();
        return refuse;
    }

    // ---- no handshake at all

    @Test
    void anotherProtocolIsNoticedAtItsFirstByte() throws Exception {
        listen();
        RawPeer web = peer().send("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(web.rest()).isEmpty();
        awaitRefused(HandshakeRefusal.MALFORMED, 1);
    }

    @Test
    void anOversizedMessageIsRefusedByItsLengthAlone() throws Exception {
        listen();
        assertThat(peer().send((byte) 1, (byte) 0, (byte) 0xff, (byte) 0xff).rest())
                .isEmpty();
        assertThat(peer().send((byte) 4, (byte) 0, (byte) 0x05, (byte) 0xdd).rest())
                .isEmpty();
        awaitRefused(HandshakeRefusal.MALFORMED, 2);
    }

    @Test
    void aMessageThatIsCutShortByItsLengthIsMalformedAndOneByItsSenderIsAbandoned() throws Exception {
        listen();
        byte[] hello = RawPeer.dialer(null).hello();
        for (int cut = 4; cut < hello.length; cut += 9) {
            byte[] shorter = Arrays.copyOf(hello, cut);
            shorter[3] = (byte) (cut - 4);
            assertThat(peer().send(shorter).rest()).as("%d bytes", cut).isEmpty();
        }
        long malformed = there.status().handshakes().refused(HandshakeRefusal.MALFORMED);
        assertThat(malformed).isEqualTo((hello.length - 4 + 8) / 9);
        int left = 0;
        for (int cut = 0; cut < hello.length; cut += 9) {
            new RawPeer(endpoint()).send(Arrays.copyOf(hello, cut)).close();
            left++;
        }
        long abandoned = left;
        Await.until("all of them are gone", () -> refused(HandshakeRefusal.ABANDONED) == abandoned);
    }

    @Test
    void aHandshakeThatTricklesInEndsAtItsDeadline() throws Exception {
        listen(b -> b, b -> b.handshakeTimeout(Duration.ofMillis(300)));
        byte[] hello = RawPeer.dialer(null).hello();
        RawPeer silent = peer();
        RawPeer slow = peer();
        int sent = 0;
        while (!slow.closesSoon(5)) {
            assertThat(sent).as("all of it could be sent before the deadline").isLessThan(hello.length);
            try {
                slow.send(hello[sent++]);
            } catch (IOException e) {
                break; // closed in between
            }
        }
        assertThat(silent.rest()).isEmpty();
        awaitRefused(HandshakeRefusal.TIMED_OUT, 2);
        RawPeer half = peer();
        half.halfOpen(null);
        assertThat(half.message()).as("HELLO_ACK").isNotNull();
        assertThat(half.rest()).as("without CONFIRM").isEmpty();
        awaitRefused(HandshakeRefusal.TIMED_OUT, 3);
    }

    // ---- keys and versions

    @Test
    void aWrongKeyIsAnErrorThatSaysWhatToDo() throws Exception {
        listenWithKey();
        byte[] other = new byte[32];
        other[0] = 1;
        assertThatThrownBy(() -> dialWith("k", other))
                .isInstanceOf(HandshakeException.class)
                .hasMessageContaining(endpoint().toUri())
                .hasMessageContaining("check that both ends have the same pre-shared key");
        awaitRefused(HandshakeRefusal.BAD_PROOF, 1);
        assertThatThrownBy(() -> dialWith("other", KEY))
                .isInstanceOf(HandshakeException.class)
                .hasMessageContaining("no pre-shared key of this id");
        awaitCount(HandshakeRefusal.UNKNOWN_PSK, 1);
        try (Rendr without = Pair.runtime()) {
            assertThatThrownBy(() -> without.dial(endpoint().toUri()))
                    .isInstanceOf(HandshakeException.class)
                    .hasMessageContaining("pre-shared key; configure one");
        }
        awaitCount(HandshakeRefusal.PSK_REQUIRED, 1);
    }

    private void dialWith(String id, byte[] key) throws IOException {
        try (Rendr rendr = Rendr.create(Pair.config().preSharedKey(id, key).build())) {
            rendr.dial(endpoint().toUri()).close();
        }
    }

    @Test
    void aDialerOfAnotherVersionIsToldWhichOnesThereAre() throws Exception {
        listen();
        Hello h = Hello.decode(RawPeer.dialer(null).hello());
        byte[] hello = new Hello(2, 3, h.offer(), h.ephemeral(), h.cookie(), h.pskId(), 0, h.binder()).encode();
        Refuse refuse = refusal(peer().send(hello));
        assertThat(refuse.code()).isEqualTo(RefuseCode.VERSION);
        assertThat(refuse.a()).isEqualTo(1);
        assertThat(refuse.b()).isEqualTo(1);
        awaitRefused(HandshakeRefusal.VERSION, 1);
    }

    @Test
    void anAcceptorOfAnotherVersionIsAnErrorOfItsOwn() throws Exception {
        listen();
        assertAnswered(
                new Refuse(RefuseCode.VERSION, there.instanceId(), 2, 3, new byte[32]).encode(),
                ProtocolVersionException.class,
                "this end speaks 1, the peer 2 to 3. Upgrade the rendr of this end.");
        assertAnswered("SSH-2.0-OpenSSH_9.2\r\n".getBytes(StandardCharsets.US_ASCII), HandshakeException.class, "0x53");
        assertAnswered(
                new Refuse(RefuseCode.SHUTTING_DOWN, there.instanceId(), 0, 0, new byte[32]).encode(),
                FlowRefusedException.class,
                "shutting down");
    }

    /** A dial to somebody who always says the same. */
    private void assertAnswered(byte[] answer, Class<? extends Throwable> type, String text) throws Exception {
        try (ServerSocket stranger = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Rendr dialer = Pair.runtime()) {
            CompletableFuture<StreamConn> dialing = dialer.dialer(
                            b -> b.path("loop://127.0.0.1:" + stranger.getLocalPort()))
                    .dialAsync();
            try (Socket accepted = stranger.accept()) {
                accepted.getOutputStream().write(answer);
                assertThatThrownBy(dialing::join).cause().isInstanceOf(type).hasMessageContaining(text);
            }
        }
    }

    @Test
    void ifSomePathsCannotBeReachedAllOfThemAreTold() throws Exception {
        listenWithKey();
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        try (Rendr without = Pair.runtime()) {
            assertThatThrownBy(() -> without.dial(endpoint().toUri(), "loop://127.0.0.1:" + closed))
                    .isInstanceOf(DialException.class)
                    .hasMessageContaining("configure one")
                    .hasMessageContaining("REFUSED");
        }
    }

    // ---- recordings and forgeries

    @Test
    void aRecordedHelloOfAFlowThatLivesOrHasJustEndedCostsNoKeyAgreement() throws Exception {
        listenWithKey();
        RawPeer victim = peer();
        Established flow = victim.open(PSK);
        StreamConn accepted = opened(acceptor.accept());
        assertThat(refusal(peer().send(victim.first)).code()).isEqualTo(RefuseCode.PROTOCOL);
        awaitRefused(HandshakeRefusal.REPLAYED, 1);
        accepted.abort(7);
        Await.until("the flow is gone", () -> there.status().flows() == 1);
        assertThat(refusal(peer().send(victim.first)).code()).isEqualTo(RefuseCode.PROTOCOL);
        awaitRefused(HandshakeRefusal.REPLAYED, 2);
        assertThat(flow.offer().flow()).isNotIn(acceptor.flowIds());
    }

    @Test
    void aRecordedHandshakeThatNobodyRemembersFailsAtConfirm() throws Exception {
        listenWithKey();
        DialerHandshake dialer = peer().halfOpen(PSK);
        RawPeer again = peer().send(dialer.hello());
        assertThat(again.message()).as("HELLO_ACK").isNotNull();
        // The proof that would have answered the first HELLO_ACK does not answer the second.
        byte[] confirm = new byte[4 + 32];
        confirm[0] = 3;
        confirm[3] = 32;
        assertThat(again.send(confirm).rest()).isEmpty();
        awaitCount(HandshakeRefusal.BAD_CONFIRM, 1);
        assertThat(there.status().flows()).isEqualTo(1);
    }

    @Test
    void noCarrierJoinsAFlowWithoutItsKey() throws Exception {
        listen();
        RawPeer one = peer();
        Established flow = one.open(null);
        opened(acceptor.accept());
        RawPeer two = peer();
        Established other = two.open(null);
        opened(acceptor.accept());
        RawPeer good = peer();
        good.attach(flow, 1, 1);
        Attach a = Attach.decode(good.first);
        CarrierOffer o = a.offer();
        List<CarrierOffer> forged = List.of(
                new CarrierOffer(o.sealed(), other.offer().flow(), o.instance(), o.pathId(), o.carrierNo(), 0),
                new CarrierOffer(o.sealed(), o.flow(), o.instance(), 2, o.carrierNo(), 0),
                new CarrierOffer(o.sealed(), o.flow(), o.instance(), o.pathId(), 9, 0),
                new CarrierOffer(!o.sealed(), o.flow(), o.instance(), o.pathId(), o.carrierNo(), 0));
        int count = 0;
        for (CarrierOffer offer : forged) {
            byte[] attach = new Attach(1, offer, a.nonce(), a.cookie(), a.pskId(), a.mac()).encode();
            assertThat(refusal(peer().send(attach)).code()).isEqualTo(RefuseCode.BAD_PROOF);
            awaitRefused(HandshakeRefusal.BAD_PROOF, ++count);
        }
        // Replayed: the answer has another nonce, so the recorded CONFIRM does not fit it.
        RawPeer replay = peer().send(good.first);
        assertThat(replay.message()).as("ATTACH_ACK").isNotNull();
        assertThat(replay.send(good.confirm).rest()).isEmpty();
        awaitCount(HandshakeRefusal.BAD_CONFIRM, 1);
        // Reflected: the acceptor's own proof, sent back as the dialer's.
        RawPeer mirror = peer().send(RawPeer.attaching(flow, 1, 2).attach());
        byte[] ack = Objects.requireNonNull(mirror.message());
        byte[] confirm = good.confirm.clone();
        System.arraycopy(ack, ack.length - 32, confirm, confirm.length - 32, 32);
        assertThat(mirror.send(confirm).rest()).isEmpty();
        awaitCount(HandshakeRefusal.BAD_CONFIRM, 2);
        // An acceptor's message where a dialer's is due, and a CONFIRM that is too short: judged by their layout.
        assertThat(peer().send(ack).rest()).isEmpty();
        RawPeer shortened = peer().send(RawPeer.attaching(flow, 1, 2).attach());
        assertThat(shortened.message()).isNotNull();
        byte[] cut = Arrays.copyOf(good.confirm, good.confirm.length - 1);
        cut[3]--;
        assertThat(shortened.send(cut).rest()).isEmpty();
        awaitCount(HandshakeRefusal.MALFORMED, 2);
        assertThat(acceptor.flowIds()).hasSize(3);
    }

    // ---- after the handshake

    private static void data(ByteBuf out, long offset, int length) {
        Frames.dataHeader(out, offset, false, length);
        out.writeZero(length);
    }

    @Test
    void aPeerThatBreaksTheProtocolLosesItsCarrierAndTheThirdTimeItsFlow() throws Exception {
        listen();
        RawPeer first = peer();
        Established flow = first.open(null);
        StreamConn accepted = opened(acceptor.accept());
        first.frames(out -> data(out, 0, 100));
        first.frames(out -> data(out, 1L << 40, 10));
        first.rest();
        Await.until("beyond credit", () -> errors(accepted) == 1);

        RawPeer second = peer();
        second.attach(flow, 0, 1);
        second.frames(out -> data(out, 100, 100));
        assertThat(readFully(accepted, 200)).isEqualTo(200);
        second.frames(out -> ack(out, 5_000));
        second.rest();
        Await.until("an acknowledgement of what was never sent", () -> errors(accepted) == 2);
        assertThat(accepted.isOpen()).isTrue();

        RawPeer third = peer();
        third.attach(flow, 0, 2);
        third.frames(out -> Frames.rx(out, 1L << 40, 0));
        third.rest();
        Await.until("a receipt for what was never sent", () -> errors(accepted) == 3);
        assertThatThrownBy(() -> accepted.read(ByteBuffer.allocate(1))).hasMessageContaining("broke the protocol");
    }

    private static void ack(ByteBuf out, long cum) {
        out.writeByte(0x12).writeByte(0).writeShort(26);
        out.writeLong(cum).writeLong(cum + 1000).writeLong(0).writeShort(0);
    }

    private static long errors(StreamConn conn) {
        return conn.admin().stats().counters().protocolErrors();
    }

    private static int readFully(StreamConn conn, int length) throws IOException {
        return conn.inputStream().readNBytes(length).length;
    }

    // ---- limits

    @Test
    void halfOpenHandshakesHoldNoMemoryAndNoPlace() throws Exception {
        listen(b -> b.handshakeCpu(100).maxFlows(3), b -> b);
        ChunkPool pool = engine.instance().pool();
        long reserved = pool.receiving().reserved();
        for (int i = 0; i < 50; i++) {
            RawPeer half = peer();
            half.halfOpen(null);
            assertThat(half.message()).as("HELLO_ACK").isNotNull();
        }
        assertThat(there.status().handshakes().open()).isEqualTo(50);
        assertThat(pool.flows()).isEqualTo(1);
        assertThat(pool.receiving().reserved()).isEqualTo(reserved);
        RawPeer honest = peer();
        honest.open(null);
        opened(acceptor.accept());
    }

    @Test
    void whenTheLastPlaceIsTakenBetweenHelloAndConfirmTheDialerIsTold() throws Exception {
        listen(b -> b.maxFlows(2), b -> b);
        RawPeer late = peer();
        DialerHandshake dialer = late.halfOpen(null);
        byte[] ack = Objects.requireNonNull(late.message());
        peer().open(null);
        opened(acceptor.accept());
        late.send(dialer.receive(ack));
        ByteBuf frames = Unpooled.wrappedBuffer(late.rest());
        assertThat(frames.readInt()).as("ABORT").isEqualTo(0x3300_0004);
        assertThat(AbortCode.refusal(frames.readInt())).isEqualTo(FlowRefusedException.BUSY);
        awaitRefused(HandshakeRefusal.NO_ROOM, 1);
    }

    @Test
    void aFullRuntimeRefusesWithATypedError() throws Exception {
        listen(b -> b.maxFlows(1), b -> b);
        try (Rendr other = Pair.runtime()) {
            assertThatThrownBy(() -> other.dial(endpoint().toUri()))
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowRefusedException.BUSY));
        }
        awaitRefused(HandshakeRefusal.NO_ROOM, 1);
    }

    @Test
    void aSourceThatProvesNothingIsLimitedAndOneThatKnowsAKeyIsNot() throws Exception {
        listen(b -> b, b -> b.handshakesPerSource(1));
        Established flow = peer().open(null);
        opened(acceptor.accept());
        int begun = 0;
        while (refused(HandshakeRefusal.SOURCE_LIMIT) == 0) {
            RawPeer half = peer();
            half.halfOpen(null);
            assertThat(half.message()).as("HELLO_ACK or REFUSE").isNotNull();
            assertThat(++begun).isLessThan(100);
        }
        assertThat(begun).isGreaterThan(10);
        RawPeer refused = peer();
        refused.halfOpen(null);
        Refuse busy = refusal(refused);
        assertThat(busy.code()).isEqualTo(RefuseCode.BUSY);
        assertThat(busy.a()).as("when to come back, in milliseconds").isEqualTo(1000);
        peer().attach(flow, 1, 1);
        Await.until(
                "the carrier that knows the flow's key is there",
                () -> there.status().handshakes().confirmed() == 3);
    }

    @Test
    void aDialerThatIsToldWhenToComeBackDoes() throws Exception {
        listen(b -> b, b -> b.handshakesPerSource(1).handshakeTimeout(Duration.ofSeconds(1)));
        while (refused(HandshakeRefusal.SOURCE_LIMIT) == 0) {
            RawPeer half = peer();
            half.halfOpen(null);
            half.message();
        }
        try (Rendr other = Pair.runtime();
                StreamConn late = other.dial(endpoint().toUri());
                StreamConn accepted = acceptor.accept()) {
            exchange(late, accepted);
        }
        assertThat(refused(HandshakeRefusal.SOURCE_LIMIT))
                .as("refused at least once")
                .isGreaterThan(1);
    }

    @Test
    void whoIsBusyForLongerThanADialMayTakeSaysSo() throws Exception {
        listen(b -> b, b -> b.handshakesPerSource(1));
        while (refused(HandshakeRefusal.SOURCE_LIMIT) == 0) {
            RawPeer half = peer();
            half.halfOpen(null);
            half.message();
        }
        try (Rendr other = Pair.runtime()) {
            assertThatThrownBy(() -> other.dialer(b -> b.path(endpoint()).dialTimeout(Duration.ofMillis(300)))
                            .dial())
                    .isInstanceOfSatisfying(
                            FlowRefusedException.class,
                            e -> assertThat(e.code()).isEqualTo(FlowRefusedException.BUSY));
        }
    }

    @Test
    void aSourceThatProvesNothingDoesNotShutOutThoseWithAKey() throws Exception {
        listen(b -> b.preSharedKey("k", KEY), b -> b.handshakesPerSource(1));
        for (int i = 0; i < 50; i++) {
            peer().send((byte) 'x').rest();
        }
        awaitRefused(HandshakeRefusal.MALFORMED, 50);
        dialWith("k", KEY);
    }

    @Test
    void keyAgreementForStrangersIsRationed() throws Exception {
        listen(b -> b.handshakeCpu(0.001), b -> b.handshakesPerSource(0));
        RawPeer last = peer();
        for (int i = 0; refused(HandshakeRefusal.CPU_LIMIT) == 0; i++) {
            assertThat(i)
                    .as("handshakes for a quarter of a second of key agreement")
                    .isLessThan(20_000);
            last = peer();
            last.halfOpen(null);
            last.message();
        }
        assertThat(last.message()).as("closed after it was refused").isNull();
    }

    @Test
    void aHundredThousandHalfOpenHandshakesAreNeverMoreThanTheNewest() throws Exception {
        int slots = 64;
        listen(b -> b, b -> b.maxHandshakes(slots).handshakeTimeout(Duration.ofMinutes(5)));
        InetSocketAddress to = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), endpoint().socketAddress().getPort());
        ArrayDeque<Socket> open = new ArrayDeque<>();
        byte[] hello = RawPeer.dialer(null).hello();
        int flood = 100_000;
        for (int i = 1; i <= flood; i++) {
            Socket socket = new Socket();
            socket.bind(new InetSocketAddress("127.0.0.2", 0));
            socket.setSoLinger(true, 0);
            socket.connect(to);
            open.add(socket);
            try {
                socket.getOutputStream().write(hello, 0, i % hello.length);
            } catch (IOException e) {
                assertThat(e).as("displaced in between").hasMessageMatching("(?i).*(reset|broken pipe).*");
            }
            if (open.size() > 2 * slots) {
                open.remove().close();
            }
            if (i % 10_000 == 0) {
                exchange(client, server);
                try (RawPeer honest = new RawPeer(endpoint())) {
                    honest.open(null);
                    acceptor.accept().abort(1);
                }
                Await.until(
                        "those that were displaced are gone",
                        () -> there.status().handshakes().open() <= slots + 1);
                assertThat(engine.instance().pool().flows()).isLessThanOrEqualTo(2);
            }
        }
        for (Socket socket : open) {
            socket.close();
        }
        Await.until("all of them are over", () -> there.status().handshakes().open() == 0);
        HandshakeStats seen = there.status().handshakes();
        assertThat(seen.totalRefused()).isEqualTo(flood);
        // How many are displaced before their peer gives them up depends on who is faster.
        assertThat(seen.refused(HandshakeRefusal.DISPLACED)).isGreaterThan(slots);
        assertThat(seen.refused(HandshakeRefusal.DISPLACED) + seen.refused(HandshakeRefusal.ABANDONED))
                .isEqualTo(flood);
        assertThat(seen.confirmed()).isEqualTo(1 + flood / 10_000);
    }
}
