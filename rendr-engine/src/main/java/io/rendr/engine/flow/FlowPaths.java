// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.PathFailure;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.ResendCause;
import io.rendr.Target;
import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Policy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one flow and their carriers: a carrier comes, replaces another, dies, drains; a path is added and
 * removed.
 */
final class FlowPaths {
    /** As many paths as one POLICY can name, besides the group that they are in. */
    static final int MAX_PATHS = Policy.MAX_NODES - 1;

    private static final long DRAIN = SECONDS.toNanos(2);
    private static final CloseReason REPLACED = CloseReason.of(CloseReason.Kind.LOCAL, "replaced by a newer carrier");
    private static final CloseReason REMOVED = CloseReason.of(CloseReason.Kind.LOCAL, "the path was removed");

    private final Flow flow;
    private final List<FlowPath> paths = new ArrayList<>();
    private final List<Link> retired = new ArrayList<>();
    private final RangeSet removedIds = new RangeSet();
    private boolean proven;
    private int nextId;

    FlowPaths(Flow flow) {
        this.flow = flow;
    }

    List<FlowPath> all() {
        return paths;
    }

    @Nullable
    FlowPath find(int id) {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).id() == id) {
                return paths.get(i);
            }
        }
        return null;
    }

    /** Puts the paths into the dialer's order of preference; those it did not name come last. */
    void prefer(List<Integer> order) {
        paths.sort(Comparator.comparingInt(path -> {
            int at = order.indexOf(path.id());
            return at < 0 ? Integer.MAX_VALUE : at;
        }));
    }

    /** Paths that are in use. */
    int inUse() {
        int count = 0;
        for (int i = 0; i < paths.size(); i++) {
            count += paths.get(i).isRemoved() ? 0 : 1;
        }
        return count;
    }

    /** Whether nothing but paths that may prove unreachable would be left without this one. */
    boolean isLast(FlowPath path) {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i) != path && paths.get(i).isSettled()) {
                return false;
            }
        }
        return true;
    }

    // ---- paths come and go

    FlowPath create(int id, Target.Path leaf, long now) {
        return create(id, leaf.name(), leaf.spec().option(CommonOptions.BACKUP), leaf.spec(), now);
    }

    FlowPath create(int id, String name, boolean backup, PathSpec spec, long now) {
        FlowPath path = new FlowPath(id, name, backup, spec, flow.slots(), flow.budget(), now);
        nextId = Math.max(nextId, id + 1);
        paths.add(path);
        return path;
    }

    /** An id that no path of this flow ever had. */
    int nextId() {
        return nextId;
    }

    /** Whether a path of this id existed and is gone: ids are never used twice. */
    boolean wasRemoved(int id) {
        return removedIds.contains(id);
    }

    /** Takes a path out of use. Its carrier drains for up to 2 s. */
    void remove(FlowPath path, boolean tellPeer, long now) {
        if (path.isRemoved()) {
            return;
        }
        path.remove(now + DRAIN);
        if (tellPeer) {
            path.askDetach();
        }
        Redialer redialer = path.redialer();
        if (redialer != null) {
            redialer.close(REMOVED);
        }
        flow.failover().choose(now);
        flow.reinjection().release(now);
        flow.policy().remove(path.id());
        flow.failover().rearranged();
        refreshState(path, now);
    }

    /** The peer tells what it sees of a carrier. */
    void peerSaw(int pathId, int carrierNo, int state, long now) {
        FlowPath path = find(pathId);
        Link link = path == null ? null : path.link();
        if (link == null || link.carrierNo() != carrierNo) {
            return;
        }
        if (state == Frames.PATH_DEAD) {
            drop(
                    link,
                    CloseReason.of(CloseReason.Kind.TIMEOUT, "the peer found the carrier dead"),
                    ResendCause.DEATH,
                    now);
        } else if (state == Frames.PATH_SUSPECT) {
            link.health().probe(now);
        }
    }

    /** The dialer takes a path out of use, or the acceptor asks the dialer to. */
    void peerDetached(int pathId, long now) {
        FlowPath path = find(pathId);
        if (path != null && (!flow.isDialer() || !isLast(path))) {
            remove(path, flow.isDialer(), now);
        }
    }

    /**
     * Ends the draining of removed paths and replaced carriers whose time has come. A removed path stays until the peer
     * knows, which another path may have to tell: it would keep it for as long as the flow lives.
     */
    void purge(long now) {
        closeRetired();
        for (int i = paths.size() - 1; i >= 0; i--) {
            FlowPath path = paths.get(i);
            if (!path.isRemoved()) {
                continue;
            }
            Link link = path.link();
            if (link != null && (now >= path.drainUntil() || link.log().isEmpty() && path.isDetachKnown())) {
                drop(link, REMOVED, ResendCause.DETACH, now);
            }
            if (path.link() == null && !path.isDetachPending()) {
                paths.remove(i);
                removedIds.add(path.id(), path.id() + 1L);
                path.dropSlots();
                path.state(PathState.REMOVED, now);
                flow.host().pathChanged(path.id());
            }
        }
    }

    // ---- carriers come and go

    /** Puts a confirmed carrier into use; an older one of the same path is repaired and closed. */
    Link attach(FlowPath path, int carrierNo, Attachment attachment, long now) {
        Link old = path.link();
        Link link = attachment.port() instanceof PacketPort port
                ? new DatagramLink(flow, path, carrierNo, port, attachment.keys(), now)
                : new StreamLink(flow, path, carrierNo, attachment.port(), attachment.keys(), now);
        path.link(link);
        Redialer redialer = path.redialer();
        if (redialer != null) {
            redialer.group().carried(redialer);
        }
        attachment.port().events(link);
        if (old != null) {
            flow.reinjection().repair(old, ResendCause.DEATH, now);
            retire(old);
        }
        link.health().probe(now);
        path.liveness().returned(now);
        paths.forEach(FlowPath::forgetStrangers);
        flow.receiver().acknowledgeOn(link);
        refreshState(path, now);
        return link;
    }

    /**
     * Takes a replaced carrier out of use. The dialer keeps it open until its successor has proved itself: an end that
     * overtakes the successor's CONFIRM would look like a death to the peer.
     */
    private void retire(Link old) {
        flow.slots().lost(old);
        flow.receiver().forget(old);
        if (flow.isDialer()) {
            retired.add(old);
        } else {
            old.close(REPLACED);
        }
    }

    private void closeRetired() {
        for (int i = retired.size() - 1; i >= 0; i--) {
            Link old = retired.get(i);
            Link successor = old.path().link();
            if (!old.isOpen() || successor == null || successor.health().isProven()) {
                old.close(REPLACED);
                retired.remove(i);
            }
        }
    }

    /** The carrier is gone, or as good as gone. */
    void dead(Link link, long now) {
        drop(link, CloseReason.of(CloseReason.Kind.TIMEOUT, silence(link, now)), ResendCause.DEATH, now);
    }

    private static String silence(Link link, long now) {
        return "nothing was confirmed for "
                + NANOSECONDS.toMillis(now - link.health().confirmedAt()) + " ms";
    }

    /** Ends a carrier and hands what it owed to the others. */
    void drop(Link link, CloseReason why, ResendCause cause, long now) {
        FlowPath path = link.path();
        release(link, why);
        if (path.link() == link) {
            path.link(null);
            Redialer redialer = path.redialer();
            if (redialer != null) {
                redialer.group().bare(redialer);
            }
            if (!path.isRemoved()) {
                // When both ends have said all, the first to know takes its carriers along: nothing is lost.
                if (flow.closing().wantsCarriers()) {
                    flow.counters().carriersLost++;
                    path.carrierFailed(now);
                    path.failed(why);
                }
                path.stateSlot().touch();
            }
            refreshState(path, now);
        }
        flow.reinjection().repair(link, cause, now);
    }

    private void release(Link link, CloseReason why) {
        link.close(why);
        flow.slots().lost(link);
        flow.receiver().forget(link);
    }

    void closeAll(CloseReason why) {
        retired.forEach(link -> link.close(why));
        retired.clear();
        for (FlowPath path : paths) {
            Redialer redialer = path.redialer();
            if (redialer != null) {
                redialer.close(why);
            }
            Link link = path.link();
            if (link != null) {
                link.close(why);
                path.link(null);
            }
        }
    }

    // ---- what goes where

    /** The carrier on which a slot goes out now; null if there is none. */
    @Nullable
    Link carrierFor(Slot slot) {
        Link delivery = flow.receiver().lastDelivery();
        if (slot == flow.receiver().ackSlot() && delivery != null && delivery.isUsable()) {
            return delivery;
        }
        return controlCarrier();
    }

    private @Nullable Link controlCarrier() {
        FlowPath active = find(flow.policy().active());
        if (active != null && active.isUsable()) {
            return active.link();
        }
        Link any = null;
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null && link.isOpen()) {
                if (link.isUsable()) {
                    return link;
                }
                any = link;
            }
        }
        return any;
    }

    boolean hasDirtySlot(Link link) {
        Slots slots = flow.slots();
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            if (slot != null && slot.isDirty() && carrierFor(slot) == link) {
                return true;
            }
        }
        return false;
    }

    /** Usable carriers, one after the other, so that a message that must arrive tries them all. */
    @Nullable
    Link rotating(int turn) {
        int usable = 0;
        for (int i = 0; i < paths.size(); i++) {
            usable += paths.get(i).isUsable() ? 1 : 0;
        }
        int wanted = usable == 0 ? 0 : turn % usable;
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).isUsable() && wanted-- == 0) {
                return paths.get(i).link();
            }
        }
        return null;
    }

    /** Whether some carrier is known to take whatever the flow may send. */
    boolean anySuffices() {
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null && link.suffices()) {
                return true;
            }
        }
        return false;
    }

    /** Whether every path was tried, and what there is of carriers is too small for what the flow may send. */
    boolean noneSuffices() {
        boolean tried = false;
        for (int i = 0; i < paths.size(); i++) {
            FlowPath path = paths.get(i);
            Link link = path.link();
            Redialer redialer = path.redialer();
            if (link == null ? redialer != null && redialer.failures() == 0 : link.isFit()) {
                return false;
            }
            tried |= link != null;
        }
        return tried;
    }

    /** What is known of each path that failed. */
    List<PathFailure> failures() {
        List<PathFailure> failures = new ArrayList<>();
        for (FlowPath path : paths) {
            CloseReason why = path.lastError();
            if (why != null) {
                failures.add(new PathFailure(path.title(), path.spec(), path.remoteAddress(), why));
            }
        }
        return failures;
    }

    /** Whether some path is usable and has confirmed something. */
    boolean anyAnswers() {
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            if (link != null && link.isUsable() && link.health().isProven()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether further paths may attach: a carrier proved itself, so that the peer knows the flow, or none is left of
     * which that may be expected soon. An ATTACH that overtakes the first CONFIRM is turned away; but a first carrier
     * that falls silent must not keep the flow from the others.
     */
    boolean mayAttach() {
        if (proven) {
            return true;
        }
        boolean promising = false;
        for (int i = 0; i < paths.size(); i++) {
            Link link = paths.get(i).link();
            proven |= link != null && link.health().isProven();
            promising |= link != null && link.isUsable();
        }
        return proven || !promising;
    }

    boolean anyCarrier() {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).link() != null) {
                return true;
            }
        }
        return false;
    }

    long longestRtt() {
        long longest = 0;
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).isUsable()) {
                longest = Math.max(longest, paths.get(i).rtt().srtt());
            }
        }
        return longest;
    }

    /** The group of paths that are expected to fail together with this one; null if unknown. */
    @Nullable
    String fateOf(FlowPath path) {
        Link link = path.link();
        return link == null ? null : link.port().fateGroup();
    }

    // ---- state

    void refreshStates(long now) {
        for (int i = 0; i < paths.size(); i++) {
            refreshState(paths.get(i), now);
        }
    }

    void refreshState(FlowPath path, long now) {
        if (path.state(stateOf(path), now)) {
            flow.host().pathChanged(path.id());
        }
    }

    private PathState stateOf(FlowPath path) {
        Link link = path.link();
        if (path.isRemoved()) {
            return PathState.DRAINING;
        }
        if (link == null) {
            Redialer redialer = path.redialer();
            return redialer != null && redialer.isDialing() ? PathState.CONNECTING : PathState.DOWN;
        }
        if (link.health().isSuspect()) {
            return PathState.SUSPECT;
        }
        if (!link.isFit()) {
            return PathState.DOWN;
        }
        return flow.policy().feeds(path.id()) ? PathState.ACTIVE : PathState.STANDBY;
    }
}
