// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.rendr.FlowAbortedException;
import io.rendr.Rendr;
import io.rendr.spi.FlowPort;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class FlowPortTest {
    private static final int PIECE = 100_000;

    private Pair pair;
    private FlowPort port;

    @BeforeEach
    void open() throws IOException {
        pair = Pair.open();
        port = pair.client.unwrap(FlowPort.class).orElseThrow();
    }

    @AfterEach
    void close() {
        pair.close();
    }

    /** What the flow told, and whether it was told on the loop and outside the port's own methods. */
    private final class Heard implements FlowPort.Listener {
        private final StringBuffer told = new StringBuffer();
        private final CompletableFuture<String> closed = new CompletableFuture<>();
        private boolean inside;

        private void tell(char what) {
            told.append(port.eventLoop().inEventLoop() && !inside ? what : '!');
        }

        @Override
        public void readable() {
            tell('r');
        }

        @Override
        public void writable() {
            tell('w');
        }

        @Override
        public void closed(@Nullable Throwable failure) {
            tell('c');
            closed.complete(String.valueOf(failure));
        }

        long count(char what) {
            return told.chars().filter(c -> c == what).count();
        }
    }

    private final Heard heard = new Heard();

    /** Does something to the port, on its loop. */
    private <T> T onLoop(Callable<T> body) throws Exception {
        try {
            return port.eventLoop()
                    .submit(() -> {
                        heard.inside = true;
                        try {
                            return body.call();
                        } finally {
                            heard.inside = false;
                        }
                    })
                    .get(10, SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void start() throws Exception {
        onLoop(() -> {
            port.start(heard);
            return null;
        });
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    @Test
    void bytesGoBothWaysAndEachEndHearsOfTheOthersEnd() throws Exception {
        assertThat(pair.client.unwrap(FlowPort.class)).containsSame(port);
        assertThat(port.flowId()).isEqualTo(pair.client.flowId());
        pair.server.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
        start();
        Await.until("the bytes are told", () -> heard.count('r') > 0);
        ByteBuf some = onLoop(() -> port.read(2));
        ByteBuf rest = onLoop(() -> port.read(1000));
        assertThat(some.toString(UTF_8) + "|" + rest.toString(UTF_8)).isEqualTo("he|llo");
        assertThat(onLoop(() -> port.read(1000))).isNull();
        some.release();
        rest.release();

        onLoop(() -> {
            assertThat(port.credit()).isPositive();
            port.write(text("how are "));
            port.write(text("you"));
            port.flush();
            port.shutdownOutput();
            return null;
        });
        assertThat(pair.server.inputStream().readAllBytes()).asString(UTF_8).isEqualTo("how are you");
        assertThatThrownBy(() -> onLoop(() -> {
                    port.write(text("too late"));
                    return null;
                }))
                .isInstanceOf(ClosedChannelException.class);

        long before = heard.count('r');
        CompletableFuture<Void> finished = pair.server.finish().toCompletableFuture();
        Await.until("the end is told", () -> heard.count('r') > before);
        assertThat(onLoop(() -> port.read(1000))).isNull();
        assertThat(finished).isNotDone(); // the adapter has not seen it yet
        assertThat(onLoop(port::isAtEnd)).isTrue();
        Await.result(finished);
        assertThat(Await.result(heard.closed)).isEqualTo("null");
        assertThat(heard.told.toString()).doesNotContain("!").endsWith("c");
    }

    @Test
    void aWriterOutOfCreditIsToldWhenThereIsRoomAgainAndNothingBeyondIsLost() throws Exception {
        start();
        int total = onLoop(() -> {
            int written = 0;
            while (port.credit() > 0) {
                port.write(Unpooled.buffer(PIECE).writeZero(PIECE));
                written += PIECE;
            }
            port.write(Unpooled.buffer(PIECE).writeZero(PIECE - 1).writeByte(7)); // beyond
            port.flush();
            return written + PIECE;
        });
        port.eventLoop().submit(() -> {}).get(10, SECONDS);
        assertThat(onLoop(port::credit)).isZero();
        onLoop(() -> {
            port.shutdownOutput(); // after what is kept
            return null;
        });
        byte[] all = pair.server.inputStream().readAllBytes();
        assertThat(all).hasSize(total);
        assertThat(all[total - 1]).isEqualTo((byte) 7);
        Await.until("room is told", () -> heard.count('w') > 0);
        assertThat(heard.told.toString()).doesNotContain("!");
    }

    @Test
    void bytesThatAreKeptHoldTheirMemoryAndThePeersCreditAndOutliveTheConnection() throws Exception {
        start();
        FutureTask<Void> writer = new FutureTask<>(() -> {
            byte[] block = new byte[PIECE];
            new Random(5).nextBytes(block);
            while (true) {
                pair.server.write(ByteBuffer.wrap(block));
            }
        });
        Thread thread = new Thread(writer, "writer");
        thread.start();
        List<ByteBuf> kept = new ArrayList<>();
        long bytes = 0;
        while (bytes < 1 << 20) {
            ByteBuf next = onLoop(() -> port.read(PIECE));
            if (next != null) {
                kept.add(next);
                bytes += next.readableBytes();
            } else {
                Thread.onSpinWait();
            }
        }
        assertThat(pair.here.status().bufferedBytes()).isGreaterThanOrEqualTo(bytes);
        byte[] expected = new byte[PIECE];
        new Random(5).nextBytes(expected);
        pair.client.abort(3);
        pair.server.closed().toCompletableFuture().get(10, SECONDS);
        pair.server.close();
        thread.join();
        Await.result(heard.closed);
        Await.until(
                () -> "the flow is gone " + pair.here.status(),
                () -> pair.here.status().flows() == 0);
        assertThat(pair.here.status().bufferedBytes()).isGreaterThanOrEqualTo(bytes);
        int at = 0;
        for (ByteBuf each : kept) {
            while (each.isReadable()) {
                assertThat(each.readByte()).isEqualTo(expected[at++ % PIECE]);
            }
            each.release();
        }
        assertThat(pair.here.status().bufferedBytes()).isZero();
    }

    @Test
    void whatArrivedBeforeAFailureCanBeReadAfterIt() throws Exception {
        pair.server.write(ByteBuffer.wrap("last words".getBytes(UTF_8)));
        start();
        Await.until("they have arrived", () -> heard.count('r') > 0);
        pair.server.abort(9);
        assertThat(Await.result(heard.closed)).contains(FlowAbortedException.class.getSimpleName(), "code 9");
        ByteBuf last = onLoop(() -> port.read(1000));
        assertThat(last.toString(UTF_8)).isEqualTo("last words");
        last.release();
        assertThatThrownBy(() -> onLoop(() -> {
                    port.write(text("?"));
                    return null;
                }))
                .isInstanceOf(FlowAbortedException.class);
        pair.client.close();
        assertThat(onLoop(() -> port.read(1000))).isNull();
    }

    @Test
    void whenThePeerReadsNoMoreTheWriterIsWokenAndToldWhy() throws Exception {
        start();
        onLoop(() -> {
            while (port.credit() > 0) {
                port.write(Unpooled.buffer(PIECE).writeZero(PIECE));
            }
            port.write(Unpooled.buffer(PIECE).writeZero(PIECE));
            port.flush();
            return null;
        });
        long before = heard.count('w');
        pair.server.shutdownInput();
        Await.until("the writer is woken", () -> heard.count('w') > before);
        assertThatThrownBy(() -> onLoop(() -> {
                    port.write(text("?"));
                    return null;
                }))
                .isInstanceOfSatisfying(
                        FlowAbortedException.class, e -> assertThat(e.code()).isEqualTo(FlowAbortedException.CLOSED));
    }

    @Test
    void aPortThatIsMisusedSaysSo() throws Exception {
        assertThatThrownBy(() -> port.credit())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("eventLoop().execute");
        start();
        assertThatThrownBy(this::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("once");
    }

    @Test
    void aListenerOfAFlowThatIsOverHearsThatAtOnce() throws Exception {
        pair.client.abort(2);
        pair.client.closed().toCompletableFuture().get(10, SECONDS);
        start();
        assertThat(Await.result(heard.closed)).contains("code 2");
    }

    // ---- a Netty channel on it

    @ChannelHandler.Sharable
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object bytes) {
            ctx.write(bytes);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(done -> ((FlowChannel) ctx.channel()).shutdownOutput());
            }
        }
    }

    @Test
    void aNettyPipelineEchoesMegabytesOverAFlow() throws Exception {
        FlowChannel channel = new FlowChannel(pair.server);
        channel.pipeline().addLast(new Echo());
        ChannelFuture registered = channel.flowLoop().register(channel);
        assertThat(registered.await(10, SECONDS) && registered.isSuccess()).isTrue();
        TransferTest.exchangeWithEcho(pair.client, 32 << 20);
        assertThat(channel.closeFuture().await(10, SECONDS)).isTrue();
    }

    @Test
    void closingTheNettyChannelClosesTheFlow() throws Exception {
        FlowChannel channel = new FlowChannel(pair.server);
        channel.flowLoop().register(channel).await(10, SECONDS);
        pair.client.write(ByteBuffer.allocate(10_000));
        channel.close().await(10, SECONDS);
        assertThat(pair.client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        pair.client.close();
        pair.server.closed().toCompletableFuture().get(10, SECONDS);
    }

    @Test
    void aPortOfARuntimeThatClosesLeavesNothing() throws Exception {
        try (Rendr other = Pair.runtime()) {
            var conn =
                    other.dialer(b -> b.path(pair.acceptor.endpoints().get(0))).dial();
            FlowPort of = conn.unwrap(FlowPort.class).orElseThrow();
            of.eventLoop()
                    .submit(() -> {
                        of.start(heard);
                        while (of.credit() > 0) {
                            of.write(Unpooled.directBuffer(PIECE).writeZero(PIECE));
                        }
                        of.write(Unpooled.directBuffer(PIECE).writeZero(PIECE));
                        return null;
                    })
                    .get(10, SECONDS);
            conn.abort(1);
        }
        Await.result(heard.closed);
    }
}
