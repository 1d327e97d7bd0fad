// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RetryTokensTest {
    private static final InetSocketAddress DIALER = new InetSocketAddress("10.1.2.3", 4711);
    private static final ByteBuf FIRST_ID =
            Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}).asReadOnly();

    private long now = 1_000_000;
    private boolean wants = true;
    private boolean may = true;
    private int entered;
    private final RetryTokens tokens = make();

    private RetryTokens make() {
        return new RetryTokens(
                new RetryTokens.Door() {
                    @Override
                    public boolean wantsToken() {
                        return wants;
                    }

                    @Override
                    public boolean mayEnter(InetSocketAddress address, boolean shown) {
                        entered++;
                        return may;
                    }
                },
                () -> now,
                new SecureRandom());
    }

    private ByteBuf token() {
        ByteBuf out = Unpooled.buffer();
        assertThat(tokens.writeToken(out, FIRST_ID.duplicate(), DIALER)).isTrue();
        assertThat(out.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
        return out;
    }

    @Test
    void leadsBackToTheFirstConnectionId() {
        ByteBuf token = token();
        int at = tokens.validateToken(token, DIALER);
        assertThat(token.slice(at, token.readableBytes() - at)).isEqualTo(FIRST_ID);
        assertThat(entered).isEqualTo(1);
    }

    @Test
    void isGoodForOneDialerOnly() {
        ByteBuf token = token();
        assertThat(tokens.validateToken(token, new InetSocketAddress("10.1.2.4", 4711)))
                .isEqualTo(-1);
        assertThat(tokens.validateToken(token, new InetSocketAddress("10.1.2.3", 4712)))
                .isEqualTo(-1);
        assertThat(entered).isZero();
    }

    @Test
    void isGoodForOnePortOnly() {
        assertThat(make().validateToken(token(), DIALER)).isEqualTo(-1);
    }

    @Test
    void isGoodForAWhileOnly() {
        ByteBuf token = token();
        now += TimeUnit.SECONDS.toNanos(RetryTokens.SECONDS);
        assertThat(tokens.validateToken(token, DIALER)).isPositive();
        now++;
        assertThat(tokens.validateToken(token, DIALER)).isEqualTo(-1);
        now = 999_999;
        assertThat(tokens.validateToken(token, DIALER)).as("from the future").isEqualTo(-1);
    }

    @Test
    void isNotGoodWithAnyBitChanged() {
        ByteBuf token = token();
        for (int bit = 0; bit < token.readableBytes() * 8; bit++) {
            ByteBuf forged = token.copy();
            forged.setByte(bit / 8, forged.getByte(bit / 8) ^ 1 << bit % 8);
            assertThat(tokens.validateToken(forged, DIALER)).as("bit %d", bit).isEqualTo(-1);
        }
        for (int length = 0; length < token.readableBytes(); length++) {
            assertThat(tokens.validateToken(token.slice(0, length), DIALER))
                    .as("cut to %d", length)
                    .isEqualTo(-1);
        }
        assertThat(tokens.validateToken(Unpooled.buffer(500).writeZero(500), DIALER))
                .isEqualTo(-1);
    }

    @Test
    void whoMayNotEnterIsNotHelpedByOne() {
        ByteBuf token = token();
        may = false;
        assertThat(tokens.validateToken(token, DIALER)).isEqualTo(-1);
    }

    @Test
    void thereIsNoneWhereNoneIsWanted() {
        wants = false;
        ByteBuf out = Unpooled.buffer();
        assertThat(tokens.writeToken(out, FIRST_ID.duplicate(), DIALER)).isFalse();
        assertThat(out.isReadable()).isFalse();
        may = false;
        assertThat(tokens.writeToken(out, FIRST_ID.duplicate(), DIALER))
                .as("too many of this source are here")
                .isTrue();
    }
}
