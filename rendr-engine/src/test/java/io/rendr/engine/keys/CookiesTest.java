// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CookiesTest {
    private static final byte[] HERE = {10, 0, 0, 1, 4, 5};
    private static final byte[] THERE = {10, 0, 0, 1, 4, 6};
    private static final long ID = 77;

    private final Cookies cookies = new Cookies(new byte[32]);

    @Test
    void provesOneAddressAndOneConnectionId() {
        byte[] cookie = cookies.make(HERE, ID, 0);
        assertThat(cookie).hasSize(16);
        assertThat(cookies.proves(cookie, HERE, ID, 1)).isTrue();
        assertThat(cookies.proves(cookie, THERE, ID, 1)).isFalse();
        assertThat(cookies.proves(cookie, HERE, ID + 1, 1)).isFalse();
    }

    @Test
    void isGoodForTenSecondsAndForNoMoreThanTwenty() {
        long born = SECONDS.toNanos(19);
        byte[] cookie = cookies.make(HERE, ID, born);
        assertThat(cookies.proves(cookie, HERE, ID, born + SECONDS.toNanos(10))).isTrue();
        assertThat(cookies.proves(cookie, HERE, ID, born + SECONDS.toNanos(20))).isFalse();
    }

    @Test
    void worksOnAClockBelowZero() {
        long born = SECONDS.toNanos(-3);
        byte[] cookie = cookies.make(HERE, ID, born);
        assertThat(cookies.proves(cookie, HERE, ID, SECONDS.toNanos(4))).isTrue();
    }

    @Test
    void isWorthNothingElsewhere() {
        byte[] cookie = cookies.make(HERE, ID, 0);
        byte[] otherKey = new byte[32];
        otherKey[31] = 1;
        assertThat(new Cookies(otherKey).proves(cookie, HERE, ID, 0)).isFalse();
        assertThat(cookies.proves(new byte[0], HERE, ID, 0)).isFalse();
        assertThat(cookies.proves(new byte[16], HERE, ID, 0)).isFalse();
        cookie[3] ^= 1;
        assertThat(cookies.proves(cookie, HERE, ID, 0)).isFalse();
    }
}
