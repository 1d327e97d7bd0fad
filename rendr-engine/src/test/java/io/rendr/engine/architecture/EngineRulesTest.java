// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A rule that never fails holds nothing: each is tried on classes that break it and on classes that keep it. */
class EngineRulesTest {
    private static final String FIXTURE = "io.rendr.engine.architecture.fixture";
    private static final Pattern CLASS = Pattern.compile(Pattern.quote(FIXTURE) + "\\.(\\w+\\.\\w+)");
    private static final JavaClasses CLASSES = new ClassFileImporter().importPackages(FIXTURE);

    private final EngineRules rules = new EngineRules(FIXTURE);

    @Test
    void findsPackagesWithoutAPlace() {
        assertThat(offenders(rules.everyPackageHasAPlace())).containsExactly("stray.Stray");
    }

    @Test
    void findsDependenciesThatPointUp() {
        assertThat(offenders(rules.dependenciesPointDown())).containsExactly("net.UsesConn", "wire.UsesFlow");
    }

    @Test
    void findsImpureTypes() {
        assertThat(offenders(rules.pureCoreUsesOnlyPureTypes()))
                .containsExactly(
                        "flow.StartsThread",
                        "flow.UsesChannel",
                        "flow.UsesExecutor",
                        "flow.UsesLock",
                        "flow.UsesSocket");
    }

    @Test
    void findsClocksEntropyAndParking() {
        assertThat(offenders(rules.pureCoreReadsNoClockAndNoEntropy()))
                .containsExactly(
                        "flow.MakesRandom",
                        "flow.MakesUuid",
                        "flow.ReadsClock",
                        "flow.ReadsInstant",
                        "flow.RollsDice",
                        "keys.MakesSecureRandom",
                        "memory.TakesCondition");
    }

    private static Set<String> offenders(ArchRule rule) {
        Set<String> found = new TreeSet<>();
        for (String line : rule.evaluate(CLASSES).getFailureReport().getDetails()) {
            var m = CLASS.matcher(line);
            assertThat(m.find()).as(line).isTrue();
            found.add(m.group(1));
        }
        return found;
    }
}
