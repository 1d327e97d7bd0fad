// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.OptionKey;
import io.rendr.PathSpec;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.PathFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What every transport of streams has to hold, as tests. Extend it, say how to make the transport and where to listen, and run it with
 * {@code -Dio.netty.leakDetection.level=paranoid}:
 *
 * <pre>{@code
 * class TcpContractTest extends TransportContract {
 *     protected PathFactory factory() { return new TcpTransport(); }
 *     protected PathSpec endpoint() { return PathSpec.of("tcp://127.0.0.1:0"); }
 * }
 * }</pre>
 *
 * The numbers name the rules and never change: 1xx bytes, 2xx credit, 3xx buffers, 4xx life and end, 5xx threads, 6xx dialing, 7xx listening, 8xx
 * the factory. Around every test {@link LeakGuard} watches threads and descriptors, and after the class, buffers; that is rule 300. In every test the
 * {@linkplain CarrierProbe probes} watch rule 501, all calls to a listener are made on the carrier's event loop, rule 502, none of them from inside
 * a call to the carrier, rule 402, nothing is heard after {@code closed}, and rule 407, nothing but {@code closed} after {@code close}.
 *
 * <p>What flows have to do over a transport, 9xx, is {@link FlowContract}.
 *
 * <p>A rule for writers that no test can hold: <b>204</b>, a writer that stops with credit left is never woken; it comes back by itself.
 */
@ExtendWith(LeakGuard.class)
public abstract class TransportContract {

    private final List<CarrierProbe> probes = new CopyOnWriteArrayList<>();
    private final List<RigPort> ports = new ArrayList<>();
    private TransportRig rig;
    private PathFactory factory;

    /** Only for subclasses. */
    protected TransportContract() {}

    /** A new transport under test. */
    protected abstract PathFactory factory();

    /** Where to listen; a free place at every call, such as port 0. */
    protected abstract PathSpec endpoint();

    /** What to listen at to be where a dial spec leads; the dial spec unless overridden, for endpoints that take more than dialers are told. */
    protected PathSpec endpointAt(PathSpec dialSpec) {
        return dialSpec;
    }

    /** The event loops to run on; NIO unless overridden. */
    protected TransportRig rig() {
        return TransportRig.nio();
    }

    /** What to dial where nobody listens; the default was listened at a moment ago. */
    protected PathSpec deadAddress() {
        RigPort port = rig.bind(factory, endpoint());
        PathSpec spec = port.dialSpec();
        port.close();
        Await.until("nobody listens there any more", () -> refused(spec));
        return spec;
    }

    /** What to dial that never answers; empty skips the rules about it. Whatever it needs is closed after the test by whoever overrides it. */
    protected Optional<PathSpec> hangingAddress() {
        return Optional.empty();
    }

    /** Whether a carrier that is cut resets the other end; if not, any end will do. */
    protected boolean cutIsHeardAsReset() {
        return true;
    }

    /** Over how many of the two event loops accepted carriers are spread; 1 where those of an endpoint share a socket. */
    protected int acceptingLoops() {
        return 2;
    }

    @BeforeEach
    final void openRig() {
        rig = rig();
        factory = factory();
    }

    @AfterEach
    final void closeRig() throws Exception {
        ports.forEach(RigPort::close);
        probes.forEach(p -> p.close(Kind.LOCAL));
        factory.close();
        rig.close();
        for (CarrierProbe p : probes) {
            assertEquals(List.of(), p.violations(), () -> "rules broken under " + p);
        }
    }

    // 1xx: bytes

    @Test
    protected void rule101_bytesArriveInOrderHoweverTheyAreCut() {
        for (int piece : new int[] {1, 2, 3, 7, 64, 1447, 1448, 4096, 65_536, 100_003}) {
            Pair pair = startedPair();
            long length = Math.min(2_000L * piece, 1 << 20);
            pair.near.pieces(piece).send(length);
            pair.far.pieces(piece).send(length);
            pair.expect(length, length);
            pair.close();
        }
    }

