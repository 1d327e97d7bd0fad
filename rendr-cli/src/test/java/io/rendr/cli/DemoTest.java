// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.rendr.PacketCounters;
import io.rendr.testkit.LeakGuard;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakGuard.class)
class DemoTest {
    @Test
    void survivesEveryFaultAndSaysSo() throws Exception {
        Cli demo = Cli.run("demo", "--bytes", "16MiB", "--rate", "400mbit", "--json");
        assertThat(demo.status()).as(demo.out() + demo.err()).isZero();
        List<String> lines = demo.outLines();
        Map<String, Object> said = JSON.std.mapFrom(lines.get(lines.size() - 1));
        assertThat(said).containsEntry("name", "demo").containsEntry("ok", true);
        Map<?, ?> figures = (Map<?, ?>) said.get("figures");
        assertThat(figures.get("sha256Equal")).isEqualTo(true);
        assertThat(((Number) figures.get("bytes")).longValue()).isGreaterThanOrEqualTo(16 << 20);
        assertThat(figures.get("echoErrors")).isEqualTo(0);
        Map<?, ?> packets = (Map<?, ?>) figures.get("packets");
        assertThat((Integer) packets.get("sent")).isPositive().isEqualTo(packets.get("back"));
        assertThat(packets.get("twice")).isEqualTo(0);
        assertThat(packets.get("wrong")).isEqualTo(0);
        assertThat(packets.get("expired")).isEqualTo(0);
        assertThat((Integer) packets.get("repaired"))
                .as("a black hole swallows some")
                .isPositive();
        assertThat((List<?>) figures.get("faults"))
                .hasSize(DemoSettings.ALL_FAULTS.size() + 1)
                .allSatisfy(
                        fault -> assertThat(((Map<?, ?>) fault).get("proven")).isEqualTo(true));
        assertThat((Integer) figures.get("migrations")).isGreaterThanOrEqualTo(DemoSettings.ALL_FAULTS.size());
    }

    @Test
    void aProblemMakesItFail() {
        Demo.Result good = new Demo.Result(Map.of(), List.of());
        Demo.Result bad = new Demo.Result(Map.of(), List.of("the receiver did not get what was sent"));
        assertThat(good.ok()).isTrue();
        assertThat(bad.ok()).isFalse();
    }

    @Test
    void everyPacketHasToComeBackOnceAndWhole() {
        assertThat(problems(packets(100, 100, 0, 0, 0))).isEmpty();
        assertThat(problems(packets(0, 0, 0, 0, 0))).hasSize(1);
        assertThat(problems(packets(100, 99, 0, 0, 0))).containsExactly("1 of 100 packets did not come back");
        assertThat(problems(packets(100, 100, 1, 0, 0))).hasSize(1);
        assertThat(problems(packets(100, 100, 0, 1, 0))).hasSize(1);
        assertThat(problems(packets(100, 100, 0, 0, 1))).containsExactly("1 packets were given up");
    }

    private static List<String> problems(PacketTalk.Figures packets) {
        List<String> problems = new ArrayList<>();
        Demo.judge(packets, problems);
        return problems;
    }

    private static PacketTalk.Figures packets(long sent, long back, long twice, long wrong, long expired) {
        return new PacketTalk.Figures(
                sent, back, twice, wrong, 5_000_000, new PacketCounters(sent, 11, expired, back, 3, 0));
    }

    private static DemoStatus at(long millis) {
        return new DemoStatus(
                millis * 1_000_000,
                1 << 20,
                4 << 20,
                25_000_000,
                new EchoTalk.Figures(7, 0, 0, 0),
                packets(200, 190, 0, 0, 0),
                List.of(),
                1,
                12);
    }

    @Test
    void plainViewPrintsOneLineASecondAtMostAndLosesNoEvent() {
        StringWriter out = new StringWriter();
        PlainView view = new PlainView(new PrintWriter(out));
        for (int i = 0; i <= 10; i++) {
            view.event(i, "event" + i);
            view.show(at(i * 200));
        }
        assertThat(out.toString().lines())
                .hasSize(3)
                .allMatch(line -> line.contains("packets 190 of 200 (repaired 11, expired 0, duplicates 3)"));
        for (int i = 0; i <= 10; i++) {
            assertThat(out.toString()).containsOnlyOnce("event" + i + (i == 1 ? ";" : ""));
        }
    }

    @Test
    void liveViewDrawsOverWhatItDrew() {
        StringWriter out = new StringWriter();
        LiveView view = new LiveView(new PrintWriter(out));
        view.event(0, "black hole on a");
        view.show(at(0));
        String first = out.toString();
        long lines = first.lines().count();
        assertThat(first)
                .contains(
                        "[#######",
                        "black hole on a",
                        "200 sent, 190 delivered and back",
                        "11 repaired, 0 expired, 3 dup")
                .doesNotContain("\033[" + lines + "F");
        view.show(at(200));
        assertThat(out.toString().substring(first.length())).startsWith("\033[" + lines + "F");
    }
}
