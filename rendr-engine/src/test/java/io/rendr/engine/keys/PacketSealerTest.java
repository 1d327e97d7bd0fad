// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketSealerTest {
    private static final long ID = 0x0102030405060708L;
    private static final int EPOCH = 1 << EpochKeys.SHIFT;

    private final TrafficKeys keys = new TrafficKeys(secret());
    private final PacketSealer sealer = new PacketSealer(keys, new RecordScratch());
    private final PacketOpener opener = new PacketOpener(secret(), new RecordScratch());

    private static byte[] secret() {
        return Handshakes.count(32, 32);
    }

    private byte[] seal(int length) {
        ByteBuf out = Unpooled.buffer();
        sealer.encode(Unpooled.wrappedBuffer(Handshakes.count(length, length)), ID, out);
        return ByteBufUtil.getBytes(out);
    }

    private byte[] open(byte[] packet) {
        ByteBuf datagram = Unpooled.wrappedBuffer(packet);
        if (!opener.isPacket(datagram)) {
            return new byte[0];
        }
        ByteBuf plain = opener.decode(datagram, opener.number(datagram));
        assertThat(datagram.isReadable()).isFalse();
        return plain == null ? new byte[0] : ByteBufUtil.getBytes(plain);
    }

    @Test
    void packetsOpenInAnyOrder() {
        byte[] first = seal(1);
        byte[] second = seal(1_400);
        byte[] third = seal(9_000);
        assertThat(open(third)).isEqualTo(Handshakes.count(9_000, 9_000));
        assertThat(open(first)).isEqualTo(Handshakes.count(1, 1));
        assertThat(open(second)).isEqualTo(Handshakes.count(1_400, 1_400));
        assertThat(sealer.nextNumber()).isEqualTo(3);
    }

    /** Form, connection id, number, ciphertext and tag, as another implementation of the same primitives makes them. */
    @Test
    void aPacketHasTheseBytes() {
        seal(1);
        byte[] packet = seal(5);
        assertThat(HexFormat.of().formatHex(packet, 0, PacketSealer.HEADER))
                .isEqualTo("40" + "0102030405060708" + "00000001");
        assertThat(packet).hasSize(PacketSealer.OVERHEAD + 5);
        assertThat(HexFormat.of().formatHex(packet, PacketSealer.HEADER, packet.length))
                .isEqualTo("22d6065da4797dbe307745ab17c3b2e6f785ac2f48");
    }

    @Test
    void everyByteIsAuthenticated() {
        byte[] genuine = seal(20);
        for (int i = 0; i < genuine.length; i++) {
            byte[] forged = genuine.clone();
            forged[i] ^= 0x20;
            assertThat(open(forged)).as("byte %s", i).isEmpty();
        }
        for (int length = 0; length < genuine.length; length++) {
            byte[] cut = new byte[length];
            System.arraycopy(genuine, 0, cut, 0, length);
            assertThat(open(cut)).as("%s bytes", length).isEmpty();
        }
        assertThat(open(genuine)).hasSize(20);
    }

    @Test
    void keysMoveOnAndThoseOfTheEpochBeforeAreKept() {
        byte[] old = seal(10);
        for (int i = 1; i < EPOCH; i++) {
            keys.advance();
        }
        byte[] next = seal(11);
        byte[] forged = next.clone();
        forged[20] ^= 1;
        assertThat(open(forged)).isEmpty();
        assertThat(open(next)).hasSize(11);
        assertThat(open(old)).hasSize(10);
        for (int i = 1; i < EPOCH; i++) {
            keys.advance();
        }
        assertThat(open(seal(12))).hasSize(12);
        assertThat(open(old)).isEmpty();
        assertThat(open(next)).hasSize(11);
    }

    @Test
    void whoHasLostAWholeEpochIsLost() {
        for (int i = 0; i < 2 * EPOCH; i++) {
            keys.advance();
        }
        assertThat(open(seal(3))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "0, 5, 5",
        "0, 4294967295, 4294967295",
        "4294967296, 4294967295, 4294967295",
        "4294967296, 0, 4294967296",
        "4294967290, 3, 4294967299",
        "8589934592, 4294967290, 8589934586",
        "8589934590, 2, 8589934594"
    })
    void theNumberIsTheOneNearestToTheNext(long expected, long low, long number) {
        assertThat(PacketNumbers.nearest(expected, low)).isEqualTo(number);
    }
}
