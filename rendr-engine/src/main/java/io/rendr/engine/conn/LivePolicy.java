// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.CommonOptions;
import io.rendr.Mode;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.flow.Dialing;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.net.Clock;
import io.rendr.engine.net.FlowDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The policy tree of a connection in the API's words. This version knows one selector over paths; other trees are refused
 * with a text that says so.
 */
final class LivePolicy {
    private static final String ROOT = "main";

    private final FlowDriver driver;
    private volatile String name;

    LivePolicy(FlowDriver driver, Optional<Target> given) {
        this.driver = driver;
        this.name = given.orElse(null) instanceof Target.Selector root ? root.name() : ROOT;
    }

    // ---- what a dialer gives

    /** The paths to dial, in order. */
    static List<Dialing.Plan> plans(Target root) {
        List<Dialing.Plan> plans = new ArrayList<>();
        for (Target.Path leaf : leaves(root)) {
            boolean backup = leaf.spec().option(CommonOptions.BACKUP);
            plans.add(new Dialing.Plan(leaf.name(), backup, leaf.spec()));
        }
        return plans;
    }

    static @Nullable QualityPolicy quality(Target root) {
        return root instanceof Target.Selector selector ? selector.quality() : null;
    }

    /** The leaves of a tree that this version carries out. */
    private static List<Target.Path> leaves(Target root) {
        if (root instanceof Target.Path path) {
            return List.of(path);
        }
        if (!(root instanceof Target.Selector selector)) {
            throw unsupported(root.mode());
        }
        if (selector.duplication() > 0) {
            throw new UnsupportedOperationException(
                    "duplication is not in this version: leave it at 0 (in '" + selector.name() + "')");
        }
        List<Target.Path> leaves = new ArrayList<>();
        for (Target child : selector.children()) {
            if (!(child instanceof Target.Path path)) {
                throw new UnsupportedOperationException("nested groups are not in this version: put the paths of '"
                        + child.name() + "' into '" + selector.name() + "' itself");
            }
            leaves.add(path);
        }
        return leaves;
    }

    static UnsupportedOperationException unsupported(Mode mode) {
        return new UnsupportedOperationException(
                "mode " + mode + " is not in this version: use a selector (Mode.PRIME, or no mode at all)");
    }

    // ---- of a live connection

    Target target() {
        return driver.ask("ConnAdmin.target", flow -> {
            List<Target> children = Snapshots.livePaths(flow)
                    .<Target>map(path -> new Target.Path(path.title(), Snapshots.spec(path)))
                    .toList();
            return new Target.Selector(name, children, flow.quality(), 0);
        });
    }

    void setTarget(Target root) {
        root.check();
        List<Dialing.Plan> wanted = plans(root);
        driver.ask("ConnAdmin.setTarget", flow -> {
            if (flow.isDialer()) {
                wanted.forEach(plan -> CommonOptions.connectTimeout(
                        plan.spec(), driver.transports().of(plan.spec())));
            }
            flow.admin().arrange(wanted, quality(root), Clock.now());
            if (root instanceof Target.Selector) {
                name = root.name();
            }
            return true;
        });
    }

    /** @throws UnsupportedOperationException on the accepting end */
    static void checkDialer(Flow flow, String call) {
        if (!flow.isDialer()) {
            throw new UnsupportedOperationException(
                    call + " is for the end that dialed: call it there, at the peer " + flow.peer());
        }
    }
}
