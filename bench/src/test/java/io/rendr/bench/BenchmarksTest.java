// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.codec.quic.Quic;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each benchmark at its smallest: it runs to its end, and what it measured is there. How much it is depends on the machine. */
class BenchmarksTest {
    @Test
    void bulk() throws Exception {
        assumeTrue(Epoll.isAvailable(), "the baseline is Netty on epoll");
        Map<String, Object> figures = figures("bulk", "--rounds", "1", "--seconds", "0.3", "--warm-up", "0.3");
        for (String kind : List.of("raw", "unsealed", "tls", "sealed")) {
            assertThat(number(figures, kind, "megabytesPerSecond", "median"))
                    .as(kind)
                    .isPositive();
            assertThat(number(figures, kind, "cpuSecondsPerGigabyte", "median"))
                    .as(kind)
                    .isPositive();
        }
        assertThat(number(figures, "unsealedOverRaw", "median")).isPositive();
        assertThat(number(figures, "sealedOverTls", "median")).isPositive();
    }

    @Test
    void rtt() throws Exception {
        assumeTrue(Epoll.isAvailable(), "the far end also serves the baseline of bulk");
        Map<String, Object> figures = figures("rtt", "--rounds", "1", "--seconds", "0.1", "--warm-up", "0.1");
        for (String kind :
                List.of("blocking 64", "unsealed 64", "sealed 64", "blocking 1024", "unsealed 1024", "sealed 1024")) {
            assertThat(number(figures, kind, "p50Micros", "median")).as(kind).isPositive();
            assertThat(number(figures, kind, "overBlocking", "median")).as(kind).isPositive();
        }
    }

    @Test
    void gap() throws Exception {
        Map<String, Object> figures = figures("gap", "--flows", "1", "--rate", "10");
        assertThat(figures.get("allMoved")).isEqualTo(true);
        assertThat(number(figures, "gapMillis", "max")).isPositive();
    }

    @Test
    void idle() throws Exception {
        assumeTrue(Epoll.isAvailable(), "the far end also serves the baseline of bulk");
        Map<String, Object> figures = figures("idle", "--flows", "130", "--rest", "0.1", "--seconds", "0.1");
        assertThat(number(figures, "liveFlows")).isEqualTo(130);
        assertThat(figures).containsKeys("dialingBytesPerFlow", "acceptingBytesPerFlow", "probesPerSecond");
    }

    @Test
    void alloc() throws Exception {
        Map<String, Object> figures = figures("alloc", "--seconds", "0.3", "--warm-up", "0.3");
        assertThat(number(figures, "unsealed", "frames")).isPositive();
        assertThat(number(figures, "sealed", "frames")).isPositive();
        assertThat(number(figures, "sealed", "bytesPerFrame")).isPositive();
    }

    @Test
    @SuppressWarnings("unchecked")
    void udp() throws Exception {
        Map<String, Object> figures = figures(
                "udp",
                "--rounds=1",
                "--search=0.1",
                "--seconds=0.2",
                "--warm-up=0.2",
                "--start=2000",
                "--rates=2000,3000");
        List<?> rates = (List<?>) figures.get("at");
        assertThat(rates).hasSize(2);
        for (Object at : rates) {
            Map<String, Object> one = (Map<String, Object>) at;
            for (String kind : List.of("netty", "rendr")) {
                assertThat(number(one, kind, "p95Micros", "median")).as(kind).isPositive();
                assertThat(number(one, kind, "cpuMicrosPerPacket", "median"))
                        .as(kind)
                        .isPositive();
            }
            assertThat(number(one, "p95OverNetty", "median")).isPositive();
        }
    }

    @Test
    void quic() throws Exception {
        assumeTrue(Quic.isAvailable(), "no native library of QUIC here");
        Map<String, Object> figures =
                figures("quic", "--rounds", "1", "--seconds", "1", "--warm-up", "1", "--connections", "1,2", "--short");
        for (String count : List.of("connections1", "connections2")) {
            for (String kind : List.of("raw", "rendr")) {
                assertThat(number(figures, count, kind, "megabytesPerSecond", "median"))
                        .as(kind)
                        .isPositive();
                assertThat(number(figures, count, kind, "cpuSecondsPerGigabyte", "median"))
                        .as(kind)
                        .isPositive();
            }
            assertThat(number(figures, count, "rendrOverRaw", "median")).isPositive();
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void quicDatagram() throws Exception {
        assumeTrue(Quic.isAvailable(), "no native library of QUIC here");
        Map<String, Object> figures = figures(
                "quic-datagram",
                "--rounds=1",
                "--search=0.1",
                "--seconds=0.2",
                "--warm-up=0.2",
                "--start=2000",
                "--connections=1,2");
        for (String count : List.of("connections1", "connections2")) {
            Map<String, Object> row = (Map<String, Object>) figures.get(count);
            assertThat(row).containsKey("heldOverRaw");
            Map<String, Object> at = ((List<Map<String, Object>>) row.get("at")).get(0);
            for (String kind : List.of("raw", "rendr")) {
                assertThat(number(row, "packetsPerSecondWithoutLoss", kind, "median"))
                        .as(kind)
                        .isNotNegative();
                assertThat(number(at, kind, "p95Micros", "median")).as(kind).isPositive();
                assertThat(number(at, kind, "cpuMicrosPerPacket", "median"))
                        .as(kind)
                        .isPositive();
            }
            assertThat(number(at, "p95OverRaw", "median")).isPositive();
        }
    }

    /** Runs a benchmark as a person would; its verdict is of no interest here. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> figures(String name, String... options) throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        int status;
        try {
            String[] args = new String[options.length + 2];
            args[0] = name;
            System.arraycopy(options, 0, args, 1, options.length);
            args[args.length - 1] = "--json";
            status = Main.commandLine().execute(args);
        } finally {
            System.setOut(console);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).isNotEmpty();
        Map<String, Object> result = JSON.std.mapFrom(lines.get(lines.size() - 1));
        assertThat(result).containsEntry("name", name).containsEntry("ok", status == 0);
        return (Map<String, Object>) result.get("figures");
    }

    private static double number(Map<String, Object> figures, String... path) {
        Object at = figures;
        for (String key : path) {
            at = ((Map<?, ?>) at).get(key);
            assertThat(at).as(String.join(".", path)).isNotNull();
        }
        return ((Number) at).doubleValue();
    }
}
