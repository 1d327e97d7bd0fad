// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.rendr.MigrationCause;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The dialer's policy tree as a POLICY frame carries it.
 *
 * @param epoch rises with every change, 0 to 2^31 - 1
 * @param cause why the newest of the paths in use is, for the counters of both ends
 * @param root the tree; at most {@link #MAX_NODES} nodes and {@link #MAX_DEPTH} levels
 */
public record Policy(int epoch, MigrationCause cause, Node root) {
    public static final int MAX_NODES = 64;
    public static final int MAX_DEPTH = 4;
    public static final int MAX_NAME = 64;

    /** The numbers on the wire are the ordinals; a golden vector holds them so. */
    private static final MigrationCause[] CAUSES = MigrationCause.values();

    private static final int LEAF = 0;
    private static final int SELECTOR = 1;
    private static final int RACE = 2;
    private static final int BOND = 3;
    private static final int BACKUP = 1;
    private static final int IN_USE = 2;
    private static final int QUALITY = 1;

    /** One node: a path, or a group of further nodes. */
    public sealed interface Node {
        /** What people call it; at most {@link #MAX_NAME} bytes of UTF-8, no control characters, may be empty. */
        String name();
    }

    /**
     * A path by its id.
     *
     * @param backup whether it carries nothing while another path answers
     * @param inUse whether every selector on the way to it has chosen the child that it belongs to
     */
    public record Leaf(String name, int pathId, boolean backup, boolean inUse) implements Node {}

    /**
     * One child at a time.
     *
     * @param quality whether a better score alone may change the child; if not, the next four are 0 on the wire
     * @param hysteresisPermille how much better in thousandths, 0 to 65,535 (250 is 0.25)
     * @param floorMicros how much better at least, in microseconds
     * @param dwellMillis for how long, in milliseconds
     * @param cooldownMillis pause after a change, in milliseconds
     * @param duplicationPermille share of bytes sent on a second child too, 0 to 1,000
     */
    public record Selector(
            String name,
            boolean quality,
            int hysteresisPermille,
            int floorMicros,
            int dwellMillis,
            int cooldownMillis,
            int duplicationPermille,
            List<Node> children)
            implements Node {
        public Selector {
            children = List.copyOf(children);
        }
    }

    /** Every child carries everything. */
    public record Race(String name, List<Node> children) implements Node {
        public Race {
            children = List.copyOf(children);
        }
    }

    /**
     * The children share the bytes.
     *
     * @param stuckPermille the stuck multiplier in thousandths (3,000 is 3.0)
     */
    public record Bond(String name, int stuckPermille, List<Node> children) implements Node {
        public Bond {
            children = List.copyOf(children);
        }
    }

    void write(ByteBuf out) {
        out.writeInt(epoch).writeByte(cause.ordinal());
        int nodes = write(out, root, 1);
        if (nodes > MAX_NODES) {
            throw new IllegalArgumentException("a policy has at most " + MAX_NODES + " nodes, not " + nodes);
        }
    }

    private static int write(ByteBuf out, Node node, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("a policy tree has at most " + MAX_DEPTH + " levels");
        }
        if (node instanceof Leaf leaf) {
            Text.writeShort(out.writeByte(LEAF), leaf.name, MAX_NAME);
            out.writeInt(leaf.pathId).writeByte((leaf.backup ? BACKUP : 0) | (leaf.inUse ? IN_USE : 0));
            return 1;
        }
        List<Node> children;
        if (node instanceof Selector s) {
            Text.writeShort(out.writeByte(SELECTOR), s.name, MAX_NAME);
            out.writeByte(s.quality ? QUALITY : 0);
            if (s.quality) {
                out.writeShort(s.hysteresisPermille)
                        .writeInt(s.floorMicros)
                        .writeInt(s.dwellMillis)
                        .writeInt(s.cooldownMillis);
            }
            out.writeShort(s.duplicationPermille);
            children = s.children;
        } else if (node instanceof Race r) {
            Text.writeShort(out.writeByte(RACE), r.name, MAX_NAME);
            children = r.children;
        } else {
            Bond b = (Bond) node;
            Text.writeShort(out.writeByte(BOND), b.name, MAX_NAME);
            out.writeInt(b.stuckPermille);
            children = b.children;
        }
        if (children.isEmpty() || children.size() > MAX_NODES) {
            throw new IllegalArgumentException("group '" + node.name() + "' has " + children.size() + " children");
        }
        out.writeByte(children.size());
        int nodes = 1;
        for (Node child : children) {
            nodes += write(out, child, depth + 1);
        }
        return nodes;
    }

    static Policy read(Body body) {
        int epoch = body.u31();
        int cause = body.u8();
        if (cause >= CAUSES.length) {
            throw new WireException(WireException.Reason.BAD_VALUE, "POLICY names cause " + cause);
        }
        return new Policy(epoch, CAUSES[cause], new Reader(body).node(1));
    }

    private static final class Reader {
        private final Body body;
        private final Set<Integer> pathIds = new HashSet<>();
        private int nodes;

        Reader(Body body) {
            this.body = body;
        }

        Node node(int depth) {
            if (depth > MAX_DEPTH) {
                throw new WireException(
                        WireException.Reason.BAD_VALUE, "POLICY tree is deeper than " + MAX_DEPTH + " levels");
            }
            if (++nodes > MAX_NODES) {
                throw new WireException(
                        WireException.Reason.BAD_VALUE, "POLICY tree has more than " + MAX_NODES + " nodes");
            }
            int kind = body.u8();
            String name = body.shortText(MAX_NAME);
            return switch (kind) {
                case LEAF -> leaf(name);
                case SELECTOR -> selector(name, depth);
                case RACE -> new Race(name, children(depth));
                case BOND -> new Bond(name, body.u31(), children(depth));
                default ->
                    throw new WireException(
                            WireException.Reason.BAD_VALUE, "POLICY has a node of unknown kind " + kind);
            };
        }

        private Selector selector(String name, int depth) {
            boolean quality = body.flags(QUALITY) != 0;
            return new Selector(
                    name,
                    quality,
                    quality ? body.u16() : 0,
                    quality ? body.u31() : 0,
                    quality ? body.u31() : 0,
                    quality ? body.u31() : 0,
                    duplication(body.u16()),
                    children(depth));
        }

        private Leaf leaf(String name) {
            int pathId = body.u31();
            if (!pathIds.add(pathId)) {
                throw new WireException(WireException.Reason.BAD_VALUE, "POLICY names path " + pathId + " twice");
            }
            int flags = body.flags(BACKUP | IN_USE);
            return new Leaf(name, pathId, (flags & BACKUP) != 0, (flags & IN_USE) != 0);
        }

        private static int duplication(int permille) {
            if (permille > 1000) {
                throw new WireException(
                        WireException.Reason.BAD_VALUE, "POLICY duplicates " + permille + " thousandths");
            }
            return permille;
        }

        private List<Node> children(int depth) {
            int count = body.u8();
            if (count == 0) {
                throw new WireException(WireException.Reason.BAD_VALUE, "POLICY has a group without children");
            }
            List<Node> children = new ArrayList<>(Math.min(count, MAX_NODES));
            for (int i = 0; i < count; i++) {
                children.add(node(depth + 1));
            }
            return children;
        }
    }
}
