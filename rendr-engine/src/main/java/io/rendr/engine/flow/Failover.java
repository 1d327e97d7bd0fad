// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.policy.Selector;
import io.rendr.engine.wire.Policy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which paths carry what this end sends: a {@link Choice} for each selector of the policy tree. */
final class Failover {
    private final Flow flow;
    private final ExplicitMove requests;
    private final RangeSet released = new RangeSet();
    /** Inner selectors before those that they are in, whose children they are judged for. */
    private List<Choice> choices = new ArrayList<>();

    Failover(Flow flow) {
        this.flow = flow;
        this.requests = new ExplicitMove(flow);
        rearranged();
    }

    /** What the application asked for. */
    ExplicitMove requests() {
        return requests;
    }

    /** The tree has other selectors than before. */
    void rearranged() {
        List<Choice> former = choices;
        choices = new ArrayList<>();
        for (Selector selector : flow.policy().selectors()) {
            choices.add(choice(selector, former));
        }
    }

    private Choice choice(Selector selector, List<Choice> former) {
        Choice fresh = new Choice(flow, selector);
        for (Choice choice : former) {
            if (choice.selector() == selector) {
                return choice;
            }
            if (!selector.name().isEmpty() && choice.selector().name().equals(selector.name())) {
                fresh.inherit(choice);
            }
        }
        return fresh;
    }

    // ---- choice

    /** Whether it still matters which path carries the flow. */
    private boolean mayMove() {
        return flow.closing().isOpen() && flow.closing().wantsCarriers();
    }

    /** Moves the flow if there is cause. */
    void choose(long now) {
        requests.answer(now);
        for (int i = 0; i < choices.size() && mayMove(); i++) {
            choices.get(i).choose(now);
        }
    }

    /** Takes what the dialer tells of its policy. */
    void follow(Policy told, long now) {
        released.clear();
        if (flow.policy().follow(told, flow.paths().all(), released)) {
            flow.paths().prefer(flow.policy().order());
            rearranged();
            flow.reinjection().repair(released, now);
            for (int i = 0; i < choices.size() && mayMove(); i++) {
                Choice choice = choices.get(i);
                choice.follow(flow.policy().wished(choice.selector()), told.cause(), now);
            }
            choose(now);
            flow.paths().refreshStates(now);
        }
    }

    /** Moves the flow where the application wants it. */
    void moveAsAsked(FlowPath to, long now) {
        choices.forEach(choice -> choice.moveAsAsked(to, now));
    }

    /** Whether a suspect is left by a selector, which then has sent elsewhere what the suspect holds. */
    boolean willLeave(FlowPath suspect, long since, long now) {
        return choices.stream().anyMatch(choice -> choice.willLeave(suspect, since, now));
    }

    // ---- paths

    /** The best path other than {@code except} that answered since {@code since}. */
    @Nullable
    FlowPath bestAnswering(FlowPath except, long since, long now) {
        FlowPath best = null;
        for (FlowPath path : flow.paths().all()) {
            Link link = path.link();
            if (path != except
                    && link != null
                    && path.isUsable()
                    && link.health().confirmedAt() - since > 0
                    && (best == null || isBetter(path, best, now))) {
                best = path;
            }
        }
        return best;
    }

    /** The best usable path other than {@code except}; null if there is none. */
    @Nullable
    FlowPath best(@Nullable FlowPath except, long now) {
        FlowPath best = null;
        for (FlowPath path : flow.paths().all()) {
            if (path != except && path.isUsable() && (best == null || isBetter(path, best, now))) {
                best = path;
            }
        }
        return best;
    }

    private boolean isBetter(FlowPath a, FlowPath b, long now) {
        return isBetter(a, b, flow.policy().isQualityArmed(), now);
    }

    /** Whether {@code a} is to be preferred to {@code b}, which is configured before it. */
    boolean isBetter(FlowPath a, FlowPath b, boolean byQuality, long now) {
        if (a.isBackup() != b.isBackup()) {
            return b.isBackup();
        }
        boolean eligible = a.liveness().eligible(now);
        if (eligible != b.liveness().eligible(now)) {
            return eligible;
        }
        return byQuality && a.quality().score() < b.quality().score();
    }

    // ---- time

    long deadline(long now) {
        long at = requests.deadline();
        for (int i = 0; i < choices.size() && mayMove(); i++) {
            at = Math.min(at, choices.get(i).deadline(now));
        }
        return at;
    }
}
