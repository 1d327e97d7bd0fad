// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every rule is missed when it is taken out of the engine. */
class MutantsTest {
    private static final Path SOURCES = Path.of("..", "rendr-engine", "src", "main", "java");

    private static final String SHUT = "        flow.sender().shut();";

    @BeforeAll
    static void countBuffersHere() {
        Quiet.leakDetector();
    }

    @Test
    void everyMutantIsKilledForItsReason() throws Exception {
        List<String> told = new ArrayList<>();
        List<Mutant> mutants = Mutant.all(Path.of("mutants"));

        List<MutationGate.Judgement> judgements = new MutationGate(SOURCES, false, line -> {}).judge(mutants, 2);

        judgements.stream()
                .filter(judgement -> judgement.fate() != MutationGate.Fate.KILLED)
                .forEach(judgement -> told.add(judgement.toString()));
        assertThat(told).as("see one with: simulator/run --mutants NAME --log").isEmpty();
        assertThat(MutationGate.unguarded(mutants)).as("rules without a mutant").isEmpty();
    }

    @Test
    void aPatchThatChangesNothingSurvives() throws Exception {
        Mutant idle = Mutant.parse("idle", patch("the other direction", SHUT, SHUT + " // as before"));

        assertThat(judge(idle).fate()).isEqualTo(MutationGate.Fate.SURVIVED);
    }

    @Test
    void aPatchThatFailsForAnotherReasonIsNotTakenForAKill() throws Exception {
        Mutant elsewhere = Mutant.parse("elsewhere", patch("the weather", SHUT, "throw new IllegalStateException();"));

        assertThat(judge(elsewhere).fate()).isEqualTo(MutationGate.Fate.BROKEN);
    }

    @Test
    void aPatchWhoseLinesAreGoneSaysSo() {
        Mutant lost = Mutant.parse("lost", patch("x", "no such line", "anything"));

        assertThatThrownBy(() -> lost.apply(SOURCES)).hasMessageContaining("not there any more");
    }

    private static MutationGate.Judgement judge(Mutant mutant) throws InterruptedException {
        return new MutationGate(SOURCES, false, line -> {})
                .judge(List.of(mutant), 1)
                .get(0);
    }

    private static List<String> patch(String because, String before, String after) {
        return List.of(
                "# rule: HALF_CLOSE",
                "# killer: half-close",
                "# because: " + because,
                "--- a/io/rendr/engine/flow/Closing.java",
                "+++ b/io/rendr/engine/flow/Closing.java",
                "@@ -1,1 +1,1 @@",
                "-" + before,
                "+" + after);
    }
}
