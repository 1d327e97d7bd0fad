// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class HandshakeDatagramTest {
    private final byte[] message = new Retry(new byte[] {1, 2, 3}).encode();

    private ByteBuf datagram() {
        ByteBuf out = Unpooled.buffer();
        HandshakeDatagram.write(out, 0x0102_0304_0506_0708L, message);
        return out;
    }

    @Test
    void isLaidOutAsDocumented() {
        assertThat(ByteBufUtil.hexDump(datagram())).isEqualTo("41" + "0102030405060708" + "07000004" + "03010203");
    }

    @Test
    void isReadBack() {
        ByteBuf datagram = datagram();
        assertThat(HandshakeDatagram.is(datagram)).isTrue();
        assertThat(HandshakeDatagram.connectionId(datagram)).isEqualTo(0x0102_0304_0506_0708L);
        assertThat(HandshakeDatagram.message(datagram)).isEqualTo(message);
    }

    @Test
    void holdsOneWholeMessageAndNothingElse() {
        ByteBuf datagram = datagram();
        for (int length = 0; length < datagram.writerIndex(); length++) {
            ByteBuf cut = datagram.slice(0, length);
            assertThat(HandshakeDatagram.is(cut) && HandshakeDatagram.message(cut) != null)
                    .as("the first %d bytes", length)
                    .isFalse();
        }
        assertThat(HandshakeDatagram.message(datagram.writeByte(0))).isNull();
    }

    @Test
    void holdsNoFrameOfAnotherKind() {
        ByteBuf datagram = datagram();
        datagram.setByte(HandshakeDatagram.HEADER, FrameType.BYE);
        assertThat(HandshakeDatagram.message(datagram)).isNull();
        datagram.setByte(0, 0x40);
        assertThat(HandshakeDatagram.is(datagram)).isFalse();
    }
}
