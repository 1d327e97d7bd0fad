// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.Dialer;
import io.rendr.Incoming;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many dials at once, some cancelled in the middle, while one end is closed: every one of them ends, and nothing is left. */
@ExtendWith(LeakGuard.class)
class StormTest {
    private static final int DIALS = 120;

    enum Closed {
        NOTHING,
        ACCEPTOR,
        ACCEPTING_RUNTIME,
        DIALING_RUNTIME
    }

    private final AtomicInteger admissions = new AtomicInteger();

    /** Says yes, no, nothing, or throws. */
    private void admit(Incoming incoming) {
        switch (admissions.getAndIncrement() % 5) {
            case 0 -> incoming.refuse(1);
            case 1 -> throw new IllegalStateException("thrown by the test");
            case 2 -> incoming.peer();
            default -> incoming.accept();
        }
    }

    @ParameterizedTest
    @EnumSource(Closed.class)
    void everyDialEnds(Closed closed) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Rendr here = Rendr.create(Pair.config().linger(Duration.ofMillis(200)).build());
        Rendr there = Rendr.create(Pair.config().linger(Duration.ofMillis(200)).build());
        try {
            Acceptor acceptor = there.listen((AcceptorConfig.Builder b) -> b.endpoint("loop://127.0.0.1:0")
                    .endpoint("loop://127.0.0.1:0")
                    .claimTimeout(Duration.ofMillis(500))
                    .admit(this::admit)
                    .onStream(conn -> never.await()));
            Dialer dialer = here.dialer(b -> b.path(acceptor.endpoints().get(0).toUri() + "?name=a")
                    .path(acceptor.endpoints().get(1).toUri() + "?name=b")
                    .dialTimeout(Duration.ofSeconds(5)));
            SplittableRandom random = new SplittableRandom(closed.ordinal());
            List<CompletableFuture<StreamConn>> dials = new ArrayList<>();
            for (int i = 0; i < DIALS; i++) {
                dials.add(dialer.dialAsync());
                if (random.nextInt(3) == 0) {
                    dials.get(random.nextInt(dials.size())).cancel(true);
                }
                if (i == DIALS / 2) {
                    Await.until("some were admitted", () -> admissions.get() >= 10);
                    switch (closed) {
                        case ACCEPTOR -> acceptor.close();
                        case ACCEPTING_RUNTIME -> there.close();
                        case DIALING_RUNTIME -> here.close();
                        default -> {}
                    }
                    if (closed == Closed.DIALING_RUNTIME) {
                        break;
                    }
                }
            }
            int opened = 0;
            for (CompletableFuture<StreamConn> dial : dials) {
                opened += ended(dial);
            }
            assertThat(opened).as("some are let in").isGreaterThanOrEqualTo(closed == Closed.NOTHING ? 10 : 0);
            never.countDown();
            Await.until(
                    () -> "nothing left here " + here.status(),
                    () -> here.status().flows() == 0 && here.status().bufferedBytes() == 0);
            Await.until(
                    () -> "nothing left there " + there.status(),
                    () -> there.status().flows() == 0
                            && there.status().handshakes().open() == 0
                            && there.status().bufferedBytes() == 0);
            acceptor.close();
        } finally {
            here.close();
            there.close();
        }
    }

    private static int ended(CompletableFuture<StreamConn> dial) throws Exception {
        try {
            dial.get(30, SECONDS).close();
            return 1;
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(IOException.class);
            return 0;
        } catch (CancellationException e) {
            return 0;
        }
    }
}
