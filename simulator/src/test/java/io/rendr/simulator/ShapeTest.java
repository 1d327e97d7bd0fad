// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.PathSpec;
import io.rendr.Target;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShapeTest {
    private static List<Target.Path> paths(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Target.Path("p" + i, PathSpec.of("sim", "link" + i)))
                .toList();
    }

    @Test
    void theShapeOfTheScenariosIsWhatTheySay() {
        Target main = Shape.of(Shape.BOND_OR_THIRD, paths(3), null);
        assertThat(main).isInstanceOf(Target.Selector.class);
        assertThat(main.children().get(0)).isInstanceOf(Target.Bond.class);
        assertThat(main.children().get(0).children()).extracting(Target::name).containsExactly("p1", "p2");
        assertThat(main.children().get(1).name()).isEqualTo("p3");
    }

    @Test
    void shapesAreTreesOfAllKindsThatHoldEveryPathOnceInOrder() {
        Set<String> kinds = new HashSet<>();
        for (int seed = 0; seed < 2_000; seed++) {
            Target tree = Shape.of(seed, paths(4), null);
            tree.check();
            assertThat(tree.leaves()).extracting(Target::name).containsExactly("p1", "p2", "p3", "p4");
            for (Target child : tree.children()) {
                kinds.add(tree.getClass().getSimpleName() + " of "
                        + child.getClass().getSimpleName());
            }
        }
        assertThat(kinds).hasSize(12);
    }
}
