// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedules that failed once, each made as small as it gets; what was wrong stands in its first line. */
class PinnedTest {
    @BeforeAll
    static void countBuffersHere() {
        Quiet.leakDetector();
    }

    static List<Path> schedules() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("schedules"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void staysFine(Path file) throws IOException {
        Schedule schedule = ScheduleText.read(Files.readString(file));

        Verdict verdict = new Simulation(schedule, new EventLog(null), new Resources()).run();

        assertThat(verdict.violation())
                .as("see with: simulator/run --replay %s --log", file)
                .isNull();
    }
}
