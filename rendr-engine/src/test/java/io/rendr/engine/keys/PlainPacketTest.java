// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PlainPacketTest {
    private final PacketEncoder encoder = CarrierKeys.unsealed().packetEncoder(new RecordScratch());
    private final PacketDecoder decoder = CarrierKeys.unsealed().packetDecoder(new RecordScratch());

    private byte[] encode(int length) {
        ByteBuf frames = encoder.composing().writeBytes(Handshakes.count(length, length));
        ByteBuf out = Unpooled.buffer();
        encoder.encode(frames, 7, out);
        assertThat(frames.isReadable()).isFalse();
        return ByteBufUtil.getBytes(out);
    }

    private byte[] decode(byte[] packet, long number) {
        ByteBuf datagram = Unpooled.wrappedBuffer(packet);
        assertThat(decoder.isPacket(datagram)).isTrue();
        assertThat(decoder.number(datagram)).isEqualTo(number);
        ByteBuf frames = decoder.decode(datagram, number);
        assertThat(datagram.isReadable()).isFalse();
        return frames == null ? new byte[0] : ByteBufUtil.getBytes(frames);
    }

    @Test
    void aPacketHasTheseBytes() {
        encode(1);
        byte[] packet = encode(3);
        assertThat(HexFormat.of().formatHex(packet)).isEqualTo("42" + "00000001" + "030405");
        assertThat(packet).hasSize(encoder.overhead() + 3);
    }

    @Test
    void packetsAreReadInAnyOrder() {
        byte[] first = encode(1);
        byte[] second = encode(60_000);
        assertThat(decode(second, 1)).isEqualTo(Handshakes.count(60_000, 60_000));
        assertThat(decode(first, 0)).isEqualTo(Handshakes.count(1, 1));
    }

    @Test
    void whatIsNoPacketIsSeen() {
        assertThat(decoder.isPacket(Unpooled.EMPTY_BUFFER)).isFalse();
        assertThat(decoder.isPacket(Unpooled.wrappedBuffer(new byte[] {0x42, 0, 0, 0, 0})))
                .as("without a frame")
                .isFalse();
        assertThat(decoder.isPacket(Unpooled.wrappedBuffer(new byte[] {0x40, 0, 0, 0, 0, 1})))
                .as("sealed, on a carrier that is not")
                .isFalse();
        byte[] huge = new byte[65_542];
        huge[0] = 0x42;
        assertThat(decoder.isPacket(Unpooled.wrappedBuffer(huge))).isFalse();
    }
}
