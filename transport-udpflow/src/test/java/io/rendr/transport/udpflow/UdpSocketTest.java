// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.rendr.CloseReason;
import io.rendr.CloseReason.Kind;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A socket over a kernel that is played: full when it should be, and failing as it should. */
@ExtendWith(LeakGuard.class)
class UdpSocketTest {

    private static final InetSocketAddress TO = new InetSocketAddress("127.0.0.1", 9);

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final Kernel kernel = new Kernel();
    private final Owner owner = new Owner();
    private UdpSocket socket;
    private int told;

    /** Keeps what is written until it is told what becomes of it. */
    private static final class Kernel extends ChannelOutboundHandlerAdapter {
        private record Call(Object message, ChannelPromise promise) {}

        final Queue<Call> calls = new ArrayDeque<>();

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            calls.add(new Call(message, promise));
        }

        void take(int count) {
            for (int i = 0; i < count; i++) {
                Call call = calls.remove();
                ReferenceCountUtil.release(call.message);
                call.promise.setSuccess();
            }
        }

        void fail(Throwable cause) {
            Call call = calls.remove();
            ReferenceCountUtil.release(call.message);
            call.promise.setFailure(cause);
        }
    }

    private static final class Owner implements UdpSocket.Owner {
        final List<String> heard = new ArrayList<>();
        final CompletableFuture<CloseReason> ended = new CompletableFuture<>();
        RuntimeException thrown;

        @Override
        public void received(ByteBuf datagram, InetSocketAddress source) {
            datagram.release();
            heard.add("received");
        }

        @Override
        public void readComplete() {
            heard.add("readComplete");
        }

        @Override
        public void writable() {
            heard.add("writable");
            if (thrown != null) {
                throw thrown;
            }
        }

        @Override
        public void dropped(int datagrams) {
            heard.add("dropped " + datagrams);
        }

        @Override
        public void ended(UdpSocket socket, CloseReason why) {
            ended.complete(why);
        }
    }

    @BeforeEach
    void open() throws Exception {
        ChannelFuture bound = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(io.netty.channel.Channel channel) {
                        channel.pipeline().addLast(kernel);
                    }
                })
                .bind("127.0.0.1", 0)
                .sync();
        socket = on(() -> UdpSocket.on((DatagramChannel) bound.channel(), true, owner));
        on(socket::start);
        settle();
    }

    @AfterEach
    void close() throws Exception {
        on(() -> {
            kernel.take(kernel.calls.size());
            socket.close(CloseReason.of(Kind.LOCAL, "the end"));
        });
        Await.result(owner.ended);
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private <T> T on(Callable<T> body) {
        CompletableFuture<T> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                int before = owner.heard.size();
                T result = body.call();
                assertThat(owner.heard).as("heard from inside a call").hasSize(before);
                done.complete(result);
            } catch (Throwable t) {
                done.completeExceptionally(t);
            }
        });
        return Await.result(done);
    }

    private void on(Runnable body) {
        on(() -> {
            body.run();
            return true;
        });
    }

    /** What was to be told later has been told. */
    private List<String> settle() {
        on(() -> {});
        on(() -> {});
        List<String> now = on(() -> List.copyOf(owner.heard));
        List<String> fresh = now.subList(told, now.size());
        told = now.size();
        return fresh;
    }

    private void write(int bytes, int segmentSize) {
        socket.write(Unpooled.directBuffer(Math.max(bytes, 1)).writeZero(bytes), segmentSize, TO);
    }

    @Test
    void aWriterThatHadNoCreditIsWokenOnceHalfOfItIsBack() {
        on(() -> {
            write(UdpSocket.CREDIT, 1);
            assertThat(socket.credit()).isZero();
            assertThat(socket.queued()).isEqualTo(UdpSocket.CREDIT);
            assertThat(kernel.calls).hasSize(4);
            kernel.take(1);
            assertThat(socket.credit()).isEqualTo(64);
        });
        assertThat(settle()).isEmpty();
        on(() -> kernel.take(1));
        assertThat(settle()).containsExactly("writable");
        on(() -> kernel.take(2));
        assertThat(settle()).isEmpty();
        on(() -> {
            assertThat(socket.queued()).isZero();
            assertThat(socket.credit()).isEqualTo(UdpSocket.CREDIT);
        });
    }

    @Test
    void bytesCountToo() {
        on(() -> {
            for (int i = 0; i < 16; i++) {
                assertThat(socket.credit()).isPositive();
                write(65_507, 65_507);
            }
            write(200, 200);
            assertThat(socket.credit()).isEqualTo(UdpSocket.CREDIT - 17);
            write(1 << 14, 1 << 14);
            assertThat(socket.credit()).isZero();
            kernel.take(12);
        });
        assertThat(settle()).containsExactly("writable");
    }

    @Test
    void aBatchIsNoLongerThanADatagramMayBe() {
        on(() -> {
            write(100 * 1400 + 7, 1400);
            assertThat(kernel.calls.stream()
                            .map(call -> ((SegmentedDatagramPacket) call.message)
                                    .content()
                                    .readableBytes()))
                    .containsExactly(46 * 1400, 46 * 1400, 8 * 1400 + 7);
            assertThat(socket.credit()).isEqualTo(UdpSocket.CREDIT - 101);
        });
    }

    @Test
    void anErrorCostsItsDatagramsOnly() {
        on(() -> {
            write(10, 10);
            write(30, 10);
            write(25, 10);
            kernel.fail(new IOException("Network is unreachable"));
            kernel.fail(Errors.newIOException("sendmmsg", -105));
            kernel.take(1);
        });
        assertThat(settle()).containsExactly("dropped 4");
        on(() -> {
            assertThat(socket.credit()).isEqualTo(UdpSocket.CREDIT);
            assertThat(socket.maxSegments()).isEqualTo(UdpSocket.MAX_SEGMENTS);
        });
        assertThat(owner.ended).isNotDone();
    }

    @Test
    void anInterfaceThatRefusesSegmentsGetsThemOneByOne() {
        assumeTrue(Epoll.isAvailable(), "errors with a number come from epoll, which is not here");
        on(() -> {
            write(30, 10);
            kernel.fail(Errors.newIOException("sendmmsg", -5));
        });
        assertThat(settle()).containsExactly("dropped 3");
        on(() -> {
            assertThat(socket.maxSegments()).isEqualTo(1);
            write(25, 10);
            assertThat(kernel.calls).hasSize(3);
        });
    }

    @Test
    void aSegmentSizeOfNothingIsRefusedAndTheBufferReleased() {
        ByteBuf data = Unpooled.directBuffer(1).writeZero(1);
        on(() -> {
            assertThatThrownBy(() -> socket.write(data, 0, TO)).isInstanceOf(IllegalArgumentException.class);
            assertThat(data.refCnt()).isZero();
        });
    }

    @Test
    void anOwnerThatThrowsEndsTheSocket() {
        owner.thrown = new IllegalStateException("a mistake");
        on(socket::wake);
        assertThat(Await.result(owner.ended).cause()).isSameAs(owner.thrown);
    }
}
