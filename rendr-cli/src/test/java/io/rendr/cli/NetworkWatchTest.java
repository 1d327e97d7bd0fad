// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.testkit.Await;
import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NetworkWatchTest {
    private static final Duration OFTEN = Duration.ofMillis(1);

    private volatile Set<InetAddress> addresses = Set.of(InetAddress.getLoopbackAddress());
    private volatile boolean failing;
    private final AtomicInteger looks = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();

    private Set<InetAddress> look() throws SocketException {
        looks.incrementAndGet();
        if (failing) {
            throw new SocketException("not now");
        }
        return addresses;
    }

    @Test
    void tellsOnceOfEachChange() throws Exception {
        NetworkWatch watch = new NetworkWatch(OFTEN, this::look, changes::incrementAndGet);
        looksAgain();
        assertThat(changes).hasValue(0);
        addresses = Set.of(InetAddress.getLoopbackAddress(), InetAddress.getByName("192.0.2.7"));
        Await.until("told", () -> changes.get() == 1);
        looksAgain();
        assertThat(changes).hasValue(1);
        failing = true;
        looksAgain();
        failing = false;
        addresses = Set.of();
        Await.until("told again", () -> changes.get() == 2);
        watch.close();
    }

    @Test
    void looksOnWhenWhoIsToldFails() throws Exception {
        Runnable fails = () -> {
            if (changes.incrementAndGet() == 1) {
                throw new IllegalStateException("the first time");
            }
        };
        NetworkWatch watch = new NetworkWatch(OFTEN, this::look, fails);
        addresses = Set.of();
        Await.until("told", () -> changes.get() == 1);
        addresses = Set.of(InetAddress.getLoopbackAddress());
        Await.until("told again", () -> changes.get() == 2);
        watch.close();
    }

    private void looksAgain() {
        int before = looks.get();
        Await.until("it looks", () -> looks.get() > before + 1);
    }

    @Test
    void knowsTheAddressesOfThisMachine() throws Exception {
        assertThat(NetworkWatch.ofInterfaces()).contains(InetAddress.getByName("127.0.0.1"));
    }
}
