// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.Protection;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.Mutator;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.Retry;
import io.rendr.engine.wire.WireException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever the bytes, a handshake fails with a {@link HandshakeFailure}, and a spoiled message never succeeds. */
class HandshakeFuzzTest {
    private static final int ROUNDS = 20_000;
    /** Key agreement without its price. */
    private static final KeyAgreement CHEAP = new KeyAgreement() {
        @Override
        public byte[] publicKey(byte[] privateKey) {
            return Hkdf.sha256(privateKey, privateKey.length);
        }

        @Override
        public byte[] agree(byte[] privateKey, byte[] peerPublicKey) {
            return new byte[] {7};
        }
    };

    private final Psk psk = Handshakes.psk();
    private final Handshakes.Ends ends;
    private final Handshakes.Attached attached;
    private final List<byte[]> answers;

    HandshakeFuzzTest() throws HandshakeFailure {
        ends = Handshakes.open(Handshakes.packets(), psk, Protection.SEALED);
        attached = Handshakes.attach(ends, true, 1, 101);
        answers = List.of(
                ends.ack(),
                attached.ack(),
                new Retry(new byte[20]).encode(),
                AcceptorHandshake.parse(ends.hello()).refuse(RefuseCode.BUSY, Handshakes.ACCEPTOR, 1, 2));
    }

    @Test
    void anAcceptor() {
        int verified = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Mutator m = new Mutator(seed);
            byte[] bad = m.spoil(m.below(2) == 0 ? ends.hello() : attached.attach());
            boolean good =
                    java.util.Arrays.equals(bad, ends.hello()) || java.util.Arrays.equals(bad, attached.attach());
            try {
                if (bad.length > 0 && bad[0] == 1) {
                    AcceptorHandshake acceptor = AcceptorHandshake.parse(bad);
                    acceptor.verify(acceptor.hello().pskId().equals(psk.id()) ? psk : unknown());
                } else {
                    AttachAcceptor.parse(bad).verify(ends.acceptor().secrets());
                }
                assertThat(good).as("seed %d", seed).isTrue();
                verified++;
            } catch (HandshakeFailure e) {
                assertThat(good).as("seed %d", seed).isFalse();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(verified).isLessThan(ROUNDS / 20);
    }

    private static Psk unknown() throws HandshakeFailure {
        throw new HandshakeFailure(RefuseCode.UNKNOWN_PSK, RefuseCode.UNKNOWN_PSK.text());
    }

    @Test
    void aDialer() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Mutator m = new Mutator(seed);
            byte[] answer = answers.get(m.below(answers.size()));
            byte[] bad = m.spoil(answer);
            try {
                if (m.below(2) == 0) {
                    DialerHandshake dialer =
                            new DialerHandshake(Handshakes.packets(), psk, null, 0, CHEAP, Handshakes.DIALER_ENTROPY);
                    dialer.receive(bad);
                    assertThat(dialer.established()).as("seed %d", seed).isNull();
                } else {
                    AttachDialer dialer = new AttachDialer(
                            Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(1, 16));
                    dialer.receive(bad);
                    assertThat(dialer.keys() == null || java.util.Arrays.equals(bad, answer))
                            .as("seed %d", seed)
                            .isTrue();
                }
            } catch (HandshakeFailure e) {
                assertThat(e.authenticated()).as("seed %d", seed).isFalse();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void aReader() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Mutator m = new Mutator(seed);
            ByteBuf in = Unpooled.wrappedBuffer(
                    m.below(3) == 0 ? m.bytes(m.below(100)) : m.spoil(answers.get(m.below(answers.size()))));
            HandshakeReader reader = new HandshakeReader();
            try {
                while (in.isReadable()) {
                    reader.read(in.readSlice(1 + m.below(in.readableBytes())));
                }
            } catch (WireException e) {
                assertThat(e.reason()).isNotNull();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void anOpener() {
        RecordScratch scratch = new RecordScratch();
        int opened = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            Mutator m = new Mutator(seed);
            RecordSealer sealer = new RecordSealer(Handshakes.count(1, 32), scratch);
            ByteBuf wire = Unpooled.buffer();
            for (int n = m.below(3); n >= 0; n--) {
                sealer.seal(Unpooled.wrappedBuffer(Handshakes.count(n, 1 + m.below(60))), wire);
            }
            byte[] good = new byte[wire.readableBytes()];
            wire.readBytes(good);
            ByteBuf in = Unpooled.wrappedBuffer(m.spoil(good));
            RecordOpener opener = new RecordOpener(Handshakes.count(1, 32), scratch);
            try {
                while (in.isReadable()) {
                    ByteBuf slice = in.readSlice(1 + m.below(in.readableBytes()));
                    while (opener.next(slice) != null) {
                        opened++;
                    }
                }
            } catch (WireException e) {
                assertThat(e.reason()).isEqualTo(WireException.Reason.BAD_RECORD);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(opened).isPositive();
    }
}
