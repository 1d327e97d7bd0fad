// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.rendr.engine.wire.WireException;
import io.rendr.engine.wire.WireException.Reason;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class RecordTest {
    private final RecordScratch scratch = new RecordScratch();

    private static byte[] secret() {
        return Handshakes.count(50, 32);
    }

    private RecordSealer sealer() {
        return new RecordSealer(secret(), scratch);
    }

    private RecordOpener opener() {
        return new RecordOpener(secret(), scratch);
    }

    /** Records with plain bytes of these lengths. */
    private byte[] records(int... lengths) {
        ByteBuf wire = Unpooled.buffer();
        RecordSealer sealer = sealer();
        for (int length : lengths) {
            sealer.seal(Unpooled.wrappedBuffer(Handshakes.count(length, length)), wire);
        }
        return ByteBufUtil.getBytes(wire);
    }

    private static void drain(RecordOpener opener, ByteBuf in, List<byte[]> opened) {
        for (ByteBuf plain = opener.next(in); plain != null; plain = opener.next(in)) {
            opened.add(ByteBufUtil.getBytes(plain));
        }
        assertThat(in.isReadable()).isFalse();
    }

    private static void assertForged(RecordOpener opener, byte[] wire) {
        assertThatThrownBy(() -> drain(opener, Unpooled.wrappedBuffer(wire), new ArrayList<>()))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_RECORD));
        assertThatThrownBy(() -> opener.next(Unpooled.EMPTY_BUFFER)).isInstanceOf(WireException.class);
    }

    /** Test case 4 of the GCM specification (McGrew and Viega), with the transformation that records use. */
    @Test
    void theCipherIsAesGcm() throws Exception {
        HexFormat hex = HexFormat.of();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(hex.parseHex("feffe9928665731c6d6a8f9467308308"), "AES"),
                new GCMParameterSpec(8 * EpochKeys.TAG, hex.parseHex("cafebabefacedbaddecaf888")));
        cipher.updateAAD(hex.parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
        byte[] sealed = cipher.doFinal(hex.parseHex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"));
        assertThat(hex.formatHex(sealed))
                .isEqualTo("42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                        + "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
                        + "5bc94fbc3221a5db94fae95ae7121a47");
    }

    @Test
    void aRecordIsLengthCiphertextAndTagUnderItsNumber() throws Exception {
        byte[] wire = records(5, 7);
        byte[] key = Hkdf.expand(secret(), "key".getBytes(), 16);
        byte[] nonce = Hkdf.expand(secret(), "iv".getBytes(), 12);
        nonce[11] ^= 1;
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        int second = 2 + 5 + 16;
        assertThat(wire).hasSize(second + 2 + 7 + 16);
        cipher.updateAAD(new byte[] {0, 23});
        assertThat(wire[second + 1]).isEqualTo((byte) 23);
        assertThat(cipher.doFinal(wire, second + 2, 23)).isEqualTo(Handshakes.count(7, 7));
    }

    @Test
    void recordsOpenAtEveryCut() {
        byte[] wire = records(1, 300, 2, 5000);
        for (int cut = 0; cut <= wire.length; cut++) {
            RecordOpener opener = opener();
            List<byte[]> opened = new ArrayList<>();
            drain(opener, Unpooled.wrappedBuffer(wire, 0, cut), opened);
            drain(opener, Unpooled.wrappedBuffer(wire, cut, wire.length - cut), opened);
            assertThat(opened)
                    .as("cut at %d", cut)
                    .containsExactly(
                            Handshakes.count(1, 1),
                            Handshakes.count(300, 300),
                            Handshakes.count(2, 2),
                            Handshakes.count(5000, 5000));
        }
    }

    @Test
    void recordsOpenByteByByte() {
        byte[] wire = records(1, 300, RecordSealer.MAX_PLAIN);
        RecordOpener opener = opener();
        List<byte[]> opened = new ArrayList<>();
        for (byte b : wire) {
            drain(opener, Unpooled.wrappedBuffer(new byte[] {b}), opened);
        }
        assertThat(opened).hasSize(3);
        assertThat(opened.get(2)).isEqualTo(Handshakes.count(RecordSealer.MAX_PLAIN, RecordSealer.MAX_PLAIN));
    }

    @Test
    void heapAndDirectBuffersAreTheSameOnTheWire() {
        byte[] plain = Handshakes.count(3, 70);
        byte[] expected = null;
        for (boolean directIn : new boolean[] {false, true}) {
            for (boolean directOut : new boolean[] {false, true}) {
                ByteBuf in = (directIn ? Unpooled.directBuffer() : Unpooled.buffer())
                        .writeZero(3)
                        .writeBytes(plain);
                ByteBuf out = (directOut ? Unpooled.directBuffer(4) : Unpooled.buffer(4)).writeZero(3);
                try {
                    in.skipBytes(3);
                    sealer().seal(in, out);
                    out.skipBytes(3);
                    byte[] wire = ByteBufUtil.getBytes(out);
                    assertThat(in.isReadable()).isFalse();
                    expected = expected == null ? wire : expected;
                    assertThat(wire).isEqualTo(expected);
                    ByteBuf opened = opener().next(out);
                    assertThat(opened).isEqualTo(Unpooled.wrappedBuffer(plain));
                    assertThat(out.isReadable()).isFalse();
                } finally {
                    in.release();
                    out.release();
                }
            }
        }
    }

    @Test
    void aSealDoesNotDisturbAnOpenedRecord() {
        ByteBuf in = Unpooled.wrappedBuffer(records(100));
        ByteBuf opened = opener().next(in);
        RecordSealer back = new RecordSealer(Handshakes.count(9, 32), scratch);
        ByteBuf direct = Unpooled.directBuffer().writeZero(60_000);
        ByteBuf out = Unpooled.directBuffer();
        back.seal(direct, out);
        assertThat(opened).isEqualTo(Unpooled.wrappedBuffer(Handshakes.count(100, 100)));
        direct.release();
        out.release();
    }

    @Test
    void noByteCanBeChanged() {
        byte[] wire = records(40, 1);
        for (int i = 0; i < wire.length; i++) {
            byte[] bad = wire.clone();
            bad[i] ^= 1;
            if (i == 0 || i == 58) {
                // The length now announces more than will come: nothing opens, nothing is handed on.
                List<byte[]> opened = new ArrayList<>();
                drain(opener(), Unpooled.wrappedBuffer(bad), opened);
                assertThat(opened).hasSize(i == 0 ? 0 : 1);
            } else if (i == 59) {
                // One byte less than the least.
                assertForged(opener(), bad);
            } else {
                assertForged(opener(), bad);
            }
        }
    }

    @Test
    void recordsCannotBeLostRepeatedOrSwapped() {
        byte[] one = records(10);
        byte[] both = records(10, 10);
        byte[] second = java.util.Arrays.copyOfRange(both, one.length, both.length);
        assertForged(opener(), second);
        assertForged(opener(), ByteBufUtil.getBytes(Unpooled.wrappedBuffer(one, one)));
        assertForged(opener(), ByteBufUtil.getBytes(Unpooled.wrappedBuffer(second, one)));
    }

    @Test
    void recordsTooShortToBeSealedAreForged() {
        for (int length = 0; length <= 16; length++) {
            byte[] wire = new byte[2 + length];
            wire[1] = (byte) length;
            assertForged(opener(), wire);
        }
    }

    @Test
    void aRecordTakesOneToMaxPlainBytes() {
        assertThatThrownBy(() -> sealer().seal(Unpooled.EMPTY_BUFFER, Unpooled.buffer()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() ->
                        sealer().seal(Unpooled.wrappedBuffer(new byte[RecordSealer.MAX_PLAIN + 1]), Unpooled.buffer()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theKeyChangesEveryMillionRecords() throws Exception {
        TrafficKeys keys = new TrafficKeys(secret());
        byte[] first = keys.next(Cipher.ENCRYPT_MODE).doFinal(new byte[16]);
        for (int i = 1; i < 1 << EpochKeys.SHIFT; i++) {
            keys.advance();
        }
        byte[] afterwards = keys.next(Cipher.ENCRYPT_MODE).doFinal(new byte[16]);
        byte[] next = Hkdf.expand(secret(), "next".getBytes(), 32);
        byte[] nonce = Hkdf.expand(next, "iv".getBytes(), 12);
        nonce[9] ^= 0x10;
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(Hkdf.expand(next, "key".getBytes(), 16), "AES"),
                new GCMParameterSpec(128, nonce));
        assertThat(afterwards).isEqualTo(cipher.doFinal(new byte[16])).isNotEqualTo(first);
    }

    @Test
    void afterDestroyNothingOpens() {
        RecordOpener opener = opener();
        opener.destroy();
        assertThatThrownBy(() -> opener.next(Unpooled.wrappedBuffer(records(1))))
                .isInstanceOf(WireException.class);
    }
}
