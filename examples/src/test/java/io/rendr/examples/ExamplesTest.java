// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakGuard.class)
class ExamplesTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = System.out;
    private final InputStream in = System.in;

    @TempDir
    Path dir;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(printed, true, UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(out);
        System.setIn(in);
    }

    private List<String> lines() {
        return printed.toString(UTF_8).lines().toList();
    }

    @Test
    void hello() throws Exception {
        Hello.main(new String[0]);
        assertThat(lines()).containsExactly("hello, whichever path this takes");
    }

    @Test
    void pathChanges() throws Exception {
        PathChanges.main(new String[0]);
        assertThat(lines())
                .contains(
                        "all is well: still there?",
                        "without wifi: still there?",
                        "after a reset of mobile: still there?",
                        "after a moment without any path: still there?")
                .anyMatch(line -> line.startsWith("closed: "))
                .anyMatch(line -> line.startsWith("moved from ") && line.endsWith(": DEATH"))
                .anyMatch(line -> line.matches("path (wifi|mobile) is (SUSPECT|DOWN)"));
    }

    @Test
    void adminSurface() throws Exception {
        AdminSurface.main(new String[0]);
        assertThat(lines())
                .containsSubsequence(
                        "a path added: ACTIVE, 0 moves, 0 bytes sent",
                        "  0 first ACTIVE <==",
                        "  1 second STANDBY",
                        "moved: ACTIVE, 1 moves, 1 bytes sent",
                        "  0 first STANDBY",
                        "  1 second ACTIVE <==",
                        "a path removed: ACTIVE, 1 moves, 2 bytes sent")
                .contains("told: moved to path 1, EXPLICIT");
    }

    @Test
    void sendFile() throws Exception {
        byte[] content = new byte[5_000_001];
        new Random(3).nextBytes(content);
        Path from = Files.write(dir.resolve("from"), content);
        Path to = dir.resolve("to");
        SendFile.main(new String[] {from.toString(), to.toString()});
        assertThat(lines()).containsExactly("sent 5000001 bytes");
        assertThat(Files.readAllBytes(to)).isEqualTo(content);
    }

    @Test
    void echoServer() throws Exception {
        PipedOutputStream typed = new PipedOutputStream();
        System.setIn(new PipedInputStream(typed));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            CompletableFuture<Void> server = CompletableFuture.runAsync(
                    () -> {
                        try {
                            EchoServer.main(new String[0]);
                        } catch (Exception e) {
                            throw new AssertionError(e);
                        }
                    },
                    threads);
            Await.until("it serves", () -> !lines().isEmpty());
            try (Rendr rendr = Rendr.create();
                    StreamConn conn = rendr.dial(lines().get(0).substring("serving ".length()))) {
                conn.outputStream().write("is this an echo?".getBytes(UTF_8));
                conn.shutdownOutput();
                assertThat(new String(conn.inputStream().readAllBytes(), UTF_8)).isEqualTo("is this an echo?");
            }
            typed.close();
            Await.result(server);
            assertThat(lines()).last().asString().startsWith("stopping with ");
        } finally {
            threads.shutdownNow();
        }
    }
}
