// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.Protection;
import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.HelloAck;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.Retry;
import io.rendr.engine.wire.WireException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static HandshakeFailure failure(ThrowingCallable step) {
        HandshakeFailure failure = catchThrowableOfType(HandshakeFailure.class, step);
        assertThat(failure).isNotNull();
        return failure;
    }

    private static void assertTalk(CarrierKeys one, CarrierKeys other) {
        assertHears(one, other, "one to other");
        assertHears(other, one, "other to one");
    }

    private static void assertHears(CarrierKeys from, CarrierKeys to, String text) {
        ByteBuf wire = Unpooled.buffer();
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        from.sealer(new RecordScratch()).seal(Unpooled.wrappedBuffer(bytes), wire);
        ByteBuf plain = to.opener(new RecordScratch()).next(wire);
        assertThat(plain).isNotNull();
        assertThat(plain.toString(StandardCharsets.US_ASCII)).isEqualTo(text);
    }

    private static byte[] flipped(byte[] message, int at) {
        byte[] copy = message.clone();
        copy[at] ^= 1;
        return copy;
    }

    @Test
    void bothEndsAgree() throws HandshakeFailure {
        for (Psk psk : new Psk[] {null, Handshakes.psk()}) {
            var ends = Handshakes.open(Handshakes.packets(), psk, Protection.SEALED);
            assertThat(ends.dialer().answer()).isEqualTo(ends.acceptor().answer());
            assertThat(ends.dialer().answer().budgetMillis()).isEqualTo(60_000);
            assertThat(ends.dialer().answer().maxPacket()).isEqualTo(1000);
            assertThat(ends.acceptor().offer()).isEqualTo(Handshakes.packets());
            assertTalk(ends.dialer().keys(), ends.acceptor().keys());
            var attached = Handshakes.attach(ends, true, 1, 101);
            assertTalk(attached.dialer(), attached.acceptor());
        }
    }

    @Test
    void sealedUnlessBothEndsChooseNone() throws HandshakeFailure {
        for (Protection d : Protection.values()) {
            for (Protection a : Protection.values()) {
                var ends = Handshakes.open(Handshakes.stream(d, true), null, a);
                boolean open = d == Protection.NONE && a == Protection.NONE;
                assertThat(ends.dialer().keys().sealed()).isEqualTo(!open);
                assertThat(ends.acceptor().keys().sealed()).isEqualTo(!open);
                assertThat(ends.dialer().answer().protection()).isEqualTo(open ? Protection.NONE : Protection.SEALED);
            }
        }
        var tls = Handshakes.open(Handshakes.stream(Protection.SEALED, false), null, Protection.SEALED);
        assertThat(tls.dialer().keys().sealed()).isFalse();
        assertThat(tls.acceptor().keys().sealed()).isFalse();
        assertThatThrownBy(() -> tls.dialer().keys().sealer(new RecordScratch()))
                .isInstanceOf(IllegalStateException.class);
        var open = Handshakes.attach(tls, false, 1, 101);
        assertThat(open.dialer().sealed()).isFalse();
        assertThat(open.acceptor().sealed()).isFalse();
    }

    @Test
    void anAcceptorThatSeesNoEncryptionInsistsOnTheSeal() throws HandshakeFailure {
        CarrierProtection.check(Protection.SEALED, true, false, false);
        CarrierProtection.check(Protection.SEALED, false, true, false);
        CarrierProtection.check(Protection.NONE, false, false, false);
        assertThat(failure(() -> CarrierProtection.check(Protection.SEALED, false, false, false)))
                .hasMessageContaining("?seal=always")
                .extracting(HandshakeFailure::code)
                .isEqualTo(RefuseCode.PROTECTION_MISMATCH);
        CarrierProtection.check(Protection.SEALED, true, false, true);
        assertThat(failure(() -> CarrierProtection.check(Protection.NONE, false, false, true)))
                .extracting(HandshakeFailure::code)
                .isEqualTo(RefuseCode.PROTECTION_MISMATCH);
        assertThat(failure(() -> CarrierProtection.check(Protection.SEALED, false, false, true)))
                .extracting(HandshakeFailure::code)
                .isEqualTo(RefuseCode.PROTECTION_MISMATCH);
        CarrierProtection.check(Protection.SEALED, false, true, true);
        CarrierProtection.check(Protection.NONE, false, true, true);
    }

    @Test
    void anAnswerMustFitItsOffer() {
        var offer = Handshakes.packets();
        FlowAnswer good = Handshakes.answer(offer, Protection.NONE);
        assertThat(good.fits(offer)).isTrue();
        var me = Handshakes.ACCEPTOR;
        assertThat(new FlowAnswer(Protection.NONE, me, 0, 1000, 1000, 0).fits(offer))
                .isFalse();
        assertThat(new FlowAnswer(Protection.SEALED, me, 0, 60_001, 1000, 0).fits(offer))
                .isFalse();
        assertThat(new FlowAnswer(Protection.SEALED, me, 0, 0, 1000, 0).fits(offer))
                .isFalse();
        assertThat(new FlowAnswer(Protection.SEALED, me, 0, 1000, 1101, 0).fits(offer))
                .isFalse();
        assertThat(new FlowAnswer(Protection.SEALED, me, 0, 1000, 0, 0).fits(offer))
                .isFalse();
    }

    @Test
    void aWrongPreSharedKeyIsRefusedBeforeAnyKeyAgreement() throws HandshakeFailure {
        DialerHandshake dialer = Handshakes.dialer(Handshakes.stream(Protection.SEALED, true), Handshakes.psk());
        AcceptorHandshake acceptor = AcceptorHandshake.parse(dialer.hello());
        assertThat(failure(() -> acceptor.verify(new Psk("k1", Handshakes.count(1, 32))))
                        .code())
                .isEqualTo(RefuseCode.BAD_PROOF);
        assertThatThrownBy(() -> acceptor.answer(
                        Handshakes.answer(acceptor.hello().offer(), Protection.SEALED),
                        Handshakes.X25519,
                        Handshakes.ACCEPTOR_ENTROPY))
                .isInstanceOf(IllegalStateException.class);
        HandshakeFailure refused =
                failure(() -> dialer.receive(acceptor.refuse(RefuseCode.BAD_PROOF, Handshakes.ACCEPTOR, 0, 0)));
        assertThat(refused.code()).isEqualTo(RefuseCode.BAD_PROOF);
        assertThat(refused.byPeer()).isTrue();
        assertThat(refused.authenticated()).isFalse();
    }

    @Test
    void shortKeysAndOddIdsAreNotTaken() {
        assertThatThrownBy(() -> new Psk("k", new byte[31])).hasMessageContaining("32");
        assertThatThrownBy(() -> new Psk("", new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Psk("x".repeat(65), new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Psk("a\nb", new byte[32])).isInstanceOf(IllegalArgumentException.class);
        assertThat(Handshakes.psk()).hasToString("Psk[k1]");
    }

    @Test
    void noByteOfHelloCanBeChanged() throws HandshakeFailure {
        for (Psk psk : new Psk[] {null, Handshakes.psk()}) {
            byte[] hello = Handshakes.dialer(Handshakes.packets(), psk).hello();
            for (int i = 0; i < hello.length; i++) {
                byte[] bad = flipped(hello, i);
                failure(() -> Handshakes.accept(AcceptorHandshake.parse(bad), psk, Protection.SEALED));
            }
        }
    }

    @Test
    void noByteOfHelloAckCanBeChanged() throws HandshakeFailure {
        byte[] ack = Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED)
                .ack();
        for (int i = 0; i < ack.length; i++) {
            byte[] bad = flipped(ack, i);
            DialerHandshake dialer = Handshakes.dialer(Handshakes.packets(), Handshakes.psk());
            failure(() -> dialer.receive(bad));
            assertThat(dialer.established()).isNull();
        }
    }

    @Test
    void noByteOfConfirmCanBeChanged() throws HandshakeFailure {
        var good = Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED);
        for (int i = 0; i < good.confirm().length; i++) {
            byte[] bad = flipped(good.confirm(), i);
            AcceptorHandshake acceptor = AcceptorHandshake.parse(good.hello());
            Handshakes.accept(acceptor, Handshakes.psk(), Protection.SEALED);
            failure(() -> acceptor.confirm(bad));
            assertThat(acceptor.confirm(good.confirm()))
                    .as("the true one after it")
                    .isNotNull();
        }
    }

    @Test
    void noByteOfAnAttachCanBeChanged() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), Handshakes.psk(), Protection.SEALED);
        var good = Handshakes.attach(ends, true, 1, 101);
        for (int i = 0; i < good.attach().length; i++) {
            byte[] bad = flipped(good.attach(), i);
            failure(() -> AttachAcceptor.parse(bad).verify(ends.acceptor().secrets()));
        }
        for (int i = 0; i < good.ack().length; i++) {
            byte[] bad = flipped(good.ack(), i);
            AttachDialer dialer =
                    new AttachDialer(Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(1, 16));
            failure(() -> dialer.receive(bad));
            assertThat(dialer.keys()).isNull();
        }
        for (int i = 0; i < good.confirm().length; i++) {
            byte[] bad = flipped(good.confirm(), i);
            AttachAcceptor acceptor = AttachAcceptor.parse(good.attach());
            acceptor.verify(ends.acceptor().secrets());
            acceptor.answer(Handshakes.count(101, 16), 0);
            failure(() -> acceptor.confirm(bad));
        }
    }

    @Test
    void aRecordedHandshakeCannotBeReplayed() throws HandshakeFailure {
        var recorded = Handshakes.open(Handshakes.packets(), Handshakes.psk(), Protection.SEALED);
        AcceptorHandshake acceptor = AcceptorHandshake.parse(recorded.hello());
        acceptor.verify(Handshakes.psk());
        acceptor.answer(
                Handshakes.answer(Handshakes.packets(), Protection.SEALED),
                Handshakes.X25519,
                Handshakes.count(77, 32));
        assertThat(failure(() -> acceptor.confirm(recorded.confirm())).code()).isEqualTo(RefuseCode.BAD_PROOF);

        DialerHandshake dialer = new DialerHandshake(
                Handshakes.packets(), Handshakes.psk(), null, 0, Handshakes.X25519, Handshakes.count(78, 32));
        assertThat(failure(() -> dialer.receive(recorded.ack())).code()).isEqualTo(RefuseCode.BAD_PROOF);
    }

    @Test
    void aRecordedAttachCannotBeReplayed() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), null, Protection.SEALED);
        var recorded = Handshakes.attach(ends, true, 1, 101);
        AttachAcceptor acceptor = AttachAcceptor.parse(recorded.attach());
        acceptor.verify(ends.acceptor().secrets());
        acceptor.answer(Handshakes.count(102, 16), 0);
        assertThat(failure(() -> acceptor.confirm(recorded.confirm())).code()).isEqualTo(RefuseCode.BAD_PROOF);

        AttachDialer dialer =
                new AttachDialer(Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(2, 16));
        assertThat(failure(() -> dialer.receive(recorded.ack())).code()).isEqualTo(RefuseCode.BAD_PROOF);
    }

    @Test
    void anAttachOfAnotherFlowIsRefused() throws HandshakeFailure {
        var one = Handshakes.open(Handshakes.stream(Protection.SEALED, true), null, Protection.SEALED);
        var other = Handshakes.open(Handshakes.stream(Protection.NONE, true), null, Protection.SEALED);
        AttachDialer dialer =
                new AttachDialer(Handshakes.carrier(true), one.dialer().secrets(), Handshakes.count(1, 16));
        AttachAcceptor acceptor = AttachAcceptor.parse(dialer.attach());
        assertThat(failure(() -> acceptor.verify(other.acceptor().secrets())).code())
                .isEqualTo(RefuseCode.BAD_PROOF);
    }

    @Test
    void reflectionsAreRefused() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), Handshakes.psk(), Protection.SEALED);
        var good = Handshakes.attach(ends, true, 1, 101);

        DialerHandshake hello = Handshakes.dialer(Handshakes.stream(Protection.SEALED, true), Handshakes.psk());
        assertThat(failure(() -> hello.receive(hello.hello())).code()).isEqualTo(RefuseCode.PROTOCOL);
        AttachDialer dialer =
                new AttachDialer(Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(1, 16));
        assertThat(failure(() -> dialer.receive(dialer.attach())).code()).isEqualTo(RefuseCode.PROTOCOL);

        // The dialer's own proof, dressed up as the acceptor's.
        byte[] forged = good.ack().clone();
        System.arraycopy(good.attach(), good.attach().length - 32, forged, forged.length - 32, 32);
        assertThat(failure(() -> dialer.receive(forged)).code()).isEqualTo(RefuseCode.BAD_PROOF);

        // The acceptor's own proof, dressed up as the dialer's.
        AttachAcceptor acceptor = AttachAcceptor.parse(good.attach());
        acceptor.verify(ends.acceptor().secrets());
        byte[] ack = acceptor.answer(Handshakes.count(101, 16), 0);
        byte[] confirm = good.confirm().clone();
        System.arraycopy(ack, ack.length - 32, confirm, confirm.length - 32, 32);
        assertThat(failure(() -> acceptor.confirm(confirm)).code()).isEqualTo(RefuseCode.BAD_PROOF);

        // A record sent back to its sender.
        ByteBuf wire = Unpooled.buffer();
        good.dialer().sealer(new RecordScratch()).seal(Unpooled.wrappedBuffer(new byte[10]), wire);
        RecordOpener opener = good.dialer().opener(new RecordScratch());
        assertThatThrownBy(() -> opener.next(wire)).isInstanceOf(WireException.class);
    }

    @Test
    void carriersOfOneFlowHaveDifferentKeys() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), null, Protection.SEALED);
        ByteBuf first = Unpooled.buffer();
        ByteBuf second = Unpooled.buffer();
        ByteBuf third = Unpooled.buffer();
        ends.dialer().keys().sealer(new RecordScratch()).seal(Unpooled.wrappedBuffer(new byte[32]), first);
        Handshakes.attach(ends, true, 1, 101)
                .dialer()
                .sealer(new RecordScratch())
                .seal(Unpooled.wrappedBuffer(new byte[32]), second);
        Handshakes.attach(ends, true, 1, 102)
                .dialer()
                .sealer(new RecordScratch())
                .seal(Unpooled.wrappedBuffer(new byte[32]), third);
        assertThat(first).isNotEqualTo(second);
        assertThat(second).isNotEqualTo(third);
    }

    @Test
    void aWorthlessKeyIsRefused() throws HandshakeFailure {
        KeyAgreement zero = new KeyAgreement() {
            @Override
            public byte[] publicKey(byte[] privateKey) {
                return new byte[32];
            }

            @Override
            public byte[] agree(byte[] privateKey, byte[] peerPublicKey) {
                return new byte[32];
            }
        };
        var offer = Handshakes.stream(Protection.SEALED, true);
        var answer = Handshakes.answer(offer, Protection.SEALED);
        DialerHandshake hostile = new DialerHandshake(offer, null, null, 0, zero, Handshakes.count(1, 32));
        for (KeyAgreement mine : new KeyAgreement[] {zero, Handshakes.X25519}) {
            AcceptorHandshake acceptor = AcceptorHandshake.parse(hostile.hello());
            acceptor.verify(null);
            assertThat(failure(() -> acceptor.answer(answer, mine, Handshakes.ACCEPTOR_ENTROPY))
                            .code())
                    .isEqualTo(RefuseCode.PROTOCOL);
        }
        DialerHandshake dialer = Handshakes.dialer(offer, null);
        byte[] ack = new HelloAck(1, answer, new byte[32], new byte[32]).encode();
        assertThat(failure(() -> dialer.receive(ack)).code()).isEqualTo(RefuseCode.PROTOCOL);
    }

    /** An acceptor that has the keys and still does not keep to the rules. */
    @Test
    void anAnswerBeyondTheOfferIsRefusedEvenWithTheRightProof() throws HandshakeFailure {
        var offer = Handshakes.packets();
        var me = Handshakes.ACCEPTOR;
        assertThat(hostileAnswer(1, new FlowAnswer(Protection.SEALED, me, 0, 60_000, 1000, 0), offer))
                .isNull();
        assertThat(hostileAnswer(1, new FlowAnswer(Protection.NONE, me, 0, 60_000, 1000, 0), offer))
                .isEqualTo(RefuseCode.PROTOCOL);
        assertThat(hostileAnswer(1, new FlowAnswer(Protection.SEALED, me, 0, 60_001, 1000, 0), offer))
                .isEqualTo(RefuseCode.PROTOCOL);
        assertThat(hostileAnswer(2, new FlowAnswer(Protection.SEALED, me, 0, 60_000, 1000, 0), offer))
                .isEqualTo(RefuseCode.VERSION);
    }

    private static @Nullable RefuseCode hostileAnswer(int version, FlowAnswer answer, FlowOffer offer)
            throws HandshakeFailure {
        DialerHandshake dialer = Handshakes.dialer(offer, null);
        byte[] secret = Handshakes.ACCEPTOR_ENTROPY;
        byte[] ack = new HelloAck(version, answer, Handshakes.X25519.publicKey(secret), new byte[32]).encode();
        byte[] shared =
                Handshakes.X25519.agree(secret, Hello.decode(dialer.hello()).ephemeral());
        byte[] th2 = KeySchedule.th2(dialer.hello(), ack);
        byte[] flow = KeySchedule.flow(KeySchedule.early(null), shared, th2);
        KeySchedule.withMac(ack, KeySchedule.confirmA(flow, th2));
        try {
            dialer.receive(ack);
            return null;
        } catch (HandshakeFailure e) {
            return e.code();
        }
    }

    @Test
    void aRefusalOfHelloIsProvedByThePreSharedKey() throws HandshakeFailure {
        for (Psk psk : new Psk[] {null, Handshakes.psk()}) {
            DialerHandshake dialer = Handshakes.dialer(Handshakes.packets(), psk);
            AcceptorHandshake acceptor = AcceptorHandshake.parse(dialer.hello());
            acceptor.verify(psk);
            byte[] refuse = acceptor.refuse(RefuseCode.BUSY, Handshakes.ACCEPTOR, 500, 7);
            HandshakeFailure failure = failure(() -> dialer.receive(refuse));
            assertThat(failure.code()).isEqualTo(RefuseCode.BUSY);
            assertThat(failure.a()).isEqualTo(500);
            assertThat(failure.b()).isEqualTo(7);
            assertThat(failure.instance()).isEqualTo(Handshakes.ACCEPTOR);
            assertThat(failure.authenticated()).isEqualTo(psk != null);
            assertThat(failure).hasMessage(RefuseCode.BUSY.text());
            if (psk != null) {
                assertNoByteCanBeChanged(refuse);
                DialerHandshake later = new DialerHandshake(
                        Handshakes.packets(), psk, null, 0, Handshakes.X25519, Handshakes.count(9, 32));
                assertThat(failure(() -> later.receive(refuse)).authenticated())
                        .as("replayed")
                        .isFalse();
            }
        }
    }

    private static void assertNoByteCanBeChanged(byte[] refuse) {
        for (int i = 0; i < refuse.length; i++) {
            byte[] bad = flipped(refuse, i);
            DialerHandshake dialer = Handshakes.dialer(Handshakes.packets(), Handshakes.psk());
            assertThat(failure(() -> dialer.receive(bad)).authenticated())
                    .as("byte %d", i)
                    .isFalse();
        }
    }

    @Test
    void aRefusalOfAttachIsProvedByTombstoneOrPreSharedKey() throws HandshakeFailure {
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), Handshakes.psk(), Protection.SEALED);
        RefusalKey tombstone = ends.acceptor().secrets().refusalKey();
        ends.acceptor().secrets().destroy();
        RefusalKey foreign = RefusalKey.of(new Psk("k1", Handshakes.count(1, 32)));
        assertThat(refusedAttach(ends, tombstone)).isTrue();
        assertThat(refusedAttach(ends, RefusalKey.of(Handshakes.psk()))).isTrue();
        assertThat(refusedAttach(ends, foreign)).isFalse();
        assertThat(refusedAttach(ends, null)).isFalse();
    }

    private static boolean refusedAttach(Handshakes.Ends ends, @Nullable RefusalKey key) throws HandshakeFailure {
        AttachDialer dialer =
                new AttachDialer(Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(1, 16));
        AttachAcceptor acceptor = AttachAcceptor.parse(dialer.attach());
        assertThat(acceptor.attach().pskId()).isEqualTo("k1");
        byte[] refuse = acceptor.refuse(RefuseCode.FLOW_ENDED, Handshakes.ACCEPTOR, 0, 0, key);
        HandshakeFailure failure = failure(() -> dialer.receive(refuse));
        assertThat(failure.code()).isEqualTo(RefuseCode.FLOW_ENDED);
        return failure.authenticated();
    }

    @Test
    void aRetryIsAnsweredOnceAndDoesNotShrinkHello() throws HandshakeFailure {
        DialerHandshake dialer = new DialerHandshake(
                Handshakes.packets(), Handshakes.psk(), null, 1200, Handshakes.X25519, Handshakes.DIALER_ENTROPY);
        assertThat(dialer.hello()).hasSize(1200);
        byte[] cookie = Handshakes.count(1, 24);
        byte[] again = dialer.receive(new Retry(cookie).encode());
        assertThat(again).hasSize(1200);
        assertThat(dialer.established()).isNull();
        AcceptorHandshake acceptor = AcceptorHandshake.parse(again);
        assertThat(acceptor.hello().cookie()).isEqualTo(cookie);
        byte[] confirm = dialer.receive(Handshakes.accept(acceptor, Handshakes.psk(), Protection.SEALED));
        Established a = acceptor.confirm(confirm);
        assertTalk(a.keys(), dialer.established().keys());

        DialerHandshake looped = Handshakes.dialer(Handshakes.packets(), null);
        looped.receive(new Retry(cookie).encode());
        assertThat(failure(() -> looped.receive(new Retry(cookie).encode())).code())
                .isEqualTo(RefuseCode.PROTOCOL);

        var ends = new Handshakes.Ends(dialer.established(), a, again, again, confirm);
        AttachDialer attach =
                new AttachDialer(Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(1, 16));
        AttachAcceptor b = AttachAcceptor.parse(attach.receive(new Retry(cookie).encode()));
        assertThat(b.attach().cookie()).isEqualTo(cookie);
        b.verify(ends.acceptor().secrets());
        b.confirm(attach.receive(b.answer(Handshakes.count(2, 16), 0)));
        assertThat(attach.keys()).isNotNull();
    }

    @Test
    void anotherVersionIsToldApartFromNonsense() {
        byte[] hello = Handshakes.dialer(Handshakes.packets(), null).hello();
        byte[] future = Arrays.copyOf(hello, hello.length + 40);
        future[3] += 40;
        future[8] = 2;
        future[9] = 3;
        assertThat(failure(() -> AcceptorHandshake.parse(future)).code()).isEqualTo(RefuseCode.VERSION);
        byte[] stranger = flipped(hello, 4);
        assertThat(failure(() -> AcceptorHandshake.parse(stranger)).code()).isEqualTo(RefuseCode.PROTOCOL);
    }

    @Test
    void aDialerCanInsistOnOneInstance() throws HandshakeFailure {
        DialerHandshake dialer = new DialerHandshake(
                Handshakes.packets(), null, Handshakes.DIALER, 0, Handshakes.X25519, Handshakes.DIALER_ENTROPY);
        byte[] ack = Handshakes.accept(AcceptorHandshake.parse(dialer.hello()), null, Protection.SEALED);
        assertThat(failure(() -> dialer.receive(ack)).code()).isEqualTo(RefuseCode.WRONG_INSTANCE);
    }

    @Test
    void refuseCodesAreNumberedInOrder() {
        for (RefuseCode code : RefuseCode.values()) {
            assertThat(code.number()).isEqualTo(code.ordinal());
            assertThat(RefuseCode.of(code.number())).isEqualTo(code);
        }
        assertThat(RefuseCode.of(RefuseCode.values().length)).isEqualTo(RefuseCode.OTHER);
        assertThat(RefuseCode.of(65_535)).isEqualTo(RefuseCode.OTHER);
    }
}
