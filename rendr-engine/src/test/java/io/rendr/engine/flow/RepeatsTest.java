// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.rendr.CloseReason;
import io.rendr.spi.ChannelSecurity;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RepeatsTest {
    private static final long MS = 1_000_000;

    private final List<Integer> sent = new ArrayList<>();

    private final class Port extends MessagePort {
        Port() {
            super(UnpooledByteBufAllocator.DEFAULT, 1);
        }

        @Override
        protected void send(ByteBuf datagram) {
            sent.add(datagram.readableBytes());
            datagram.release();
        }

        @Override
        public int maxDatagram() {
            return 1_472;
        }

        @Override
        public int maxSegments() {
            return 1;
        }

        @Override
        public void write(ByteBuf packets, int segmentSize) {
            packets.release();
        }

        @Override
        public int credit() {
            return 1;
        }

        @Override
        public void flush() {}

        @Override
        public void close(CloseReason why) {}

        @Override
        public ChannelSecurity security() {
            return ChannelSecurity.NONE;
        }

        @Override
        public @Nullable String fateGroup() {
            return null;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return null;
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return null;
        }
    }

    private final Port port = new Port();
    private final Repeats repeats = new Repeats(Repeats.FIRST);

    private void say(int bytes, long now) {
        port.write(Unpooled.buffer().writeZero(bytes));
        repeats.sent(port, now);
    }

    @Test
    void repeatsTheLastMessageLaterEachTime() {
        say(10, 0);
        List<Long> at = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            at.add(repeats.at() / MS);
            repeats.onTimer(repeats.at());
        }
        assertThat(at).containsExactly(300L, 900L, 2_100L, 4_500L, 6_900L, 9_300L);
        assertThat(sent).hasSize(7).containsOnly(19);
    }

    @Test
    void aNewMessageBeginsAnew() {
        say(10, 0);
        repeats.onTimer(300 * MS);
        assertThat(repeats.isAmbiguous()).isTrue();
        say(20, 400 * MS);
        assertThat(repeats.isAmbiguous()).isFalse();
        assertThat(repeats.at()).isEqualTo(700 * MS);
        repeats.onTimer(700 * MS);
        assertThat(sent).containsExactly(19, 19, 29, 29);
    }

    @Test
    void afterThreeRepeatsWithoutAnAnswerTheMessageItselfMayBeAtFault() {
        say(10, 0);
        for (int i = 0; i < 3; i++) {
            assertThat(repeats.isSpent(repeats.at())).isFalse();
            repeats.onTimer(repeats.at());
        }
        assertThat(repeats.isSpent(4_499 * MS))
                .as("the third repeat may yet be answered")
                .isFalse();
        assertThat(repeats.isSpent(4_500 * MS)).isTrue();
        repeats.stop();
        assertThat(repeats.isSpent(5_000 * MS)).as("said once").isFalse();
    }

    @Test
    void nothingIsRepeatedTooEarlyOrAtTheEnd() {
        say(10, 0);
        repeats.onTimer(299 * MS);
        repeats.stop();
        assertThat(repeats.at()).isEqualTo(Long.MAX_VALUE);
        repeats.onTimer(Long.MAX_VALUE);
        assertThat(sent).hasSize(1);
    }
}
