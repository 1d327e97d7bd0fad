// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.Protection;
import io.rendr.engine.wire.Attach;
import io.rendr.engine.wire.AttachAck;
import io.rendr.engine.wire.CarrierOffer;
import io.rendr.engine.wire.Confirm;
import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.HelloAck;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Someone on the way changes one field of one message to another value that the field may have, and leaves the proof as it
 * was. Every message has to get as far as the comparison of the proofs and fail there ({@link RefuseCode#BAD_PROOF} is
 * found nowhere else), but for the fields that are judged before, each of which says so here.
 *
 * <p>The lists are held against the records, so that a field that is added has to be forged as well.
 */
class ForgeryTest {
    private static final FlowId OTHER_FLOW = new FlowId(1, 2);
    private static final InstanceId OTHER_INSTANCE = new InstanceId(3, 4);
    private static final Psk OTHER_PSK = new Psk("k2", Handshakes.psk().secret());
    private static final String MAC = "the proof";

    private int compared;

    private interface Step {
        void run() throws HandshakeFailure;
    }

    /** What the step fails with; a comparison of proofs is counted. */
    private RefuseCode fails(String what, Step step) {
        try {
            step.run();
        } catch (HandshakeFailure e) {
            assertThat(e.authenticated()).isFalse();
            if (e.code() == RefuseCode.BAD_PROOF) {
                compared++;
            }
            return e.code();
        }
        throw new AssertionError("a forged " + what + " was believed");
    }

    private static void assertEveryField(Set<String> forged, Class<?>... records) {
        Set<String> all = new TreeSet<>();
        for (Class<?> type : records) {
            for (RecordComponent field : type.getRecordComponents()) {
                if (!field.getType().isRecord()
                        || field.getType().getPackageName().equals("io.rendr")) {
                    all.add(field.getName());
                }
            }
        }
        assertThat(new TreeSet<>(forged)).isEqualTo(all);
    }

    private static byte[] other(byte[] bytes) {
        byte[] other = bytes.clone();
        other[bytes.length / 2] ^= 4;
        return other;
    }

    // ---- HELLO

    private static Hello with(Hello h, FlowOffer offer) {
        return new Hello(h.verMin(), h.verMax(), offer, h.ephemeral(), h.cookie(), h.pskId(), h.padding(), h.binder());
    }

    @Test
    void everyFieldOfHello() {
        Hello h = Hello.decode(
                Handshakes.dialer(Handshakes.packets(), Handshakes.psk()).hello());
        FlowOffer o = h.offer();
        Map<String, Hello> forged = new LinkedHashMap<>();
        forged.put("verMax", new Hello(1, 2, o, h.ephemeral(), h.cookie(), h.pskId(), h.padding(), h.binder()));
        forged.put(
                "kind",
                with(
                        h,
                        new FlowOffer(
                                FlowKind.STREAM,
                                o.protection(),
                                o.sealed(),
                                o.flow(),
                                o.instance(),
                                o.pathId(),
                                o.credit(),
                                o.budgetMillis(),
                                0,
                                0,
                                o.cid())));
        forged.put("protection", with(h, offer(o, Protection.NONE, o.sealed(), o.flow(), o.instance(), o.pathId())));
        forged.put("sealed", with(h, offer(o, o.protection(), !o.sealed(), o.flow(), o.instance(), o.pathId())));
        forged.put("flow", with(h, offer(o, o.protection(), o.sealed(), OTHER_FLOW, o.instance(), o.pathId())));
        forged.put("instance", with(h, offer(o, o.protection(), o.sealed(), o.flow(), OTHER_INSTANCE, o.pathId())));
        forged.put("pathId", with(h, offer(o, o.protection(), o.sealed(), o.flow(), o.instance(), o.pathId() + 1)));
        forged.put(
                "credit", with(h, numbers(o, 1 << 30, o.budgetMillis(), o.repairTtlMillis(), o.maxPacket(), o.cid())));
        forged.put("budgetMillis", with(h, numbers(o, o.credit(), 1, o.repairTtlMillis(), o.maxPacket(), o.cid())));
        forged.put("repairTtlMillis", with(h, numbers(o, o.credit(), o.budgetMillis(), 1, o.maxPacket(), o.cid())));
        forged.put("maxPacket", with(h, numbers(o, o.credit(), o.budgetMillis(), o.repairTtlMillis(), 9, o.cid())));
        forged.put("cid", with(h, numbers(o, o.credit(), o.budgetMillis(), o.repairTtlMillis(), o.maxPacket(), 9)));
        forged.put("ephemeral", new Hello(1, 1, o, other(h.ephemeral()), h.cookie(), h.pskId(), 0, h.binder()));
        forged.put("cookie", new Hello(1, 1, o, h.ephemeral(), new byte[] {1}, h.pskId(), 0, h.binder()));
        forged.put("pskId", new Hello(1, 1, o, h.ephemeral(), h.cookie(), OTHER_PSK.id(), 0, h.binder()));
        forged.put("padding", new Hello(1, 1, o, h.ephemeral(), h.cookie(), h.pskId(), 7, h.binder()));
        forged.put("binder", new Hello(1, 1, o, h.ephemeral(), h.cookie(), h.pskId(), 0, other(h.binder())));
        forged.forEach((field, hello) -> {
            Psk known = field.equals("pskId") ? OTHER_PSK : Handshakes.psk();
            assertThat(fails(
                            field, () -> AcceptorHandshake.parse(hello.encode()).verify(known)))
                    .as(field)
                    .isEqualTo(RefuseCode.BAD_PROOF);
        });
        assertThat(compared).isEqualTo(forged.size());

        // A layout of another version cannot be read, so its proof cannot be found.
        byte[] verMin = new Hello(2, 2, o, h.ephemeral(), h.cookie(), h.pskId(), 0, h.binder()).encode();
        assertThat(fails("verMin", () -> AcceptorHandshake.parse(verMin))).isEqualTo(RefuseCode.VERSION);
        forged.put("verMin", h);
        assertEveryField(forged.keySet(), Hello.class, FlowOffer.class);
    }

    private static FlowOffer offer(
            FlowOffer o, Protection protection, boolean sealed, FlowId flow, InstanceId instance, int pathId) {
        return new FlowOffer(
                o.kind(),
                protection,
                sealed,
                flow,
                instance,
                pathId,
                o.credit(),
                o.budgetMillis(),
                o.repairTtlMillis(),
                o.maxPacket(),
                o.cid());
    }

    private static FlowOffer numbers(FlowOffer o, long credit, int budget, int repairTtl, int maxPacket, long cid) {
        return new FlowOffer(
                o.kind(),
                o.protection(),
                o.sealed(),
                o.flow(),
                o.instance(),
                o.pathId(),
                credit,
                budget,
                repairTtl,
                maxPacket,
                cid);
    }

    // ---- HELLO_ACK

    @Test
    void everyFieldOfHelloAck() throws HandshakeFailure {
        HelloAck a = HelloAck.decode(Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED)
                .ack());
        FlowAnswer w = a.answer();
        Map<String, HelloAck> forged = new LinkedHashMap<>();
        forged.put("instance", answer(a, w.protection(), OTHER_INSTANCE, w.credit(), w.budgetMillis(), w.maxPacket()));
        forged.put("credit", answer(a, w.protection(), w.instance(), 1 << 30, w.budgetMillis(), w.maxPacket()));
        forged.put("budgetMillis", answer(a, w.protection(), w.instance(), w.credit(), 1, w.maxPacket()));
        forged.put("maxPacket", answer(a, w.protection(), w.instance(), w.credit(), w.budgetMillis(), 1));
        forged.put(
                "cid",
                new HelloAck(
                        1,
                        new FlowAnswer(w.protection(), w.instance(), w.credit(), w.budgetMillis(), w.maxPacket(), 9),
                        a.ephemeral(),
                        a.confirm()));
        forged.put("ephemeral", new HelloAck(1, w, other(a.ephemeral()), a.confirm()));
        forged.put("confirm", new HelloAck(1, w, a.ephemeral(), other(a.confirm())));
        forged.forEach((field, ack) -> assertThat(fails(
                        field,
                        () -> Handshakes.dialer(Handshakes.packets(), Handshakes.psk())
                                .receive(ack.encode())))
                .as(field)
                .isEqualTo(RefuseCode.BAD_PROOF));
        assertThat(compared).isEqualTo(forged.size());

        // Seal taken off where the dialer wants it: judged before the proof, and no proof could save it.
        byte[] open = answer(a, Protection.NONE, w.instance(), w.credit(), w.budgetMillis(), w.maxPacket())
                .encode();
        assertThat(fails(
                        "protection",
                        () -> Handshakes.dialer(Handshakes.packets(), Handshakes.psk())
                                .receive(open)))
                .isEqualTo(RefuseCode.PROTOCOL);
        // Where both chose none, a seal put on is caught by the proof.
        byte[] none = Handshakes.open(Handshakes.stream(Protection.NONE, true), null, Protection.NONE)
                .ack();
        HelloAck n = HelloAck.decode(none);
        FlowAnswer v = n.answer();
        byte[] sealed = answer(n, Protection.SEALED, v.instance(), v.credit(), v.budgetMillis(), 0)
                .encode();
        assertThat(fails(
                        "protection",
                        () -> Handshakes.dialer(Handshakes.stream(Protection.NONE, true), null)
                                .receive(sealed)))
                .isEqualTo(RefuseCode.BAD_PROOF);
        // Another version means another layout.
        byte[] version = new HelloAck(2, w, a.ephemeral(), a.confirm()).encode();
        assertThat(fails(
                        "version",
                        () -> Handshakes.dialer(Handshakes.packets(), Handshakes.psk())
                                .receive(version)))
                .isEqualTo(RefuseCode.VERSION);
        forged.put("protection", a);
        forged.put("version", a);
        assertEveryField(forged.keySet(), HelloAck.class, FlowAnswer.class);
    }

    private static HelloAck answer(
            HelloAck a, Protection protection, InstanceId instance, long credit, int budget, int maxPacket) {
        FlowAnswer answer = new FlowAnswer(
                protection, instance, credit, budget, maxPacket, a.answer().cid());
        return new HelloAck(1, answer, a.ephemeral(), a.confirm());
    }

    // ---- CONFIRM

    @Test
    void theProofInBothKindsOfConfirm() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED);
        var attached = Handshakes.attach(ends, true, 1, 101);
        AcceptorHandshake flow = AcceptorHandshake.parse(ends.hello());
        Handshakes.accept(flow, Handshakes.psk(), Protection.SEALED);
        byte[] first = new Confirm(other(Confirm.decode(ends.confirm()).mac())).encode();
        assertThat(fails(MAC, () -> flow.confirm(first))).isEqualTo(RefuseCode.BAD_PROOF);
        AttachAcceptor carrier = AttachAcceptor.parse(attached.attach());
        carrier.verify(ends.acceptor().secrets());
        carrier.answer(Handshakes.count(101, 16), 0);
        byte[] later = new Confirm(other(Confirm.decode(attached.confirm()).mac())).encode();
        assertThat(fails(MAC, () -> carrier.confirm(later))).isEqualTo(RefuseCode.BAD_PROOF);
        assertThat(compared).isEqualTo(2);
        assertEveryField(Set.of("mac"), Confirm.class);
    }

    // ---- ATTACH, ATTACH_ACK

    private static Attach with(Attach a, CarrierOffer offer) {
        return new Attach(1, offer, a.nonce(), a.cookie(), a.pskId(), a.mac());
    }

    @Test
    void everyFieldOfAttach() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED);
        Attach a = Attach.decode(Handshakes.attach(ends, true, 1, 101).attach());
        CarrierOffer o = a.offer();
        Map<String, Attach> forged = new LinkedHashMap<>();
        forged.put("sealed", with(a, new CarrierOffer(false, o.flow(), o.instance(), o.pathId(), o.carrierNo(), 0)));
        // These two also lead an acceptor elsewhere: to another flow's key, or to WRONG_INSTANCE.
        forged.put("flow", with(a, new CarrierOffer(true, OTHER_FLOW, o.instance(), o.pathId(), o.carrierNo(), 0)));
        forged.put("instance", with(a, new CarrierOffer(true, o.flow(), OTHER_INSTANCE, o.pathId(), 1, 0)));
        forged.put("pathId", with(a, new CarrierOffer(true, o.flow(), o.instance(), o.pathId() + 1, 1, 0)));
        forged.put("carrierNo", with(a, new CarrierOffer(true, o.flow(), o.instance(), o.pathId(), 1 << 30, 0)));
        forged.put("cid", with(a, new CarrierOffer(true, o.flow(), o.instance(), o.pathId(), o.carrierNo(), 9)));
        forged.put("nonce", new Attach(1, o, other(a.nonce()), a.cookie(), a.pskId(), a.mac()));
        forged.put("cookie", new Attach(1, o, a.nonce(), new byte[] {1}, a.pskId(), a.mac()));
        forged.put("pskId", new Attach(1, o, a.nonce(), a.cookie(), "", a.mac()));
        forged.put("mac", new Attach(1, o, a.nonce(), a.cookie(), a.pskId(), other(a.mac())));
        forged.forEach((field, attach) -> assertThat(fails(
                        field,
                        () -> AttachAcceptor.parse(attach.encode())
                                .verify(ends.acceptor().secrets())))
                .as(field)
                .isEqualTo(RefuseCode.BAD_PROOF));
        assertThat(compared).isEqualTo(forged.size());

        byte[] version = new Attach(2, o, a.nonce(), a.cookie(), a.pskId(), a.mac()).encode();
        assertThat(fails("version", () -> AttachAcceptor.parse(version))).isEqualTo(RefuseCode.VERSION);
        forged.put("version", a);
        assertEveryField(forged.keySet(), Attach.class, CarrierOffer.class);
    }

    @Test
    void everyFieldOfAttachAck() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED);
        AttachAck a = AttachAck.decode(Handshakes.attach(ends, true, 1, 101).ack());
        Map<String, AttachAck> forged = Map.of(
                "nonce", new AttachAck(other(a.nonce()), a.cid(), a.mac()),
                "cid", new AttachAck(a.nonce(), 9, a.mac()),
                "mac", new AttachAck(a.nonce(), a.cid(), other(a.mac())));
        forged.forEach((field, ack) -> assertThat(fails(
                        field,
                        () -> new AttachDialer(
                                        Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(1, 16))
                                .receive(ack.encode())))
                .as(field)
                .isEqualTo(RefuseCode.BAD_PROOF));
        assertThat(compared).isEqualTo(forged.size());
        assertEveryField(forged.keySet(), AttachAck.class);
    }

    // ---- REFUSE

    @Test
    void everyFieldOfRefuse() throws HandshakeFailure {
        AcceptorHandshake acceptor = AcceptorHandshake.parse(
                Handshakes.dialer(Handshakes.packets(), Handshakes.psk()).hello());
        acceptor.verify(Handshakes.psk());
        byte[] good = acceptor.refuse(RefuseCode.FLOW_ENDED, Handshakes.ACCEPTOR, 5, 6);
        Refuse r = Refuse.decode(good);
        assertThat(isProved(good)).isTrue();
        Map<String, Refuse> forged = Map.of(
                "code", new Refuse(RefuseCode.BUSY, r.instance(), r.a(), r.b(), r.mac()),
                "instance", new Refuse(r.code(), OTHER_INSTANCE, r.a(), r.b(), r.mac()),
                "a", new Refuse(r.code(), r.instance(), 7, r.b(), r.mac()),
                "b", new Refuse(r.code(), r.instance(), r.a(), 7, r.mac()),
                "mac", new Refuse(r.code(), r.instance(), r.a(), r.b(), other(r.mac())));
        forged.forEach((field, refuse) ->
                assertThat(isProved(refuse.encode())).as(field).isFalse());
        assertEveryField(forged.keySet(), Refuse.class);
    }

    private static boolean isProved(byte[] refuse) {
        DialerHandshake dialer = Handshakes.dialer(Handshakes.packets(), Handshakes.psk());
        try {
            dialer.receive(refuse);
        } catch (HandshakeFailure e) {
            assertThat(e.byPeer()).isTrue();
            return e.authenticated();
        }
        throw new AssertionError("a refusal was taken for an agreement");
    }
}
