// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.spi.ChannelSecurity;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class RemoteCarrierTest {
    private static final CloseReason DONE = CloseReason.of(CloseReason.Kind.LOCAL, "done");

    private final DefaultEventLoop thereLoop = new DefaultEventLoop();
    private final DefaultEventLoop homeLoop = new DefaultEventLoop();
    private final HomeLoop there = new HomeLoop(thereLoop);
    private final HomeLoop home = new HomeLoop(homeLoop);
    private final Carrier carrier = new Carrier();
    private final Heard heard = new Heard();
    private RemoteCarrier remote;

    /** A carrier with as much credit as the test says; on its own loop. */
    private final class Carrier implements CarrierPort {
        private final List<String> written = new CopyOnWriteArrayList<>();
        private volatile int credit = 100;
        private CarrierEvents events;
        private boolean closed;

        @Override
        public void events(CarrierEvents next) {
            events = next;
        }

        @Override
        public int credit() {
            return credit;
        }

        @Override
        public void write(ByteBuf bytes) {
            assertThat(thereLoop.inEventLoop()).isTrue();
            written.add("write " + bytes.readableBytes());
            credit -= bytes.readableBytes();
            bytes.release();
        }

        @Override
        public void flush() {
            written.add("flush");
        }

        @Override
        public void close(CloseReason why) {
            if (!closed) {
                closed = true;
                written.add("close");
                there.defer(() -> events.closed(why, 0));
            }
        }

        @Override
        public ChannelSecurity security() {
            return ChannelSecurity.NONE;
        }

        @Override
        public @Nullable String fateGroup() {
            return "wifi";
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

    /** What the flow hears, on its home loop. */
    private final class Heard implements CarrierEvents {
        private final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void received(ByteBuf bytes, long now) {
            assertThat(homeLoop.inEventLoop()).isTrue();
            assertThat(home.enter()).as("the core is called within a turn").isFalse();
            events.add("received " + bytes.readableBytes());
        }

        @Override
        public void readComplete(long now) {
            events.add("complete");
        }

        @Override
        public void writable(long now) {
            events.add("writable " + remote.credit());
        }

        @Override
        public void closed(CloseReason why, long now) {
            events.add("closed " + why.detail());
        }
    }

    @BeforeEach
    void open() {
        on(thereLoop, there, () -> remote = new RemoteCarrier(carrier, there, home));
        on(homeLoop, home, () -> remote.events(heard));
    }

    @AfterEach
    void end() {
        thereLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        homeLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static void on(DefaultEventLoop loop, HomeLoop home, Runnable body) {
        loop.submit(() -> home.turn(body)).syncUninterruptibly();
    }

    private static ByteBuf bytes(int count) {
        return Unpooled.directBuffer(count).writeZero(count);
    }

    private void receive(int count) {
        ByteBuf data = bytes(count);
        carrier.events.received(data, 0);
        data.release();
    }

    @Test
    void aReadBatchIsHandedOverInOrderAndOnce() {
        on(thereLoop, there, () -> {
            receive(3);
            receive(4);
            carrier.events.readComplete(0);
            receive(5);
            carrier.events.readComplete(0);
            carrier.events.closed(DONE, 0);
        });
        Await.until("the end is heard", () -> heard.events.contains("closed done"));
        assertThat(heard.events.stream().filter(e -> !e.equals("complete")))
                .containsExactly("received 3", "received 4", "received 5", "closed done");
    }

    @Test
    void theHomeNeverHandsOverMoreThanTheCarrierTakesAndIsWokenWhenItTakesMore() {
        on(homeLoop, home, () -> {
            assertThat(remote.credit()).isEqualTo(100);
            remote.write(bytes(60));
            remote.write(bytes(40));
            assertThat(remote.credit()).isZero();
            remote.flush();
        });
        Await.until("the batch is written", () -> carrier.written.contains("flush"));
        assertThat(carrier.written).containsExactly("write 60", "write 40", "flush");
        assertThat(heard.events).isEmpty();
        on(thereLoop, there, () -> {
            carrier.credit = 30;
            carrier.events.writable(0);
        });
        Await.until("the home is woken", () -> heard.events.contains("writable 30"));
    }

    @Test
    void aHomeThatIsNotStarvedIsNotWoken() {
        on(homeLoop, home, () -> {
            remote.write(bytes(10));
            remote.flush();
        });
        Await.until("the batch is written", () -> carrier.written.contains("flush"));
        on(thereLoop, there, () -> carrier.events.writable(0));
        on(homeLoop, home, () -> assertThat(remote.credit()).isEqualTo(90));
        assertThat(heard.events).isEmpty();
    }

    @Test
    void closeComesAfterWhatWasWrittenAndIsHeardOnce() {
        on(homeLoop, home, () -> {
            remote.write(bytes(1));
            remote.flush();
            remote.close(DONE);
            remote.close(DONE);
        });
        Await.until("the end is heard", () -> heard.events.contains("closed done"));
        on(thereLoop, there, () -> {
            receive(9);
            carrier.events.readComplete(0);
        });
        on(homeLoop, home, () -> {});
        assertThat(carrier.written).containsExactly("write 1", "flush", "close");
        assertThat(heard.events).containsExactly("closed done");
        assertThat(remote.fateGroup()).isEqualTo("wifi");
    }

    @Test
    void aLoopThatHasEndedTakesNothingAndLeaksNothing() {
        ByteBuf late = bytes(7);
        homeLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        on(thereLoop, there, () -> {
            carrier.events.received(late, 0);
            carrier.events.readComplete(0);
            carrier.events.closed(DONE, 0);
        });
        assertThat(late.refCnt()).isEqualTo(1);
        late.release();
        ByteBuf unsent = bytes(8);
        thereLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        remote.write(unsent);
        remote.flush();
        remote.close(DONE);
        assertThat(unsent.refCnt()).isZero();
    }

    @Test
    void aCarrierThatNobodyEverListenedToLeaksNothingWhenItIsClosed() {
        Carrier other = new Carrier();
        ByteBuf before = bytes(7);
        ByteBuf after = bytes(8);
        RemoteCarrier[] unwanted = new RemoteCarrier[1];
        on(thereLoop, there, () -> {
            unwanted[0] = new RemoteCarrier(other, there, home);
            other.events.received(before, 0);
            other.events.readComplete(0);
        });
        on(homeLoop, home, () -> unwanted[0].close(DONE));
        on(thereLoop, there, () -> {
            other.events.received(after, 0);
            other.events.readComplete(0);
        });
        Await.until("it is closed", () -> other.written.contains("close"));
        on(homeLoop, home, () -> {});
        assertThat(before.refCnt()).isEqualTo(1);
        assertThat(after.refCnt()).isEqualTo(1);
        before.release();
        after.release();
    }

    @Test
    void aCarrierWhosePeerFloodsItIsClosed() {
        on(thereLoop, there, () -> {
            List<ByteBuf> flood = new ArrayList<>();
            for (int i = 0; i < 40 && carrier.written.isEmpty(); i++) {
                ByteBuf data = bytes(1 << 20);
                carrier.events.received(data, 0);
                data.release();
                flood.add(data);
            }
        });
        assertThat(carrier.written).containsExactly("close");
        Await.until("the end is heard", () -> heard.events.stream().anyMatch(e -> e.startsWith("closed more than")));
    }
}
