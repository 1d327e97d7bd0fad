// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.fuzz;

import io.rendr.engine.wire.Mutator;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short pass over every target, the same one in every build. {@code fuzz/run} goes on from here. */
class FuzzTest {
    @ParameterizedTest
    @ValueSource(strings = {"frames", "messages", "records", "acceptor", "dialer", "flow"})
    void whateverComesIsRefusedOrTaken(String name) {
        Fuzzing.Target target = Fuzzing.targets().get(name);
        List<byte[]> seeds = target.seeds();
        seeds.forEach(target.body());
        for (int seed = 0; seed < target.rounds(); seed++) {
            Mutator m = new Mutator(seed);
            byte[] input = m.below(20) == 0 ? m.bytes(m.below(300)) : m.spoil(seeds.get(m.below(seeds.size())));
            try {
                target.body().accept(input);
            } catch (RuntimeException | Error e) {
                throw new AssertionError(name + ", seed " + seed, e);
            }
        }
    }
}