    @Test
    protected void rule102_anyKindOfBufferIsTaken() {
        Pair pair = pair();
        pair.far.keepBytes();
        pair.start();
        ByteBuf offset = text("##offset##").skipBytes(2).writerIndex(8);
        CompositeByteBuf composite = Unpooled.compositeBuffer()
                .addComponent(true, text("-comp"))
                .addComponent(true, Unpooled.directBuffer().writeBytes(bytes("osite")));
        ByteBuf whole = text("xx-slice-xx");
        ByteBuf slice = whole.retainedSlice(2, 7);
        whole.release();
        pair.near.write(offset);
        pair.near.write(composite);
        pair.near.write(slice);
        pair.near.write(Unpooled.directBuffer());
        pair.near.write(Unpooled.EMPTY_BUFFER);
        pair.near.write(text("readonly").asReadOnly());
        pair.near.run(() -> {
            for (String part : List.of("-a", "-b", "-c")) {
                pair.near.carrier().write(text(part));
            }
            pair.near.carrier().flush();
        });
        String expected = "offset-composite-slice-readonly-a-b-c";
        Await.until(() -> pair.far.text(), () -> pair.far.received() == expected.length());
        assertEquals(expected, pair.far.text());
    }

    @Test
    protected void rule103_whatWasSentBeforeAnOrderlyCloseArrivesBeforeTheEnd() {
        Pair pair = startedPair();
        pair.near.send(100_000);
        Await.until("everything was taken", () -> pair.near.sent() == 100_000 && pair.near.queued() == 0);
        pair.near.close(Kind.LOCAL);
        CloseReason why = Await.result(pair.far.closed());
        assertEquals(100_000, pair.far.received());
        assertEquals(Kind.PEER_CLOSED, why.kind(), why::toString);
    }

    @Test
    protected void rule104_bothDirectionsCarryMuchAtOnce() {
        Pair pair = startedPair();
        long length = 16L << 20;
        pair.near.send(length);
        pair.far.send(length);
        pair.expect(length, length);
    }

    @Test
    protected void rule105_aReadEndsWithReadComplete() {
        Pair pair = startedPair();
        pair.near.send(300_000);
        pair.expect(0, 300_000);
        Await.until("readComplete()", () -> pair.far.readCompletes() > 0);
        int before = pair.far.readCompletes();
        pair.near.send(1);
        Await.until("readComplete() again", () -> pair.far.readCompletes() > before);
    }

    // 2xx: credit

    @Test
    protected void rule201_aNewCarrierHasCreditAndNothingQueued() {
        Pair pair = startedPair();
        for (CarrierProbe p : List.of(pair.near, pair.far)) {
            assertTrue(p.credit() > 0, () -> "credit of " + p);
            assertEquals(0, p.queued());
        }
    }

    @Test
    protected void rule202_creditRunsOutWhileNobodyReadsAndComesBackWithWritable() {
        Pair pair = pair();
        pair.near.start();
        pair.near.send(64L << 20);
        Await.until(() -> "no credit left: " + pair.near, pair.near::usedUp);
        long sent = settledBytesOf(pair.near);
        assertTrue(sent < 64L << 20, "a carrier that nobody reads at the other end took 64 MiB");
        int writables = pair.near.writables();
        pair.far.start();
        pair.expect(0, 64L << 20);
        assertTrue(pair.near.writables() > writables, "writable() was not heard");
    }

    @Test
    protected void rule203_queuedGoesBackToZero() {
        Pair pair = startedPair();
        pair.near.send(3 << 20);
        pair.expect(0, 3 << 20);
        Await.until("nothing queued", () -> pair.near.queued() == 0);
        Await.until("credit again", () -> pair.near.credit() > 0);
    }

    @Test
    protected void rule205_moreThanTheCreditIsTakenToo() {
        Pair pair = pair();
        pair.far.keepBytes();
        pair.near.start();
        int length = 4 << 20;
        pair.near.write(Unpooled.directBuffer(length).writeZero(length));
        pair.near.write(text("end"));
        pair.far.start();
        Await.until(() -> "all of it: " + pair.far, () -> pair.far.received() == length + 3);
    }

    // 3xx: buffers

