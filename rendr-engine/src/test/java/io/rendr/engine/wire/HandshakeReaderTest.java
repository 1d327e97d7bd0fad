// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.engine.wire.WireException.Reason;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HandshakeReaderTest {
    private final byte[] confirm = new Confirm(new byte[32]).encode();
    private final byte[] retry = new Retry(new byte[9]).encode();

    @Test
    void leavesWhatFollowsUnread() {
        ByteBuf in = Unpooled.wrappedBuffer(confirm, retry, new byte[] {0x35, 0, 0, 0});
        HandshakeReader reader = new HandshakeReader();
        assertThat(reader.read(in)).isEqualTo(confirm);
        assertThat(reader.read(in)).isEqualTo(retry);
        assertThat(in.readableBytes()).isEqualTo(4);
    }

    @Test
    void readsAtEveryCut() {
        byte[] both = new byte[confirm.length + retry.length];
        System.arraycopy(confirm, 0, both, 0, confirm.length);
        System.arraycopy(retry, 0, both, confirm.length, retry.length);
        for (int cut = 0; cut < confirm.length; cut++) {
            HandshakeReader reader = new HandshakeReader();
            assertThat(reader.read(Unpooled.wrappedBuffer(both, 0, cut))).isNull();
            ByteBuf rest = Unpooled.wrappedBuffer(both, cut, both.length - cut);
            assertThat(reader.read(rest)).isEqualTo(confirm);
            assertThat(reader.read(rest)).isEqualTo(retry);
            assertThat(reader.read(rest)).isNull();
        }
    }

    private static void assertRefused(Reason reason, byte[] bytes) {
        assertThatThrownBy(() -> new HandshakeReader().read(Unpooled.wrappedBuffer(bytes)))
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void noticesAStrangerByItsFirstByte() {
        assertRefused(Reason.NOT_HANDSHAKE, "G".getBytes(StandardCharsets.US_ASCII));
        assertRefused(Reason.NOT_HANDSHAKE, new byte[] {0x16, 0x03, 0x01});
        assertThatThrownBy(() -> new HandshakeReader().read(Unpooled.wrappedBuffer(new byte[] {0x15})))
                .hasMessageContaining("speaks TLS")
                .hasMessageContaining("tls=true at both ends");
        assertRefused(Reason.NOT_HANDSHAKE, new byte[] {0});
        assertRefused(Reason.NOT_HANDSHAKE, new byte[] {0x10, 0, 0, 9});
    }

    @Test
    void refusesFlagsAndLongMessages() {
        assertRefused(Reason.BAD_FLAGS, new byte[] {1, 1, 0, 0});
        assertRefused(Reason.BAD_LENGTH, new byte[] {1, 0, 0x05, (byte) 0xdd});
    }
}
