// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How groups hand their feed down, alone and nested in any way. */
class GroupsOnFeedsTest {
    private static final long MS = 1_000_000;

    /** Every path takes 10 ms and 1,000 bytes a second, unless a test says otherwise. */
    private static final class FakePaths implements Paths {
        private final Set<Integer> unusable = new HashSet<>();
        private final Map<Integer, Long> etas = new HashMap<>();
        private final Map<Integer, Double> rates = new HashMap<>();
        private final Map<Integer, Long> overdue = new HashMap<>();

        @Override
        public boolean isUsable(int pathId) {
            return !unusable.contains(pathId);
        }

        @Override
        public long eta(int pathId) {
            return etas.getOrDefault(pathId, 10 * MS);
        }

        @Override
        public double rate(int pathId) {
            return rates.getOrDefault(pathId, 1_000.0);
        }

        @Override
        public long rtt(int pathId) {
            return 10 * MS;
        }

        @Override
        public long overdue(int pathId) {
            return overdue.getOrDefault(pathId, 0L);
        }

        @Override
        public long recentMinRtt(int pathId) {
            return 10 * MS;
        }
    }

    /** A policy that the engine does not have: the children take turns, each with so many bytes as its weight says. */
    private static final class Weighted extends Group {
        private final Map<Node, Integer> weights = new HashMap<>();
        private final Map<Node, Long> taken = new HashMap<>();

        Weighted(Paths paths, Map<Node, Integer> children) {
            super("weighted", paths, List.copyOf(children.keySet()));
            weights.putAll(children);
        }

        private double share(Node child) {
            return taken.getOrDefault(child, 0L) / (double) weights.getOrDefault(child, 1);
        }

        @Override
        public boolean next(int pathId, Feed feed, int max, Range out) {
            Node mine = childOf(pathId);
            boolean turn = mine != null && children().stream().allMatch(other -> share(mine) <= share(other));
            if (!turn || !mine.next(pathId, feed, max, out)) {
                return false;
            }
            taken.merge(mine, out.end() - out.start(), Long::sum);
            return true;
        }

        @Override
        public double capacity(long nanos) {
            return children().stream()
                    .mapToDouble(child -> child.capacity(nanos))
                    .sum();
        }
    }

    private final AckedSpace space = new AckedSpace();
    private final FakePaths paths = new FakePaths();
    private final Cursor feed = new Cursor(space);
    private final Range range = new Range();

    private Leaf leaf(int pathId) {
        return new Leaf("p" + pathId, pathId, false, paths);
    }

    private Race race(Node... children) {
        return new Race("race", paths, space, List.of(children));
    }

    private Bond bond(Node... children) {
        return new Bond("bond", paths, List.of(children), 3);
    }

    private String next(Node root, int pathId, int max) {
        return root.next(pathId, feed, max, range) ? range.start() + ".." + range.end() : "nothing";
    }

    @BeforeEach
    void write() {
        space.end = 1000;
    }

    // ---- bond

    @Test
    void aBondSendsEveryByteOnce() {
        Node root = bond(leaf(0), leaf(1));
        assertThat(next(root, 0, 600)).isEqualTo("0..600");
        assertThat(next(root, 1, 300)).isEqualTo("600..900");
        feed.giveBack(0, 600, ResendCause.DEATH);
        assertThat(next(root, 1, 1000)).isEqualTo("0..600");
        assertThat(next(root, 1, 1000)).isEqualTo("900..1000");
        assertThat(next(root, 1, 1000)).isEqualTo("nothing");
    }

    @Test
    void aSlowChildOfABondTakesOnlyWhatTheFastOneCouldNotBringSooner() {
        Node root = bond(leaf(0), leaf(1));
        paths.etas.put(1, 510 * MS);
        assertThat(next(root, 1, 100)).as("500 bytes of 1000 come sooner").isEqualTo("0..100");
        assertThat(next(root, 0, 400)).isEqualTo("100..500");
        assertThat(next(root, 1, 100)).as("all 500 that are left come sooner").isEqualTo("nothing");
        paths.unusable.add(0);
        assertThat(next(root, 1, 100)).as("the fast one is suspect").isEqualTo("500..600");
        assertThat(next(root, 0, 100)).isEqualTo("nothing");
    }