    @Test
    protected void rule301_whatWasWrittenIsReleasedWhenItIsGone() {
        Pair pair = startedPair();
        ByteBuf buffer = Unpooled.directBuffer().writeByte(CarrierProbe.pattern(0));
        pair.near.write(buffer);
        pair.expect(0, 1);
        Await.until("released", () -> buffer.refCnt() == 0);
    }

    @Test
    protected void rule302_whatIsQueuedIsReleasedWhenTheCarrierEnds() {
        for (Kind kind : List.of(Kind.LOCAL, Kind.ERROR)) {
            Pair pair = pair();
            pair.near.start();
            List<ByteBuf> buffers = new ArrayList<>();
            pair.near.run(() -> {
                for (int i = 0; i < 64; i++) {
                    ByteBuf buffer = Unpooled.directBuffer(256 << 10).writeZero(256 << 10);
                    buffers.add(buffer);
                    pair.near.carrier().write(buffer);
                }
                pair.near.carrier().flush();
                ByteBuf notFlushed = text("not flushed");
                buffers.add(notFlushed);
                pair.near.carrier().write(notFlushed);
            });
            pair.near.close(kind);
            Await.until("released", () -> buffers.stream().allMatch(b -> b.refCnt() == 0));
            assertEquals(kind, Await.result(pair.near.closed()).kind());
        }
    }

    @Test
    protected void rule303_whatIsWrittenAfterTheEndIsReleased() {
        Pair pair = startedPair();
        pair.near.close(Kind.LOCAL);
        ByteBuf atOnce = text("late");
        pair.near.write(atOnce);
        assertEquals(0, atOnce.refCnt());
        Await.result(pair.near.closed());
        ByteBuf later = text("later");
        pair.near.write(later);
        assertEquals(0, later.refCnt());
        Await.result(pair.far.closed());
        ByteBuf other = text("other end");
        pair.far.write(other);
        assertEquals(0, other.refCnt());
    }

    // 4xx: life and end

    @Test
    protected void rule401_nothingIsReadBeforeStartAndNothingIsLost() {
        Pair pair = pair();
        pair.near.start();
        pair.near.send(50_000);
        Await.until("gone", () -> pair.near.sent() == 50_000 && pair.near.queued() == 0);
        pair.far.run(() -> {}); // whatever was on its way to the loop is there now
        assertEquals(0, pair.far.received());
        pair.far.start();
        pair.expect(0, 50_000);
    }

    @Test
    protected void rule403_closeIsIdempotentAndTheFirstReasonCounts() {
        Pair pair = startedPair();
        CloseReason first = CloseReason.of(Kind.TIMEOUT, "the first");
        pair.near.run(() -> {
            pair.near.carrier().close(first);
            pair.near.carrier().close(CloseReason.of(Kind.LOCAL, "the second"));
            assertFalse(pair.near.closed().isDone(), "closed() is heard later, not from inside close()");
        });
        assertSame(first, Await.result(pair.near.closed()));
        pair.near.close(Kind.PROTOCOL);
        assertSame(first, Await.result(pair.near.closed()));
    }

    @Test
    protected void rule404_theEndOfTheOtherEndIsAnEnd() {
        Pair pair = startedPair();
        pair.far.close(Kind.LOCAL);
        assertEquals(Kind.PEER_CLOSED, Await.result(pair.near.closed()).kind());
        assertEquals(0, pair.near.credit());
    }

    @Test
    protected void rule405_aCutCarrierEndsTheOtherEnd() {
        Pair pair = startedPair();
        pair.near.close(Kind.TIMEOUT);
        CloseReason why = Await.result(pair.far.closed());
        if (cutIsHeardAsReset()) {
            assertEquals(Kind.RESET, why.kind(), why::toString);
        }
    }

    @Test
    protected void rule406_itMayBeClosedFromInsideItsListener() {
        for (Kind kind : List.of(Kind.LOCAL, Kind.ERROR)) {
            Pair reading = pair();
            reading.far.onReceived(p -> p.close(kind));
            reading.start();
            reading.near.send(4 << 20);
            assertEquals(kind, Await.result(reading.far.closed()).kind());
            Await.result(reading.near.closed());

            Pair writing = pair();
            writing.near.onWritable(p -> p.close(kind));
            writing.near.start();
            writing.near.send(64L << 20);
            Await.until("no credit left", writing.near::usedUp);
            writing.far.start();
            assertEquals(kind, Await.result(writing.near.closed()).kind());
            Await.result(writing.far.closed());
        }
    }

