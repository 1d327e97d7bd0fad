// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.keys.KeyAgreement;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What holds strangers within bounds, each by itself and on a clock of its own. */
class LimitsTest {
    private static final long SECOND = SECONDS.toNanos(1);

    private static Object source(String address) {
        return Sources.of(new InetSocketAddress(address, 4711));
    }

    // ---- per source

    @Test
    void aSourceIsAnAddressOrAnIpv6NetworkWhateverThePort() {
        assertThat(Sources.of(new InetSocketAddress("10.0.0.1", 1))).isEqualTo(source("10.0.0.1"));
        assertThat(source("10.0.0.2")).isNotEqualTo(source("10.0.0.1"));
        assertThat(source("2001:db8:0:7::1"))
                .isEqualTo(source("2001:db8:0:7:ffff::9"))
                .hasToString("2001:db8:0:7::/64");
        assertThat(source("2001:db8:0:8::1")).isNotEqualTo(source("2001:db8:0:7::1"));
        assertThat(Sources.of(null)).isEqualTo(Sources.of(null));
    }

    @Test
    void onlyHandshakesThatProveNothingUseASourceUp() {
        Sources sources = new Sources(2);
        Object honest = source("10.0.0.1");
        for (int i = 0; i < 1000; i++) {
            assertThat(sources.take(honest, 0)).isTrue();
            sources.giveBack(honest, 0);
        }
        Object other = source("10.0.0.2");
        int burst = 2 * Sources.BURST;
        for (int i = 0; i < burst; i++) {
            assertThat(sources.take(other, 0)).isTrue();
        }
        assertThat(sources.take(other, 0)).isFalse();
        assertThat(sources.take(honest, 0)).as("another source").isTrue();
        assertThat(sources.take(other, SECOND)).isTrue();
        assertThat(sources.take(other, SECOND)).isTrue();
        assertThat(sources.take(other, SECOND)).isFalse();
        for (int i = 0; i < burst; i++) {
            assertThat(sources.take(other, 1000 * SECOND))
                    .as("no more than a burst is saved up")
                    .isTrue();
        }
        assertThat(sources.take(other, 1000 * SECOND)).isFalse();
        assertThat(new Sources(0).take(other, 0)).as("no limit").isTrue();
    }

    @Test
    void manySourcesTakeNoMoreMemoryThanSome() {
        Sources sources = new Sources(1);
        Object first = source("9.9.9.9");
        sources.take(first, 0);
        for (int i = 0; i < 3 * Sources.REMEMBERED; i++) {
            sources.take(source("10.0." + (i >> 8) + "." + (i & 255)), 0);
            assertThat(sources.take(first, 0))
                    .as("one that keeps coming is not forgotten")
                    .isEqualTo(i < Sources.BURST - 1);
        }
        assertThat(sources.remembered()).isEqualTo(Sources.REMEMBERED);
    }

    // ---- key agreement

    private static KeyAgreement costs(AtomicLong clock, long each) {
        return new KeyAgreement() {
            @Override
            public byte[] publicKey(byte[] privateKey) {
                clock.addAndGet(each);
                return privateKey;
            }

            @Override
            public byte[] agree(byte[] privateKey, byte[] peerPublicKey) {
                clock.addAndGet(each);
                return privateKey;
            }
        };
    }

    @Test
    void keyAgreementForStrangersTakesItsShareOfTheTimeAndNoMore() throws HandshakeFailure {
        AtomicLong clock = new AtomicLong();
        CryptoBudget budget = new CryptoBudget(0.25, clock::get);
        KeyAgreement plain = costs(clock, 200_000);
        long spent = 0;
        long begin = clock.get();
        while (clock.get() - begin < 20 * SECOND) {
            if (budget.hasSome()) {
                CryptoBudget.Account account = budget.new Account(plain);
                account.agree(new byte[32], new byte[32]);
                account.publicKey(new byte[32]);
                spent += 400_000;
            } else {
                clock.addAndGet(100_000);
            }
        }
        double share = (double) (spent - MILLISECONDS.toNanos(250)) / (clock.get() - begin);
        assertThat(share).isBetween(0.24, 0.26);
    }

    @Test
    void whoProvesHimselfCostsNothing() throws HandshakeFailure {
        AtomicLong clock = new AtomicLong();
        CryptoBudget budget = new CryptoBudget(0.25, clock::get);
        for (int i = 0; i < 10_000; i++) {
            assertThat(budget.hasSome()).isTrue();
            CryptoBudget.Account account = budget.new Account(costs(clock, 200_000));
            account.agree(new byte[32], new byte[32]);
            account.giveBack();
        }
    }

    // ---- slots

    private static final class Guest implements Newcomers.Guest {
        private final Object source;
        private int evictions;

        Guest(Object source) {
            this.source = source;
        }

        @Override
        public Object source() {
            return source;
        }

        @Override
        public void evict(Newcomers from) {
            evictions++;
        }
    }

    private static List<Guest> enter(Newcomers newcomers, int count, Supplier<Guest> make) {
        List<Guest> guests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Guest guest = make.get();
            guests.add(guest);
            newcomers.enter(guest);
        }
        return guests;
    }

    @Test
    void whoHasMostHandshakesOpenDisplacesHimself() {
        Newcomers newcomers = new Newcomers(100);
        List<Guest> honest = enter(newcomers, 20, () -> new Guest("honest"));
        List<Guest> flood = enter(newcomers, 10_000, () -> new Guest("flood"));
        assertThat(honest).allMatch(g -> g.evictions == 0);
        assertThat(flood.subList(0, 9_920)).allMatch(g -> g.evictions == 1);
        assertThat(flood.subList(9_920, 10_000)).as("the newest stay").allMatch(g -> g.evictions == 0);
        flood.forEach(newcomers::leave);
        enter(newcomers, 80, () -> new Guest("others"));
        assertThat(honest)
                .as("those that left or were displaced have made room")
                .allMatch(g -> g.evictions == 0);
    }

    @Test
    void halfOfThemGoWhenTheSystemRunsOut() {
        Newcomers newcomers = new Newcomers(100);
        List<Guest> few = enter(newcomers, 10, () -> new Guest("few"));
        List<Guest> many = enter(newcomers, 60, () -> new Guest("many"));
        newcomers.halve();
        assertThat(many.stream().filter(g -> g.evictions == 1)).hasSize(35);
        assertThat(few).allMatch(g -> g.evictions == 0);
    }
}
