// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The handler alone, on a channel without a network. What needs one is in {@link LoopbackTest}. */
class ChannelCarrierTest {
    private static final CloseReason LOCAL = CloseReason.of(Kind.LOCAL, "test");

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final StreamCarrier carrier = Carriers.ofChannel(channel, CarrierTraits.STREAM);
    private final Lab.Ear ear = new Lab.Ear();

    private static ByteBuf bytes(int n) {
        return Unpooled.directBuffer(n).writeZero(n);
    }

    @Test
    void gathersUnlessAHandlerSeesWhatItWrites() {
        assertThat(carrier.gathers()).isTrue();
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter());
        assertThat(carrier.gathers()).isFalse();
        channel.finishAndReleaseAll();
    }

    @Test
    void readsNothingBeforeItIsStarted() {
        assertThat(channel.config().isAutoRead()).isFalse();
        carrier.start(ear);
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThatThrownBy(() -> carrier.start(ear))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("twice");
        channel.finishAndReleaseAll();
    }

    @Test
    void handsOverEachReadAndTellsTheEndOfTheBatchOnce() {
        carrier.start(ear);
        channel.writeInbound(bytes(3), bytes(4));
        assertThat(ear.reads).isEqualTo(2);
        assertThat(ear.bytes).isEqualTo(7);
        assertThat(ear.batches).isEqualTo(1);
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void keepsWhatComesEarlyForTheStart() {
        channel.writeInbound(bytes(3), bytes(4));
        channel.close();
        carrier.start(ear);
        assertThat(ear.reads).isZero();
        channel.runPendingTasks();
        assertThat(ear.bytes).isEqualTo(7);
        assertThat(ear.batches).isEqualTo(1);
        assertThat(ear.ends).isEqualTo(1);
        assertThat(ear.closed.join().kind()).isEqualTo(Kind.PEER_CLOSED);
        assertThat(ear.afterEnd).isFalse();
    }

    @Test
    void deliversWhatCameEarlyBeforeAnythingElse() {
        channel.writeInbound(bytes(3), bytes(4));
        carrier.start(ear);
        assertThat(ear.reads).as("not from inside start").isZero();
        channel.writeInbound(bytes(5));
        assertThat(ear.bytes).isEqualTo(12);
        assertThat(ear.batches).isPositive();
        channel.finishAndReleaseAll();
    }

    @Test
    void creditIsTheRoomBelowTheHighWaterMark() {
        carrier.start(ear);
        int whole = carrier.credit();
        assertThat(whole).isBetween(Carriers.HIGH_WATER_MARK, Carriers.HIGH_WATER_MARK + 1);

        carrier.write(bytes(100_000));
        assertThat(carrier.credit()).isBetween(whole - 101_000, whole - 100_000);
        assertThat(carrier.queued()).isBetween(100_000L, 101_000L);
        carrier.write(bytes(carrier.credit()));
        assertThat(carrier.credit()).isZero();
        assertThat(channel.outboundMessages()).isEmpty();

        carrier.flush();
        assertThat(channel.outboundMessages()).hasSize(2);
        assertThat(carrier.credit()).isEqualTo(whole);
        assertThat(carrier.queued()).isZero();
        assertThat(ear.wakes).as("flush's caller looks itself").isZero();
        channel.finishAndReleaseAll();
    }

    @Test
    void wakesAWriterThatHasUsedUpItsCredit() {
        List<ChannelHandlerContext> stuck = new ArrayList<>();
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void flush(ChannelHandlerContext ctx) {
                stuck.add(ctx); // as if the kernel took nothing
            }
        });
        carrier.start(ear);
        carrier.write(bytes(carrier.credit()));
        carrier.flush();
        assertThat(carrier.credit()).isZero();
        assertThat(ear.wakes).isZero();

        stuck.get(0).flush();
        assertThat(ear.wakes).isEqualTo(1);
        assertThat(carrier.credit()).isPositive();
        channel.finishAndReleaseAll();
    }

    @Test
    void dropsAndReleasesWhatIsQueuedWhenItIsClosed() {
        carrier.start(ear);
        ByteBuf queued = bytes(10);
        carrier.write(queued);
        carrier.close(LOCAL);
        carrier.close(CloseReason.of(Kind.TIMEOUT, "later"));
        channel.runPendingTasks();

        assertThat(queued.refCnt()).isZero();
        assertThat(ear.ends).isEqualTo(1);
        assertThat(ear.closed.join()).isSameAs(LOCAL);
        assertThat(carrier.credit()).isZero();
        assertThat(carrier.queued()).isZero();
        ByteBuf late = bytes(10);
        carrier.write(late);
        carrier.flush();
        assertThat(late.refCnt()).isZero();
    }

    @Test
    void hearsOfAnEndBeforeTheStart() {
        carrier.close(LOCAL);
        carrier.start(ear);
        channel.runPendingTasks();
        assertThat(ear.closed.join()).isSameAs(LOCAL);
        assertThat(ear.ends).isEqualTo(1);
    }

    @Test
    void hearsOfAChannelThatWasOverBeforeItBecameACarrier() {
        EmbeddedChannel over = new EmbeddedChannel();
        over.close();
        StreamCarrier late = Carriers.ofChannel(over, CarrierTraits.STREAM);
        late.start(ear);
        over.runPendingTasks();
        assertThat(ear.closed.join().kind()).isEqualTo(Kind.PEER_CLOSED);
    }

    @Test
    void anExceptionInThePipelineIsItsEnd() {
        carrier.start(ear);
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        channel.runPendingTasks();
        assertThat(ear.closed.join().kind()).isEqualTo(Kind.RESET);
        assertThat(ear.ends).isEqualTo(1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aFailedWriteIsItsEnd() {
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ((ByteBuf) message).release();
                promise.setFailure(new IOException("Broken pipe"));
            }
        });
        carrier.start(ear);
        carrier.write(bytes(1));
        channel.runPendingTasks();
        assertThat(ear.closed.join().kind()).isEqualTo(Kind.RESET);
    }

    @Test
    void aListenerThatThrowsEndsIt() {
        carrier.start(new Lab.Ear() {
            @Override
            public void received(ByteBuf data, int segmentSize) {
                super.received(data, segmentSize);
                throw new IllegalStateException("bug");
            }

            @Override
            public void closed(CloseReason why) {
                ear.closed(why);
            }
        });
        channel.writeInbound(bytes(1));
        channel.runPendingTasks();
        assertThat(ear.closed.join().kind()).isEqualTo(Kind.ERROR);
        assertThat(ear.closed.join().cause()).hasMessage("bug");
    }

    @Test
    void anythingButBytesIsAMistakeInThePipeline() {
        carrier.start(ear);
        channel.writeInbound("text");
        channel.runPendingTasks();
        assertThat(ear.closed.join().detail()).contains("java.lang.String instead of a ByteBuf");
    }

    @Test
    void hearsNothingAfterItWasClosedFromInsideACallback() {
        carrier.start(new Lab.Ear() {
            @Override
            public void received(ByteBuf data, int segmentSize) {
                ear.received(data, segmentSize);
                carrier.close(LOCAL);
                assertThat(ear.ends).as("not from inside close").isZero();
            }

            @Override
            public void readComplete() {
                ear.readComplete();
            }

            @Override
            public void closed(CloseReason why) {
                ear.closed(why);
            }
        });
        channel.pipeline().fireChannelRead(bytes(1)).fireChannelRead(bytes(1)).fireChannelReadComplete();
        channel.runPendingTasks();
        assertThat(ear.reads).isEqualTo(1);
        assertThat(ear.batches).isZero();
        assertThat(ear.ends).isEqualTo(1);
    }

    @Test
    void tellsWhatItIs() {
        assertThat(carrier.traits()).isEqualTo(CarrierTraits.STREAM);
        assertThat(carrier.eventLoop()).isSameAs(channel.eventLoop());
        assertThat(carrier.remoteAddress()).isEqualTo(channel.remoteAddress());
        assertThat(carrier.ability(RttSource.class)).isEmpty();
        channel.finishAndReleaseAll();
    }
}