    @Test
    protected void rule408_closedBeforeStartIsHeardAtStart() {
        Pair pair = pair();
        pair.near.close(Kind.PROTOCOL);
        pair.near.start();
        assertEquals(Kind.PROTOCOL, Await.result(pair.near.closed()).kind());
        pair.far.start();
        Await.result(pair.far.closed());
    }

    @Test
    protected void rule409_startTwiceIsAnError() {
        Pair pair = startedPair();
        CarrierListener second = new CarrierProbe(pair.near.carrier());
        assertThrows(
                IllegalStateException.class,
                () -> unwrapped(() -> pair.near.run(() -> pair.near.carrier().start(second))));
    }

    @Test
    protected void rule410_whatTheOtherEndSentAndItsEndAreHeardWhenStartedLate() {
        Pair pair = pair();
        pair.near.start();
        pair.near.send(10_000);
        Await.until("gone", () -> pair.near.sent() == 10_000 && pair.near.queued() == 0);
        pair.near.close(Kind.LOCAL);
        Await.result(pair.near.closed());
        pair.far.start();
        assertEquals(Kind.PEER_CLOSED, Await.result(pair.far.closed()).kind());
        assertEquals(10_000, pair.far.received());
    }

    @Test
    protected void rule411_anEndedCarrierHasNoCredit() {
        Pair pair = startedPair();
        pair.near.run(() -> {
            pair.near.carrier().close(CloseReason.of(Kind.LOCAL, "done"));
            assertEquals(0, pair.near.carrier().credit());
        });
        Await.result(pair.near.closed());
        assertEquals(0, pair.near.credit());
    }

    // 5xx: threads

