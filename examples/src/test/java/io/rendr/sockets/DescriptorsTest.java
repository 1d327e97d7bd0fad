// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process whose descriptors run out: flows go on, dials fail with the reason, accepting pauses and goes on. */
@EnabledOnOs(OS.LINUX)
class DescriptorsTest {
    private static final int DESCRIPTORS = 256;

    @TempDir
    Path dir;

    private Process process;
    private BufferedReader said;

    /**
     * The class path in jars, which stay open: a class in a directory could not be read without a descriptor. Without the
     * logger of the tests, so that Netty takes the one of the JDK, which opens a file when it first says something.
     */
    private String jars() throws IOException {
        List<String> jars = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (entry.contains("logback")) {
                continue;
            }
            Path path = Path.of(entry);
            jars.add(Files.isDirectory(path) ? jar(path, jars.size()).toString() : entry);
        }
        return String.join(File.pathSeparator, jars);
    }

    private Path jar(Path classes, int number) throws IOException {
        Path jar = dir.resolve(number + ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            files.filter(Files::isRegularFile).forEach(file -> {
                try {
                    out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                    out.write(Files.readAllBytes(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return jar;
    }

    private String tell(String order) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((order + "\n").getBytes(StandardCharsets.US_ASCII));
        in.flush();
        return hear();
    }

    private String hear() throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith("> ")) {
                return line.substring(2);
            }
        }
        throw new AssertionError("the process has ended: " + Files.readString(dir.resolve("stderr")));
    }

    private static void echo(StreamConn conn) throws IOException {
        ByteBuffer got = ByteBuffer.allocate(1);
        conn.write(ByteBuffer.wrap(new byte[] {42}));
        assertThat(conn.read(got)).isEqualTo(1);
    }

    @Test
    void flowsGoOnAndAcceptingResumes() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -n " + DESCRIPTORS + " && exec \"$0\" -XX:-MaxFDLimit -cp \"$1\" "
                                + FewDescriptors.class.getName(),
                        java,
                        jars())
                .redirectError(dir.resolve("stderr").toFile())
                .start();
        said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        try (Rendr here = Rendr.create();
                Acceptor acceptor = here.listen("tcp://127.0.0.1:0")) {
            String endpoint = hear();
            String back = acceptor.endpoints().get(0).toUri();
            try (StreamConn before = here.dial(endpoint)) {
                echo(before);
                assertThat(tell("dial " + back)).isEqualTo("dialed");
                assertThat(tell("pauses")).isEqualTo("pauses 0");

                assertThat(tell("fill")).matches("filled \\d+").isNotEqualTo("filled 0");
                assertThat(tell("dial " + back))
                        .contains("DialException")
                        .contains("EXHAUSTED")
                        .containsIgnoringCase("too many open files");
                CompletableFuture<StreamConn> waits = here.dialer(
                                b -> b.path(endpoint).dialTimeout(Duration.ofMinutes(1)))
                        .dialAsync();
                Await.until("accepting pauses", () -> pauses() > 0);
                echo(before);
                assertThat(waits).isNotDone();

                assertThat(tell("free")).startsWith("freed ");
                try (StreamConn after = waits.get(60, SECONDS)) {
                    echo(after);
                    echo(before);
                }
                assertThat(tell("dial " + back)).isEqualTo("dialed");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private int pauses() {
        try {
            return Integer.parseInt(tell("pauses").split(" ")[1]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
