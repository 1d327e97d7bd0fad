// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.ResendCause;
import io.rendr.engine.memory.RangeSet;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The feeds carry other groups than the selector, nested in any way: each is one small class, and neither the feeds nor
 * the other nodes know of it.
 */
class GroupsOnFeedsTest {
    /** All children draw from one feed: every byte goes one way, and more goes where there is more room. */
    private record Sharing(String name, List<Node> children) implements Node {
        @Override
        public boolean contains(int pathId) {
            return children.stream().anyMatch(child -> child.contains(pathId));
        }

        @Override
        public boolean feeds(int pathId) {
            return children.stream().anyMatch(child -> child.feeds(pathId));
        }

        @Override
        public boolean next(int pathId, Feed feed, int max, Range out) {
            return children.stream().anyMatch(child -> child.contains(pathId) && child.next(pathId, feed, max, out));
        }
    }

    /** Every child gets every byte: whoever is first draws from the feed, and leaves a copy for each of the others. */
    private static final class Copying implements Node {
        private final List<Node> children;
        private final List<Feed> copies = new ArrayList<>();

        Copying(ByteSpace space, Node... children) {
            this.children = List.of(children);
            for (int i = 0; i < children.length; i++) {
                copies.add(new Feed(new CopiedOnly(space)));
            }
        }

        @Override
        public String name() {
            return "copying";
        }

        @Override
        public boolean contains(int pathId) {
            return children.stream().anyMatch(child -> child.contains(pathId));
        }

        @Override
        public boolean feeds(int pathId) {
            return children.stream().anyMatch(child -> child.feeds(pathId));
        }

        private int childOf(int pathId) {
            for (int i = 0; i < children.size(); i++) {
                if (children.get(i).contains(pathId)) {
                    return i;
                }
            }
            throw new IllegalArgumentException("path " + pathId);
        }

        @Override
        public boolean next(int pathId, Feed feed, int max, Range out) {
            int mine = childOf(pathId);
            Node child = children.get(mine);
            if (child.next(pathId, copies.get(mine), max, out)) {
                return true;
            }
            if (!child.next(pathId, feed, max, out)) {
                return false;
            }
            for (int i = 0; i < copies.size(); i++) {
                if (i != mine) {
                    copies.get(i).giveBack(out.start(), out.end(), ResendCause.RESCUE);
                }
            }
            return true;
        }

        @Override
        public void giveBack(int pathId, Feed feed, long start, long end, ResendCause cause) {
            int mine = childOf(pathId);
            children.get(mine).giveBack(pathId, copies.get(mine), start, end, cause);
        }
    }

    /** A space of bytes in which nothing is new: only what was put into the feed comes out of it. */
    private record CopiedOnly(ByteSpace space) implements ByteSpace {
        @Override
        public long firstUnacked(long from) {
            return space.firstUnacked(from);
        }

        @Override
        public long firstAcked(long from) {
            return space.firstAcked(from);
        }

        @Override
        public long sendableEnd() {
            return 0;
        }
    }

    private final RangeSet acked = new RangeSet();
    private final ByteSpace space = new ByteSpace() {
        @Override
        public long firstUnacked(long from) {
            return acked.firstAbsent(from);
        }

        @Override
        public long firstAcked(long from) {
            return acked.firstPresent(from);
        }

        @Override
        public long sendableEnd() {
            return 1000;
        }
    };
    private final Feed feed = new Feed(space);
    private final Range range = new Range();

    private static Leaf leaf(int pathId) {
        return new Leaf("p" + pathId, pathId, false);
    }

    private String next(Node root, int pathId, int max) {
        return root.next(pathId, feed, max, range) ? range.start() + ".." + range.end() : "nothing";
    }

    @Test
    void aGroupThatSharesSendsEveryByteOnce() {
        Node root = new Sharing("bond", List.of(leaf(0), leaf(1)));
        assertThat(next(root, 0, 600)).isEqualTo("0..600");
        assertThat(next(root, 1, 300)).isEqualTo("600..900");
        root.giveBack(0, feed, 0, 600, ResendCause.DEATH);
        assertThat(next(root, 1, 1000)).isEqualTo("0..600");
        assertThat(next(root, 1, 1000)).isEqualTo("900..1000");
        assertThat(next(root, 1, 1000)).isEqualTo("nothing");
    }

    @Test
    void aGroupThatCopiesLetsTheFastGoAheadAndTheSlowSkipWhatArrived() {
        Node root = new Copying(space, leaf(0), leaf(1));
        assertThat(next(root, 0, 400)).isEqualTo("0..400");
        assertThat(next(root, 0, 400)).isEqualTo("400..800");
        assertThat(next(root, 1, 100)).isEqualTo("0..100");
        acked.add(0, 700);
        assertThat(next(root, 1, 400)).isEqualTo("700..800");
        assertThat(next(root, 1, 400)).isEqualTo("800..1000");
        assertThat(next(root, 0, 400)).isEqualTo("800..1000");
        assertThat(next(root, 0, 400)).isEqualTo("nothing");
        assertThat(next(root, 1, 400)).isEqualTo("nothing");
    }

    @Test
    void groupsNest() {
        Selector select = new Selector("pick", List.of(leaf(1), leaf(2)), null);
        select.select(2);
        Node root = new Copying(space, leaf(0), new Sharing("bond", List.of(select, leaf(3))));
        assertThat(next(root, 0, 1000)).isEqualTo("0..1000");
        assertThat(next(root, 1, 100)).isEqualTo("nothing");
        assertThat(next(root, 2, 100)).isEqualTo("0..100");
        assertThat(next(root, 3, 100)).isEqualTo("100..200");
        root.giveBack(2, feed, 0, 100, ResendCause.DEATH);
        select.select(1);
        assertThat(next(root, 1, 100)).isEqualTo("0..100");
        assertThat(next(root, 1, 1000)).isEqualTo("200..1000");
        assertThat(next(root, 0, 1000)).isEqualTo("nothing");
    }
}