    @Test
    protected void rule503_dialingDoesNotBlockTheEventLoop() {
        PathSpec hanging = hangingOrSkip();
        RigDial dial = rig.dial(factory, hanging, Await.LONG);
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Boolean> alive = new CompletableFuture<>();
            dial.eventLoop().execute(() -> alive.complete(true));
            Await.result(alive);
        }
        assertFalse(dial.result().toCompletableFuture().isDone());
        dial.cancel();
    }

    // 6xx: dialing

    @Test
    protected void rule601_aDialWhereNobodyListensFailsNamingTheAddress() {
        PathSpec dead = deadAddress();
        Throwable failure = Await.failure(rig.dial(factory, dead).result());
        CloseReason why = CloseReason.of(failure);
        assertEquals(Kind.REFUSED, why.kind(), () -> "" + failure);
        String address = dead.address();
        String port = address.substring(address.lastIndexOf(':') + 1);
        assertTrue(why.detail().contains(port), () -> "'" + why.detail() + "' does not name " + dead);
    }

    @Test
    protected void rule602_aCancelledDialReleasesEverything() {
        PathSpec hanging = hangingOrSkip();
        RigDial dial = rig.dial(factory, hanging, Await.LONG);
        CompletableFuture<Boolean> begun = new CompletableFuture<>();
        dial.eventLoop().execute(() -> begun.complete(true));
        Await.result(begun);
        dial.cancel();
        Await.failure(dial.result());
        // Descriptors and buffers: rule 300 looks when the test is over.
    }

    @Test
    protected void rule603_aDialThatIsCancelledAtAnyMomentLeavesNothing() {
        RigPort port = listen();
        for (int i = 0; i < 50; i++) {
            RigDial dial = rig.dial(factory, port.dialSpec());
            if (i % 3 == 1) {
                dial.eventLoop().execute(dial::cancel);
            } else if (i % 3 == 2) {
                Await.result(dial.result().handle((carrier, failure) -> true));
            }
            dial.cancel();
            dial.result().whenComplete((carrier, failure) -> {
                if (carrier != null) {
                    dial.onLoop(() -> carrier.close(CloseReason.of(Kind.LOCAL, "not wanted")));
                }
            });
        }
    }

    @Test
    protected void rule604_manyDialsAtOnceAreKeptApart() {
        RigPort port = listen();
        List<RigDial> dials = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            dials.add(rig.dial(factory, port.dialSpec(), Await.LONG));
        }
        long length = 100_000;
        for (int i = 0; i < dials.size(); i++) {
            CarrierProbe near = probe(dials.get(i).probe()).start();
            near.pieces(1000 + i).send(length);
        }
        Set<Object> loops = new HashSet<>();
        for (int i = 0; i < dials.size(); i++) {
            CarrierProbe far = probe(port.accept()).start();
            loops.add(far.carrier().eventLoop());
            far.send(length);
        }
        for (CarrierProbe each : List.copyOf(probes)) {
            Await.until(() -> "all bytes: " + each, () -> each.received() == length);
        }
        assertEquals(acceptingLoops(), loops.size(), "accepted carriers are spread over the event loops");
    }

    @Test
    protected void rule605_theCarrierRunsOnTheEventLoopOfTheRequest() {
        RigPort port = listen();
        for (int i = 0; i < 4; i++) {
            RigDial dial = rig.dial(factory, port.dialSpec());
            assertSame(dial.eventLoop(), probe(dial.probe()).carrier().eventLoop());
            probe(port.accept());
        }
    }

    @Test
    protected void rule606_aDialThatHangsIsOverInTime() {
        PathSpec hanging = hangingOrSkip();
        Throwable failure =
                Await.failure(rig.dial(factory, hanging, Duration.ofMillis(100)).result());
        assertEquals(Kind.TIMEOUT, CloseReason.of(failure).kind(), () -> "" + failure);
    }

    // 7xx: listening

    @Test
    protected void rule701_aPortTellsWhereItIsAndWhatToDial() {
        PathSpec endpoint = endpoint();
        RigPort port = listen(endpoint);
        BoundPort bound = Await.result(port.opened());
        assertNotNull(bound.localAddress());
        assertEquals(endpoint.transport(), bound.dialSpec().transport());
        assertFalse(bound.dialSpec().address().endsWith(":0"), () -> "not the real port: " + bound.dialSpec());
        CarrierProbe near = probe(rig.dial(factory, bound.dialSpec()).probe());
        CarrierProbe far = probe(port.accept());
        assertEquals(near.carrier().localAddress(), far.carrier().remoteAddress());
        assertEquals(near.carrier().remoteAddress(), far.carrier().localAddress());
    }

    @Test
    protected void rule702_anEndpointThatIsTakenIsRefusedByName() {
        RigPort port = listen();
        Throwable failure =
                Await.failure(rig.bind(factory, endpointAt(port.dialSpec())).opened());
        CloseReason why = CloseReason.of(failure);
        assertEquals(Kind.CONFIG, why.kind(), () -> "" + failure);
        assertTrue(
                why.detail().contains(port.dialSpec().address()),
                () -> "'" + why.detail() + "' does not name " + port.dialSpec());
    }

    @Test
    protected void rule703_aClosedPortAcceptsNoMoreAndWhatItAcceptedGoesOn() {
        RigPort port = listen();
        Pair pair = new Pair(probe(rig.dial(factory, port.dialSpec()).probe()), probe(port.accept()));
        pair.start();
        BoundPort bound = Await.result(port.opened());
        bound.close();
        bound.close();
        Await.until("nobody listens there any more", () -> refused(bound.dialSpec()));
        pair.near.send(10_000);
        pair.far.send(10_000);
        pair.expect(10_000, 10_000);
        assertNull(port.failure());
    }

    @Test
    protected void rule704_whatIsNotWantedIsNotHandedOver() {
        RigPort port = listen();
        port.setAccepting(false);
        RigDial unwanted = rig.dial(factory, port.dialSpec());
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        unwanted.result().whenComplete((carrier, failure) -> {
            if (failure != null) {
                over.complete(true);
            } else {
                dialed(carrier).start().closed().thenRun(() -> over.complete(true));
            }
        });
        Await.result(over); // the dial fails, or what it gave ends
        assertEquals(0, port.unwanted());
    }

    @Test
    protected void rule705_anEndpointCanBeListenedAtAgain() {
        RigPort port = listen();
        PathSpec same = port.dialSpec();
        Pair pair = new Pair(probe(rig.dial(factory, same).probe()), probe(port.accept()));
        pair.start();
        port.close();
        Await.until("nobody listens there any more", () -> refused(same));
        pair.far.close(Kind.LOCAL); // the listening end closes first, which is where TCP waits
        Await.result(pair.near.closed());
        listen(endpointAt(same));
        probe(rig.dial(factory, same).probe());
    }

    // 8xx: the factory

    @Test
    protected void rule801_theFactoryDescribesItself() {
        assertTrue(factory.transport().matches("[a-z][a-z0-9+.-]*"), factory::transport);
        assertEquals(Optional.empty(), factory.unavailable());
        Set<String> names = new HashSet<>();
        for (OptionKey<?> key : factory.options()) {
            assertTrue(names.add(key.name()), () -> "option " + key.name() + " twice");
            assertFalse(key.help().isBlank(), () -> "option " + key.name() + " has no help");
        }
        endpoint().check(factory);
    }

    @Test
    protected void rule802_theFactoryIsFoundByItsName() {
        long found = ServiceLoader.load(PathFactory.class).stream()
                .filter(p -> p.type() == factory.getClass())
                .count();
        assertEquals(1, found, () -> factory.getClass().getName() + " is not in META-INF/services");
    }

    // Tools

    private final class Pair {
        private final CarrierProbe near;
        private final CarrierProbe far;

        Pair(CarrierProbe near, CarrierProbe far) {
            this.near = near;
            this.far = far;
        }

        void start() {
            near.start();
            far.start();
        }

        void expect(long atNear, long atFar) {
            Await.until(
                    () -> "all bytes: " + near + ", " + far,
                    () -> near.received() >= atNear && far.received() >= atFar || broken());
            assertEquals(List.of(), near.violations());
            assertEquals(List.of(), far.violations());
            assertEquals(atNear, near.received());
            assertEquals(atFar, far.received());
        }

        private boolean broken() {
            return !near.violations().isEmpty() || !far.violations().isEmpty();
        }

        void close() {
            near.close(Kind.LOCAL);
            Await.result(near.closed());
            Await.result(far.closed());
        }
    }

    private Pair pair() {
        RigPort port = listen();
        return new Pair(probe(rig.dial(factory, port.dialSpec(), Await.LONG).probe()), probe(port.accept()));
    }

    private Pair startedPair() {
        Pair pair = pair();
        pair.start();
        return pair;
    }

    private RigPort listen() {
        return listen(endpoint());
    }

    private RigPort listen(PathSpec endpoint) {
        RigPort port = rig.bind(factory, endpoint);
        ports.add(port);
        Await.result(port.opened());
        return port;
    }

    private CarrierProbe probe(CarrierProbe probe) {
        probes.add(probe);
        return probe;
    }

    private CarrierProbe dialed(io.rendr.spi.Carrier carrier) {
        return probe(new CarrierProbe(carrier));
    }

    private boolean refused(PathSpec spec) {
        RigDial dial = rig.dial(factory, spec);
        try {
            probe(new CarrierProbe(Await.result(dial.result())));
            return false;
        } catch (java.util.concurrent.CompletionException e) {
            return CloseReason.of(e).kind() == Kind.REFUSED;
        }
    }

    /** Bytes written by a probe that ran out of credit, once no more goes. */
    private static long settledBytesOf(CarrierProbe probe) {
        long[] last = {-1};
        Await.until("no more is taken", () -> {
            long now = probe.sent();
            boolean same = now == last[0] && probe.credit() == 0;
            last[0] = now;
            return same;
        });
        return last[0];
    }

    private PathSpec hangingOrSkip() {
        Optional<PathSpec> hanging = hangingAddress();
        assumeTrue(hanging.isPresent(), "the transport has no address that never answers");
        return hanging.get();
    }

    private static void unwrapped(Runnable body) {
        try {
            body.run();
        } catch (java.util.concurrent.CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
