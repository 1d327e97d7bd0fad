// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HomeLoopTest {
    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final HomeLoop home = new HomeLoop(loop);
    private final List<String> order = new ArrayList<>();

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void whatHappensInsideATurnWaitsForItsEndInOrder() {
        loop.submit(() -> home.turn(() -> {
                    order.add("outer begins");
                    home.turn(() -> {
                        order.add("first");
                        home.turn(() -> order.add("of the first"));
                    });
                    home.run(() -> order.add("second"));
                    order.add("outer ends");
                }))
                .syncUninterruptibly();
        assertThat(order).containsExactly("outer begins", "outer ends", "first", "second", "of the first");
    }

    @Test
    void aTurnThatFailsHarmsNoOther() {
        loop.submit(() -> {
                    home.turn(() -> {
                        home.turn(() -> order.add("deferred"));
                        throw new IllegalStateException("thrown by the test");
                    });
                    home.turn(() -> order.add("next"));
                })
                .syncUninterruptibly();
        assertThat(order).containsExactly("deferred", "next");
    }

    @Test
    void aTimerFiresOnceAtItsLatestDeadline() throws Exception {
        CountDownLatch fired = new CountDownLatch(1);
        long start = Clock.now();
        long first = start + TimeUnit.MILLISECONDS.toNanos(5);
        long last = start + TimeUnit.MILLISECONDS.toNanos(40);
        List<Long> at = new ArrayList<>();
        FlowTimer timer = new FlowTimer(home, () -> {
            at.add(Clock.now());
            fired.countDown();
        });
        loop.submit(() -> {
                    timer.wakeAt(first);
                    timer.wakeAt(last);
                })
                .syncUninterruptibly();
        assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
        loop.submit(() -> {}).syncUninterruptibly();
        assertThat(at).hasSize(1);
        assertThat(at.get(0) - last).isNotNegative();
    }

    @Test
    void aTimerForTheBeginningOfTimeFiresAtOnce() throws Exception {
        CountDownLatch fired = new CountDownLatch(1);
        FlowTimer timer = new FlowTimer(home, fired::countDown);
        loop.submit(() -> {
                    timer.wakeAt(Clock.now() + TimeUnit.HOURS.toNanos(1));
                    timer.wakeAt(Long.MIN_VALUE);
                })
                .syncUninterruptibly();
        assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aCancelledTimerDoesNotFire() throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        FlowTimer cancelled = new FlowTimer(home, () -> order.add("cancelled"));
        FlowTimer kept = new FlowTimer(home, later::countDown);
        loop.submit(() -> {
                    cancelled.wakeAt(Clock.now() + TimeUnit.MILLISECONDS.toNanos(1));
                    kept.wakeAt(Clock.now() + TimeUnit.MILLISECONDS.toNanos(20));
                    cancelled.wakeAt(Long.MAX_VALUE);
                })
                .syncUninterruptibly();
        assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(order).isEmpty();
    }

    @Test
    void aTimerThatIsLateLetsTheLoopReadFirst() throws Exception {
        CountDownLatch fired = new CountDownLatch(1);
        FlowTimer timer = new FlowTimer(home, () -> {
            order.add("timer");
            fired.countDown();
        });
        loop.submit(() -> {
                    timer.wakeAt(Clock.now());
                    long until = Clock.now() + TimeUnit.MILLISECONDS.toNanos(30);
                    while (Clock.now() - until < 0) {
                        Thread.onSpinWait();
                    }
                    // What is in the loop's queue by now stands for what its channels would report.
                    loop.execute(() -> order.add("read"));
                })
                .syncUninterruptibly();
        assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
        loop.submit(() -> {}).syncUninterruptibly();
        assertThat(order).containsExactly("read", "timer");
    }

    @Test
    void aTimerForNowFiresAfterTheNextLookAtTheChannels() throws Exception {
        EventLoops loops = new EventLoops(1);
        try {
            HomeLoop io = loops.next();
            List<String> seen = new CopyOnWriteArrayList<>();
            CountDownLatch fired = new CountDownLatch(3);
            AtomicReference<FlowTimer> again = new AtomicReference<>();
            again.set(new FlowTimer(io, () -> {
                seen.add("timer");
                fired.countDown();
                if (fired.getCount() > 0) {
                    ((SingleThreadEventLoop) io.loop()).executeAfterEventLoopIteration(() -> seen.add("iteration"));
                    again.get().wakeAt(Clock.now());
                }
            }));
            FlowTimer cancelled = new FlowTimer(io, () -> seen.add("cancelled"));
            io.loop()
                    .submit(() -> {
                        again.get().wakeAt(Clock.now());
                        again.get().wakeAt(Long.MIN_VALUE);
                        cancelled.wakeAt(Clock.now());
                        cancelled.cancel();
                    })
                    .syncUninterruptibly();
            assertThat(fired.await(10, TimeUnit.SECONDS)).isTrue();
            io.loop().submit(() -> {}).syncUninterruptibly();
            assertThat(seen).containsExactly("timer", "iteration", "timer", "iteration", "timer");
        } finally {
            loops.shutDown();
        }
    }
}
