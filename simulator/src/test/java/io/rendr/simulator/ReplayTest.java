// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A seed is a run, to the last byte. */
class ReplayTest {
    @BeforeAll
    static void countBuffersHere() {
        Quiet.leakDetector();
    }

    private static List<String> log(Schedule schedule) {
        List<String> lines = new ArrayList<>();
        new Simulation(schedule, new EventLog(lines::add), new Resources()).run();
        return lines;
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 3, 17, 24, 131})
    void theSameSeedTellsTheSameStory(long seed) {
        List<String> first = log(ScheduleGenerator.generate(seed));

        assertThat(log(ScheduleGenerator.generate(seed))).hasSizeGreaterThan(20).isEqualTo(first);
    }

    @Test
    void anotherSeedTellsAnother() {
        assertThat(log(ScheduleGenerator.generate(5))).isNotEqualTo(log(ScheduleGenerator.generate(6)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 42, 1_000_003})
    void aScheduleSurvivesItsText(long seed) {
        Schedule schedule = ScheduleGenerator.generate(seed);

        assertThat(ScheduleText.read(ScheduleText.write(schedule))).isEqualTo(schedule);
    }

    @Test
    void textThatIsNoScheduleIsRefusedByName() {
        assertThatThrownBy(() -> ScheduleText.read("fault atMs=1 forMs=2 kind=EARTHQUAKE target=1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("EARTHQUAKE");
        assertThatThrownBy(() -> ScheduleText.read("fault atMs=1")).hasMessageContaining("forMs");
        assertThatThrownBy(() -> ScheduleText.read("weather rain=yes")).hasMessageContaining("weather");
        assertThatThrownBy(() -> ScheduleText.read("# nothing")).hasMessageContaining("world");
    }
}
