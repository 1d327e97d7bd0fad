// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.MigrationCause;
import io.rendr.QualityPolicy;
import io.rendr.ResendCause;
import io.rendr.engine.policy.Feed;
import io.rendr.engine.policy.Leaf;
import io.rendr.engine.policy.Range;
import io.rendr.engine.policy.Selector;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Policy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The policy tree of one end, the feed at its root, and the POLICY slot by which the dialer tells its choice.
 *
 * <p>Both ends schedule their own sending. The acceptor follows the newest epoch, except for a path that it finds
 * unusable.
 */
final class FlowPolicy {
    static final int NONE = -1;

    /** What fits one datagram of any size, beside an acknowledgement; beyond it the names of the paths are left out. */
    private static final int MAX_FRAME = 600;

    private final Feed feed;
    private final Selector root;
    private final boolean publishes;
    private final Slot slot;
    private int active = NONE;
    private int wished = NONE;
    private MigrationCause cause = MigrationCause.EXPLICIT;
    private int epoch;
    /** The newest epoch as POLICY. */
    private byte[] frame = {};

    private @Nullable Policy told;
    /** Whether this end chooses by a tree of its own, and not as the dialer told it. */
    private boolean own;

    FlowPolicy(Sender sender, List<Leaf> leaves, @Nullable QualityPolicy quality, boolean dialer, Slots slots) {
        this.feed = new Feed(sender);
        this.root = new Selector("", leaves, quality);
        this.publishes = dialer;
        this.own = dialer;
        this.slot = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return frame.length;
            }

            @Override
            public void write(ByteBuf out) {
                out.writeBytes(frame);
            }
        });
    }

    /** Whether a carrier of the path may take new bytes as things are. */
    boolean feeds(int pathId) {
        return root.feeds(pathId);
    }

    /** Finds what a carrier of the path sends next. */
    boolean next(int pathId, int max, Range out) {
        return root.next(pathId, feed, max, out);
    }

    /** Tells the tree that what a carrier of the path was given did not arrive. */
    void giveBack(int pathId, long start, long end, ResendCause cause) {
        root.giveBack(pathId, feed, start, end, cause);
    }

    /** Whether there is anything that a carrier could be given now. */
    boolean hasNext() {
        return feed.hasNext();
    }

    /** Whether this end chooses its path by itself: the dialer, and an acceptor whose application said how. */
    boolean isOwn() {
        return own;
    }

    /** By what this end moves to a better path; null if it does not by itself. */
    @Nullable
    QualityPolicy quality() {
        return own ? root.quality() : null;
    }

    /** By what the flow moves to a better path, whichever end decides that. */
    @Nullable
    QualityPolicy shownQuality() {
        Policy known = told;
        if (own || known == null || !(known.root() instanceof Policy.Selector selector) || !selector.quality()) {
            return quality();
        }
        return new QualityPolicy(
                Math.min(999, selector.hysteresisPermille()) / 1000.0,
                Duration.ofNanos(selector.floorMicros() * 1000L),
                atMostADay(selector.dwellMillis()),
                atMostADay(selector.cooldownMillis()));
    }

    private static Duration atMostADay(int millis) {
        return Duration.ofMillis(Math.min(TimeUnit.DAYS.toMillis(1), millis));
    }

    /** Exchanges the whole tree, as this end's application said. */
    void arrange(List<FlowPath> order, @Nullable QualityPolicy quality) {
        root.arrange(order.stream().map(FlowPolicy::leaf).toList());
        root.quality(quality);
        own = true;
        wished = NONE;
        publish();
    }

    private static Leaf leaf(FlowPath path) {
        return new Leaf(path.name(), path.id(), path.isBackup());
    }

    /** The path that carries what is sent, or {@link #NONE}. */
    int active() {
        return active;
    }

    /** The path that the dialer named last, as the acceptor heard it; or {@link #NONE}. */
    int wished() {
        return wished;
    }

    /** This end no longer follows the path that the dialer named. */
    void ignoreWish() {
        wished = NONE;
    }

    void activate(int pathId, @Nullable MigrationCause why) {
        root.select(pathId);
        active = pathId;
        cause = why == null ? MigrationCause.EXPLICIT : why;
        publish();
    }

    void add(FlowPath path) {
        root.add(leaf(path));
        publish();
    }

    /** Takes the name and the purpose of a path from what the dialer told last. */
    void describe(FlowPath path) {
        Policy known = told;
        if (known != null && known.root() instanceof Policy.Selector selector) {
            for (Policy.Node child : selector.children()) {
                if (child instanceof Policy.Leaf leaf && leaf.pathId() == path.id()) {
                    path.describe(leaf.name(), leaf.backup());
                    root.replace(leaf(path));
                }
            }
        }
    }

    void remove(int pathId) {
        root.remove(pathId);
        if (active == pathId) {
            active = NONE;
        }
        if (wished == pathId) {
            wished = NONE;
        }
        if (!root.children().isEmpty()) {
            publish();
        }
    }

    private void publish() {
        if (publishes) {
            epoch++;
            frame = encode(true);
            if (frame.length > MAX_FRAME) {
                frame = encode(false);
            }
            slot.touch();
        }
    }

    private byte[] encode(boolean names) {
        ByteBuf out = Unpooled.buffer();
        Frames.policy(out, describe(names));
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    /** Takes the dialer's policy; false if it is not newer than what is known. */
    boolean follow(Policy policy) {
        if (publishes || policy.epoch() <= epoch) {
            return false;
        }
        epoch = policy.epoch();
        told = policy;
        own = false;
        wished = policy.activePathId();
        return true;
    }

    /** The ids of the dialer's paths in its order of preference, as the acceptor heard it last. */
    List<Integer> order() {
        Policy known = told;
        if (known == null || !(known.root() instanceof Policy.Selector selector)) {
            return List.of();
        }
        return selector.children().stream()
                .filter(Policy.Leaf.class::isInstance)
                .map(child -> ((Policy.Leaf) child).pathId())
                .toList();
    }

    private Policy describe(boolean names) {
        List<Policy.Node> children = new ArrayList<>();
        root.children().forEach(child -> {
            Leaf leaf = (Leaf) child;
            children.add(new Policy.Leaf(names ? leaf.name() : "", leaf.pathId(), leaf.backup()));
        });
        QualityPolicy armed = root.quality();
        QualityPolicy shown = armed == null ? QualityPolicy.DEFAULT : armed;
        return new Policy(
                epoch,
                active,
                cause,
                new Policy.Selector(
                        root.name(),
                        armed != null,
                        (int) Math.round(shown.hysteresis() * 1000),
                        (int) Math.min(Integer.MAX_VALUE, shown.floor().toNanos() / 1000),
                        (int) shown.dwell().toMillis(),
                        (int) shown.cooldown().toMillis(),
                        0,
                        children));
    }
}
