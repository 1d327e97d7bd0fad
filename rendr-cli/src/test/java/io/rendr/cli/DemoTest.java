// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.rendr.testkit.LeakGuard;
import java.io.PrintWriter;
import java.io.StringWriter;
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

    private static DemoStatus at(long millis) {
        return new DemoStatus(
                millis * 1_000_000, 1 << 20, 4 << 20, 25_000_000, new EchoTalk.Figures(7, 0, 0, 0), List.of(), 1, 12);
    }

    @Test
    void plainViewPrintsOneLineASecondAtMostAndLosesNoEvent() {
        StringWriter out = new StringWriter();
        PlainView view = new PlainView(new PrintWriter(out));
        for (int i = 0; i <= 10; i++) {
            view.event(i, "event" + i);
            view.show(at(i * 200));
        }
        assertThat(out.toString().lines()).hasSize(3);
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
        assertThat(first).contains("[#######", "black hole on a").doesNotContain("\033[" + lines + "F");
        view.show(at(200));
        assertThat(out.toString().substring(first.length())).startsWith("\033[" + lines + "F");
    }
}
