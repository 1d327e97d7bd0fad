// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.StreamConn;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakGuard.class)
class StreamConnTest {
    private Pair pair;

    @BeforeEach
    void open() throws IOException {
        pair = Pair.open();
    }

    @AfterEach
    void close() {
        pair.close();
    }

    // ---- half close and close

    @Test
    void shutdownOutputLeavesTheOtherDirectionOpen() throws Exception {
        pair.client.outputStream().write("question".getBytes(UTF_8));
        pair.client.shutdownOutput();
        assertThat(pair.server.inputStream().readAllBytes()).asString(UTF_8).isEqualTo("question");
        assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        pair.server.outputStream().write("answer".getBytes(UTF_8));
        pair.server.shutdownOutput();
        assertThat(pair.client.inputStream().readAllBytes()).asString(UTF_8).isEqualTo("answer");
        assertThatThrownBy(() -> pair.client.write(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void finishCompletesWhenThePeerHasReadToTheEndAndNotBefore() throws Exception {
        pair.client.outputStream().write(new byte[100_000]);
        CompletableFuture<Void> finished = pair.client.finish().toCompletableFuture();
        pair.server.inputStream().readNBytes(99_999);
        assertThat(finished).isNotDone();
        assertThat(pair.server.inputStream().readAllBytes()).hasSize(1);
        finished.get(10, SECONDS);
    }

    @Test
    void finishFailsWhenThePeerLeavesBeforeItHasReadToTheEnd() throws Exception {
        pair.client.outputStream().write(new byte[100_000]);
        CompletableFuture<Void> finished = pair.client.finish().toCompletableFuture();
        pair.server.inputStream().readNBytes(99_999);
        pair.server.close();
        assertLeft(finished);
        assertLeft(pair.client.finish().toCompletableFuture());
    }

    @Test
    void finishFailsOnceThePeerHasShutItsInput() throws Exception {
        pair.server.shutdownInput();
        assertThatThrownBy(() -> writeForEver(pair.client)).isInstanceOf(FlowAbortedException.class);
        assertLeft(pair.client.finish().toCompletableFuture());
    }

    private static void assertLeft(CompletableFuture<Void> finished) {
        assertThatThrownBy(() -> finished.get(10, SECONDS))
                .cause()
                .isInstanceOfSatisfying(FlowAbortedException.class, e -> {
                    assertThat(e.code()).isEqualTo(FlowAbortedException.CLOSED);
                    assertThat(e.byPeer()).isTrue();
                });
    }

    @Test
    void whatWasWrittenBeforeCloseArrives() throws Exception {
        byte[] bytes = new byte[1_000_000];
        Arrays.fill(bytes, (byte) 7);
        FutureTask<byte[]> reader = start(() -> pair.server.inputStream().readAllBytes());
        pair.client.outputStream().write(bytes);
        pair.client.close();
        assertThat(pair.client.isOpen()).isFalse();
        assertThat(reader.get(20, SECONDS)).isEqualTo(bytes);
        pair.server.close();
        assertThat(pair.client.closed().toCompletableFuture().get(10, SECONDS).isOrderly())
                .isTrue();
    }

    @Test
    void afterCloseCallsFailAndThePeersWritesFailTyped() throws Exception {
        pair.client.close();
        pair.client.close();
        assertThatThrownBy(() -> pair.client.read(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> pair.client.write(ByteBuffer.allocate(1))).isInstanceOf(ClosedChannelException.class);
        assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThatThrownBy(() -> writeForEver(pair.server)).isInstanceOfSatisfying(FlowAbortedException.class, e -> {
            assertThat(e.code()).isEqualTo(FlowAbortedException.CLOSED);
            assertThat(e.byPeer()).isTrue();
        });
    }

    private static void writeForEver(StreamConn conn) throws IOException {
        while (true) {
            conn.write(ByteBuffer.allocate(64 * 1024));
        }
    }

    @Test
    void abortReachesThePeerWithItsCode() throws Exception {
        FutureTask<Integer> reader = start(() -> pair.server.read(ByteBuffer.allocate(1)));
        pair.client.abort(42);
        assertThatThrownBy(() -> reader.get(10, SECONDS))
                .cause()
                .isInstanceOfSatisfying(FlowAbortedException.class, e -> {
                    assertThat(e.code()).isEqualTo(42);
                    assertThat(e.byPeer()).isTrue();
                });
        CloseReason why = pair.server.closed().toCompletableFuture().get(10, SECONDS);
        assertThat(why.isOrderly()).isFalse();
    }

    @Test
    void closeEndsBlockedCalls() throws Exception {
        FutureTask<Integer> reader = start(() -> pair.client.read(ByteBuffer.allocate(1)));
        FutureTask<Integer> writer = start(() -> pair.client.write(ByteBuffer.allocate(64 << 20)));
        awaitParked(reader);
        awaitParked(writer);
        pair.client.close();
        assertThatThrownBy(() -> reader.get(10, SECONDS)).hasCauseInstanceOf(AsynchronousCloseException.class);
        assertThatThrownBy(() -> writer.get(10, SECONDS)).hasCauseInstanceOf(AsynchronousCloseException.class);
    }

    // ---- waiting

    @Test
    void aReadTimeoutLeavesTheConnectionUsable() throws Exception {
        pair.client.setReadTimeout(Duration.ofMillis(20));
        assertThatThrownBy(() -> pair.client.read(ByteBuffer.allocate(1)))
                .isInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("20 ms");
        pair.client.setReadTimeout(Duration.ZERO);
        pair.server.write(ByteBuffer.wrap(new byte[] {5}));
        ByteBuffer in = ByteBuffer.allocate(1);
        assertThat(pair.client.read(in)).isEqualTo(1);
        assertThat(in.get(0)).isEqualTo((byte) 5);
    }

    @Test
    void aWriteTimeoutTellsHowFarItCame() throws Exception {
        pair.client.setWriteTimeout(Duration.ofMillis(200));
        ByteBuffer large = ByteBuffer.allocate(64 << 20);
        assertThatThrownBy(() -> pair.client.write(large)).isInstanceOf(SocketTimeoutException.class);
        int sent = large.position();
        assertThat(sent).isPositive().isLessThan(large.capacity());
        pair.client.setWriteTimeout(Duration.ZERO);
        FutureTask<Long> reader = start(() -> drain(pair));
        pair.client.write(large);
        pair.client.shutdownOutput();
        assertThat(reader.get(60, SECONDS)).isEqualTo(64L << 20);
    }

    private static long drain(Pair pair) throws IOException {
        ByteBuffer in = ByteBuffer.allocateDirect(256 * 1024);
        long total = 0;
        for (int n = pair.server.read(in); n >= 0; n = pair.server.read(in)) {
            total += n;
            in.clear();
        }
        return total;
    }

    @Test
    void anInterruptEndsTheCallAndLeavesTheConnectionOpen() throws Exception {
        FutureTask<Integer> reader = new FutureTask<>(() -> pair.client.read(ByteBuffer.allocate(1)));
        Thread thread = new Thread(reader, "test-reader");
        thread.start();
        awaitParked(thread);
        thread.interrupt();
        assertThatThrownBy(() -> reader.get(10, SECONDS))
                .hasCauseInstanceOf(InterruptedIOException.class)
                .hasMessageContaining("still open");
        thread.join();
        assertThat(pair.client.isOpen()).isTrue();
        pair.client.write(ByteBuffer.wrap(new byte[] {1}));
        assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    @Test
    void tryReadAndTryWriteNeverWait() throws Exception {
        assertThat(pair.server.tryRead(ByteBuffer.allocate(1))).isZero();
        CompletableFuture<Void> readable = pair.server.whenReadable().toCompletableFuture();
        assertThat(readable).isNotDone();
        pair.client.write(ByteBuffer.wrap(new byte[] {9}));
        readable.get(10, SECONDS);
        assertThat(pair.server.tryRead(ByteBuffer.allocate(1))).isEqualTo(1);

        ByteBuffer chunk = ByteBuffer.allocate(64 * 1024);
        while (pair.client.tryWrite(chunk) > 0) {
            chunk.clear();
        }
        CompletableFuture<Void> writable = pair.client.whenWritable().toCompletableFuture();
        while (!writable.isDone()) {
            // The last byte may be read before the callback has run: then a read that waits would wait for ever.
            if (pair.server.tryRead(chunk.clear()) == 0) {
                Thread.onSpinWait();
            }
        }
        writable.get(10, SECONDS);
    }

    @Test
    void aWriteIsOnePieceWhateverOtherThreadsWrite() throws Exception {
        byte[] large = new byte[40 << 20];
        Arrays.fill(large, (byte) 1);
        FutureTask<Integer> first = start(() -> pair.client.write(ByteBuffer.wrap(large)));
        awaitParked(first);
        assertThat(pair.client.tryWrite(ByteBuffer.wrap(new byte[] {2}))).isZero();
        FutureTask<Integer> second = start(() -> pair.client.write(ByteBuffer.wrap(new byte[] {2, 2, 2})));
        awaitParked(second);
        byte[] got = pair.server.inputStream().readNBytes(large.length + 3);
        assertThat(first.get(60, SECONDS)).isEqualTo(large.length);
        assertThat(second.get(60, SECONDS)).isEqualTo(3);
        int ones = 0;
        while (got[ones] == 1) {
            ones++;
        }
        assertThat(ones).isEqualTo(large.length);
        assertThat(Arrays.copyOfRange(got, large.length, got.length)).containsOnly(2);
    }

    @Test
    void whatAWriteTookBeforeShutdownOutputArrives() throws Exception {
        for (int round = 0; round < 200; round++) {
            pair.close();
            pair = Pair.open();
            CountDownLatch writes = new CountDownLatch(1);
            FutureTask<Long> writer = start(() -> {
                long taken = 0;
                ByteBuffer data = ByteBuffer.allocate(1000);
                try {
                    while (true) {
                        taken += pair.client.tryWrite(data.clear());
                        writes.countDown();
                    }
                } catch (ClosedChannelException e) {
                    return taken;
                }
            });
            FutureTask<Long> reader = start(() -> drain(pair));
            assertThat(writes.await(20, SECONDS)).isTrue();
            pair.client.shutdownOutput();
            assertThat(reader.get(20, SECONDS)).isEqualTo(writer.get(20, SECONDS));
        }
    }

    @Test
    void shutdownInputMakesThePeersWritesFail() throws Exception {
        pair.server.shutdownInput();
        assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        assertThatThrownBy(() -> {
                    while (true) {
                        pair.client.write(ByteBuffer.allocate(1024));
                    }
                })
                .isInstanceOf(FlowAbortedException.class);
        pair.server.write(ByteBuffer.wrap(new byte[] {3}));
        assertThat(pair.client.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    // ---- as a channel

    @Test
    void aFileGoesThroughTransferTo(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("source");
        byte[] bytes = new byte[3_000_000];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        Files.write(file, bytes);
        FutureTask<byte[]> reader = start(() -> pair.server.inputStream().readAllBytes());
        try (FileChannel source = FileChannel.open(file)) {
            long done = 0;
            while (done < bytes.length) {
                done += source.transferTo(done, bytes.length - done, pair.client);
            }
        }
        pair.client.shutdownOutput();
        assertThat(reader.get(20, SECONDS)).isEqualTo(bytes);
    }

    @Test
    void scattersAndGathers() throws Exception {
        long sent = pair.client.write(
                new ByteBuffer[] {ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3})});
        assertThat(sent).isEqualTo(3);
        ByteBuffer first = ByteBuffer.allocate(1);
        ByteBuffer second = ByteBuffer.allocate(2);
        long got = 0;
        while (got < 3) {
            got += pair.server.read(new ByteBuffer[] {first, second});
        }
        assertThat(first.array()).containsExactly(1);
        assertThat(second.array()).containsExactly(2, 3);
    }

    // ---- helpers

    private static <T> FutureTask<T> start(java.util.concurrent.Callable<T> body) {
        Started<T> task = new Started<>(body);
        task.thread.start();
        return task;
    }

    private static final class Started<T> extends FutureTask<T> {
        final Thread thread = new Thread(this, "test-worker");

        Started(java.util.concurrent.Callable<T> body) {
            super(body);
        }
    }

    private static void awaitParked(FutureTask<?> task) throws InterruptedException {
        awaitParked(((Started<?>) task).thread);
    }

    private static void awaitParked(Thread thread) throws InterruptedException {
        while (thread.getState() != Thread.State.WAITING && thread.getState() != Thread.State.TERMINATED) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }
}
