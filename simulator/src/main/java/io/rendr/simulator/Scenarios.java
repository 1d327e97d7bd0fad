// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import java.util.ArrayList;
import java.util.List;

/** All named scenarios: for each rule a world in which it is missed. */
final class Scenarios {
    private Scenarios() {}

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        all.addAll(ByteScenarios.all());
        all.addAll(PacketScenarios.all());
        all.addAll(DatagramScenarios.all());
        all.addAll(SilenceScenarios.all());
        all.addAll(SlowLinkScenarios.all());
        all.addAll(DialScenarios.all());
        all.addAll(SteeringScenarios.all());
        all.addAll(TreeScenarios.all());
        all.addAll(EndingScenarios.all());
        all.addAll(GroupScenarios.all());
        all.addAll(AttackScenarios.all());
        return all;
    }

    /**
     * @throws IllegalArgumentException if there is none of this name
     */
    static Scenario find(String name) {
        return all().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException("there is no scenario '" + name + "'"));
    }

    /** What a scenario comes to, as texts; for a {@link MutationGate} whose classes are others. */
    static String[] tell(String name, boolean log) {
        return find(name)
                .outcome(new EventLog(log ? System.out::println : null))
                .tell();
    }
}
