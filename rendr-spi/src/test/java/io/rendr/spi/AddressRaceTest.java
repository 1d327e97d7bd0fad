// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a clock that stands still unless told. */
class AddressRaceTest {
    private final EmbeddedChannel clock = new EmbeddedChannel();
    private final List<String> started = new ArrayList<>();
    private int lost;

    @BeforeEach
    void freeze() {
        clock.freezeTime();
    }

    @AfterEach
    void end() {
        clock.finishAndReleaseAll();
    }

    private AddressRace<String> race(String... addresses) {
        return new AddressRace<>(clock.eventLoop(), List.of(addresses), started::add, () -> lost++);
    }

    private void pass(long millis) {
        clock.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
    }

    @Test
    void familiesTakeTurnsAndIpv6IsFirst() throws UnknownHostException {
        List<InetAddress> found = new ArrayList<>();
        for (String text : List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "2001:db8::1", "2001:db8::2")) {
            found.add(InetAddress.getByName(text));
        }
        assertThat(AddressRace.order(found))
                .containsExactly(found.get(3), found.get(0), found.get(4), found.get(1), found.get(2));
        assertThat(AddressRace.order(found.subList(0, 2))).isEqualTo(found.subList(0, 2));
    }

    @Test
    void theNextBeginsAfterTheDelayAndTheFirstGoesOn() {
        AddressRace<String> race = race("a", "b", "c");
        race.next();
        assertThat(started).containsExactly("a");
        pass(249);
        assertThat(started).containsExactly("a");
        pass(1);
        assertThat(started).containsExactly("a", "b");
        pass(250);
        assertThat(started).containsExactly("a", "b", "c");
        pass(10_000);
        race.failed();
        race.failed();
        assertThat(lost).as("one still runs").isZero();
        race.failed();
        assertThat(lost).isEqualTo(1);
    }

    @Test
    void afterAFailureTheNextBeginsAtOnceAndTheDelayAnew() {
        AddressRace<String> race = race("a", "b", "c");
        race.next();
        pass(200);
        race.failed();
        assertThat(started).containsExactly("a", "b");
        pass(249);
        assertThat(started).as("the first delay is over, not the second").containsExactly("a", "b");
        pass(1);
        assertThat(started).containsExactly("a", "b", "c");
        race.failed();
        race.failed();
        assertThat(lost).isEqualTo(1);
    }

    @Test
    void whatIsOverBeginsNothing() {
        AddressRace<String> race = race("a", "b");
        race.next();
        race.stop();
        pass(1000);
        race.failed();
        assertThat(started).containsExactly("a");
        assertThat(lost).isZero();
    }

    @Test
    void anAttemptMayFailWhileItIsBegun() {
        List<AddressRace<String>> self = new ArrayList<>();
        AddressRace<String> race = new AddressRace<>(
                clock.eventLoop(),
                List.of("a", "b"),
                address -> {
                    started.add(address);
                    self.get(0).failed();
                },
                () -> lost++);
        self.add(race);
        race.next();
        assertThat(started).containsExactly("a", "b");
        assertThat(lost).isEqualTo(1);
        pass(1000);
        assertThat(started).hasSize(2);
    }
}
