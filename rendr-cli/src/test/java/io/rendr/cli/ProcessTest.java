// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as processes of its own: two JVMs, a key between them, and signals. */
class ProcessTest {
    private static final int TERMINATED = 128 + 15;

    @TempDir
    Path dir;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process rendr(String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command)
                .redirectError(Files.createTempFile(dir, "stderr", null).toFile())
                .start();
        started.add(process);
        return process;
    }

    /** What follows the prefix in the line that has it. */
    private static String after(Process process, String prefix) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(prefix)) {
                return line.substring(prefix.length());
            }
        }
        throw new AssertionError("no line '" + prefix + "'");
    }

    @Test
    void twoProcessesWithAKeyCarryAConnectionAndStopOnASignal() throws Exception {
        Path key = dir.resolve("rendr.key");
        assertThat(Cli.run("keygen", "--out", key.toString()).status()).isZero();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String to = "127.0.0.1:" + server.getLocalPort();
            Process accept =
                    rendr("accept", "--endpoint", "tcp://127.0.0.1:0", "--to", to, "--psk-file", key.toString());
            String endpoint = after(accept, "accepting ");
            Process forward =
                    rendr("forward", "--listen", "127.0.0.1:0", "--path", endpoint, "--psk-file", key.toString());
            String[] listening = after(forward, "listening on ").split(":");
            try (Socket client = new Socket(listening[0], Integer.parseInt(listening[1]))) {
                client.getOutputStream().write('q');
                try (Socket connection = server.accept()) {
                    assertThat(connection.getInputStream().read()).isEqualTo('q');
                    connection.getOutputStream().write('r');
                    assertThat(client.getInputStream().read()).isEqualTo('r');
                }
                assertThat(client.getInputStream().read()).isEqualTo(-1);
            }
            assertStopsOnASignal(forward);
            assertStopsOnASignal(accept);
        }
    }

    private static void assertStopsOnASignal(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(TERMINATED);
    }

    @Test
    void twoProcessesCarryDatagramsAndStopOnASignal() throws Exception {
        Path key = dir.resolve("rendr.key");
        assertThat(Cli.run("keygen", "--out", key.toString()).status()).isZero();
        UdpEcho server = UdpEcho.start();
        try (DatagramSocket client = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            String to = HostPort.text(server.address());
            Process accept = rendr(
                    "accept", "--udp", "--endpoint", "udpflow://127.0.0.1:0", "--to", to, "--psk-file", key.toString());
            Process forward = rendr(
                    "forward",
                    "--udp",
                    "--repair-ttl=5s",
                    "--listen",
                    "127.0.0.1:0",
                    "--path",
                    after(accept, "accepting "),
                    "--psk-file",
                    key.toString());
            client.connect(HostPort.resolve(new HostPort().convert(after(forward, "listening on "))));
            client.setSoTimeout(30_000);
            byte[] question = new byte[1_400]; // the default of --max-packet
            new Random(7).nextBytes(question);
            client.send(new DatagramPacket(question, question.length));
            DatagramPacket answer = new DatagramPacket(new byte[2_000], 2_000);
            client.receive(answer);
            assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(question);
            assertStopsOnASignal(forward);
            assertStopsOnASignal(accept);
        } finally {
            server.close();
        }
    }

    @Test
    void withoutTheKeyNothingPasses() throws Exception {
        Path key = dir.resolve("rendr.key");
        assertThat(Cli.run("keygen", "--out", key.toString()).status()).isZero();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String to = "127.0.0.1:" + server.getLocalPort();
            Process accept =
                    rendr("accept", "--endpoint", "tcp://127.0.0.1:0", "--to", to, "--psk-file", key.toString());
            Process forward = rendr("forward", "--listen", "127.0.0.1:0", "--path", after(accept, "accepting "));
            String[] listening = after(forward, "listening on ").split(":");
            try (Socket client = new Socket(listening[0], Integer.parseInt(listening[1]))) {
                assertThat(endOf(client)).isEqualTo("reset");
            }
        }
    }

    private static String endOf(Socket client) {
        try {
            return client.getInputStream().read() < 0 ? "end" : "data";
        } catch (IOException e) {
            return "reset";
        }
    }
}
