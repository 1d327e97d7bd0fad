// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.QualityPolicy;
import io.rendr.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a policy tree joins its paths, in one number: 0 is a selector over all, -1 one that duplicates, 1 a race and 2 a bond of
 * all; any other is the seed of a tree.
 */
final class Shape {
    static final int SELECTOR = 0;

    /** A selector that duplicates a twentieth. */
    static final int DIAL = -1;

    static final int RACE = 1;
    static final int BOND = 2;

    /** A selector of a bond of the first two, and the third; found by trying, see {@code ShapeTest}. */
    static final int BOND_OR_THIRD = 85;

    private final SplittableRandom random;
    private final @Nullable QualityPolicy quality;
    private int groups;

    private Shape(int seed, @Nullable QualityPolicy quality) {
        this.random = new SplittableRandom(seed);
        this.quality = quality;
    }

    /**
     * @param quality of every selector in it; null if they are not armed
     */
    static Target of(int shape, List<Target.Path> paths, @Nullable QualityPolicy quality) {
        Shape maker = new Shape(shape, quality);
        return switch (shape) {
            case DIAL -> new Target.Selector("main", List.copyOf(paths), quality, 0.05);
            case SELECTOR, RACE, BOND -> maker.group(shape, List.copyOf(paths));
            default -> maker.tree(List.copyOf(paths), Target.MAX_DEPTH);
        };
    }

    /** Whether there is a race in it, for all that is known without making it. */
    static boolean mayRace(int shape) {
        return shape > BOND || shape == RACE;
    }

    private Target group(int kind, List<Target> children) {
        String name = groups == 0 ? "main" : "g" + groups;
        groups++;
        return switch (kind) {
            case RACE -> new Target.Race(name, children);
            case BOND -> new Target.Bond(name, children, Target.Bond.DEFAULT_STUCK_RTT_MULTIPLIER);
            default -> new Target.Selector(name, children, quality, 0);
        };
    }

    /** Groups of consecutive children, so that the order of preference is that of the paths. */
    private Target tree(List<Target> nodes, int depth) {
        List<Target> children = new ArrayList<>(nodes);
        int joins = depth > 2 ? random.nextInt(1 + nodes.size() / 2 + 1) : 0;
        for (int i = 0; i < joins && children.size() > 1; i++) {
            int from = random.nextInt(children.size() - 1);
            int to = from + 1 + random.nextInt(children.size() - from);
            List<Target> joined = List.copyOf(children.subList(from, to));
            if (joined.stream().allMatch(Target.Path.class::isInstance)) {
                children.subList(from, to).clear();
                children.add(from, tree(joined, depth - 1));
            }
        }
        return group(random.nextInt(3), children);
    }
}