    @Test
    void aStuckChildOfABondIsPassedOverAndCountedOnce() {
        Bond root = bond(leaf(0), leaf(1));
        paths.overdue.put(1, 31 * MS);
        assertThat(next(root, 1, 100)).isEqualTo("nothing");
        assertThat(next(root, 1, 100)).isEqualTo("nothing");
        assertThat(root.stuckSkips()).isEqualTo(1);
        assertThat(next(root, 0, 100)).isEqualTo("0..100");
        paths.overdue.put(1, 30 * MS);
        assertThat(next(root, 1, 100)).isEqualTo("100..200");
        paths.overdue.put(1, 31 * MS);
        paths.unusable.add(0);
        assertThat(next(root, 1, 100)).as("there is no other").isEqualTo("200..300");
        paths.unusable.clear();
        assertThat(next(root, 1, 100)).isEqualTo("nothing");
        assertThat(root.stuckSkips()).isEqualTo(2);
    }

    // ---- race

    @Test
    void aRaceLetsTheFastGoAheadAndTheSlowSkipWhatArrived() {
        Node root = race(leaf(0), leaf(1));
        assertThat(next(root, 0, 400)).isEqualTo("0..400");
        assertThat(range.cause()).isNull();
        assertThat(next(root, 0, 400)).isEqualTo("400..800");
        assertThat(next(root, 1, 100)).isEqualTo("0..100");
        assertThat(range.cause()).isEqualTo(ResendCause.RACE);
        space.acked.add(0, 700);
        assertThat(next(root, 1, 400)).isEqualTo("700..800");
        assertThat(next(root, 1, 400)).isEqualTo("800..1000");
        assertThat(next(root, 0, 400)).isEqualTo("800..1000");
        assertThat(next(root, 0, 400)).isEqualTo("nothing");
        assertThat(next(root, 1, 400)).isEqualTo("nothing");
    }

    @Test
    void whatWaitsForAChildIsNotLostWhileThatOneIsUsableAndIsGivenBackWhenItIsNot() {
        Node root = race(leaf(0), leaf(1));
        next(root, 0, 400);
        RangeSet lost = new RangeSet();
        lost.add(0, 500);
        root.subtractWaiting(lost);
        assertThat(lost).hasToString("{400..500}");
        root.release(lost, false);
        assertThat(lost).hasToString("{400..500}");
        paths.unusable.add(1);
        lost.add(0, 400);
        root.subtractWaiting(lost);
        assertThat(lost.bytes()).isEqualTo(500);
        lost.clear();
        root.release(lost, false);
        assertThat(lost).hasToString("{0..400}");
        paths.unusable.clear();
        assertThat(next(root, 1, 100)).as("it begins with what is new").isEqualTo("400..500");
    }

    @Test
    void nothingIsKeptForAChildThatCannotTakeIt() {
        Node root = race(leaf(0), leaf(1));
        paths.unusable.add(1);
        next(root, 0, 400);
        paths.unusable.clear();
        assertThat(next(root, 1, 400)).isEqualTo("400..800");
    }

    // ---- selector

    @Test
    void aSelectorFeedsOnlyItsActiveChild() {
        Selector selector = new Selector("s", paths, List.of(leaf(0), leaf(1)), null, 0);
        assertThat(next(selector, 0, 100)).isEqualTo("nothing");
        assertThat(selector.feeds(0)).isFalse();
        selector.select(selector.children().get(0));
        assertThat(selector.feeds(0)).isTrue();
        assertThat(selector.feeds(1)).isFalse();
        assertThat(next(selector, 1, 100)).isEqualTo("nothing");
        assertThat(next(selector, 0, 100)).isEqualTo("0..100");
        selector.select(selector.children().get(1));
        assertThat(next(selector, 0, 100)).isEqualTo("nothing");
        assertThat(next(selector, 1, 100)).isEqualTo("100..200");
        feed.giveBack(0, 100, ResendCause.DEATH);
        assertThat(next(selector, 1, 200)).isEqualTo("0..100");
        selector.remove(1);
        assertThat(next(selector, 1, 100)).isEqualTo("nothing");
    }

