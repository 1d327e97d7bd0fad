// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every named scenario. */
class ScenariosTest {
    @BeforeAll
    static void countBuffersHere() {
        Quiet.leakDetector();
    }

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Scenarios.all().stream()
                .map(scenario -> DynamicTest.dynamicTest(
                        scenario.name(),
                        () -> assertThat(scenario.run(new EventLog(null)))
                                .as(scenario.rule() + ": " + scenario.rule().text())
                                .isNull()));
    }
}