    // ---- trees

    @Test
    void groupsNest() {
        Leaf two = leaf(2);
        Selector select = new Selector("pick", paths, List.of(leaf(1), two), null, 0);
        select.select(two);
        Node root = race(leaf(0), bond(select, leaf(3)));
        assertThat(next(root, 0, 1000)).isEqualTo("0..1000");
        assertThat(next(root, 1, 100)).isEqualTo("nothing");
        assertThat(next(root, 2, 100)).isEqualTo("0..100");
        assertThat(next(root, 3, 100)).isEqualTo("100..200");
        feed.giveBack(0, 100, ResendCause.DEATH);
        select.select(select.children().get(0));
        assertThat(next(root, 1, 1000)).as("its share of the race").isEqualTo("200..1000");
        assertThat(next(root, 1, 1000)).as("what was lost").isEqualTo("0..100");
        assertThat(next(root, 0, 1000)).as("is raced again").isEqualTo("0..100");
        assertThat(root.feeds(0) && root.feeds(1) && root.feeds(3)).isTrue();
        assertThat(root.feeds(2)).isFalse();
    }

    @Test
    void aGroupIsRepresentedByAUsablePath() {
        Selector select = new Selector("pick", paths, List.of(race(leaf(0), leaf(1)), leaf(2)), null, 0);
        assertThat(select.face()).isZero();
        paths.unusable.add(0);
        assertThat(select.face()).isEqualTo(1);
        paths.unusable.add(1);
        assertThat(select.face()).isEqualTo(2);
        select.select(select.children().get(0));
        assertThat(select.face()).as("what it has chosen").isZero();
    }

    @Test
    void aGroupWithoutAUsablePathIsRepresentedByOneThatHasACarrier() {
        Node both = bond(leaf(0), leaf(1), leaf(2));
        paths.unusable.addAll(List.of(0, 1, 2));
        paths.etas.put(0, Long.MAX_VALUE);
        assertThat(both.face()).isEqualTo(1);
        paths.etas.put(1, Long.MAX_VALUE);
        paths.etas.put(2, Long.MAX_VALUE);
        assertThat(both.face()).isZero();
    }

    @Test
    void aBondWhoseFastestChildIsStuckIsNotStuckItself() {
        Node root = bond(leaf(0), leaf(1));
        paths.etas.put(0, 50 * MS);
        paths.rates.put(1, 1e9);
        assertThat(next(root, 0, 100)).as("the other brings all of it sooner").isEqualTo("nothing");
        paths.overdue.put(1, 500 * MS);
        assertThat(next(root, 0, 100)).isEqualTo("0..100");
    }

    @Test
    void aGroupThatIsEmptyGoesWithItsLastPath() {
        Selector select = new Selector("pick", paths, List.of(race(bond(leaf(0))), leaf(2)), null, 0);
        select.select(select.children().get(0));
        select.remove(0);
        assertThat(select.children()).extracting(Node::name).containsExactly("p2");
        assertThat(select.active()).isNull();
        assertThat(next(select, 2, 100)).isEqualTo("nothing");
    }

    @Test
    void aFurtherPolicyIsOneClass() {
        Node heavy = leaf(0);
        Node light = race(leaf(1), leaf(2));
        Node root = new Weighted(paths, Map.of(heavy, 3, light, 1));
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            for (int path = 0; path <= 2; path++) {
                String what = next(root, path, 100);
                if (!"nothing".equals(what)) {
                    taken.add(path + ": " + what);
                }
            }
        }
        assertThat(taken)
                .containsExactly(
                        "0: 0..100", "1: 100..200", "0: 200..300", "0: 300..400", "1: 400..500", "0: 500..600");
    }
}
