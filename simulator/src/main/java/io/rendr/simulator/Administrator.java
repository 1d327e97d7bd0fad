// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.LastPathException;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.flow.FlowPath;
import io.rendr.engine.flow.Outcome;
import io.rendr.simulator.Schedule.Arrangement;
import io.rendr.simulator.Schedule.Side;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What applications ask of the paths of their flows, and whether what comes of it is what was promised. */
final class Administrator {
    private static final long ANSWER = SECONDS.toNanos(20);

    private final Simulation world;
    private final Set<Conversation> steered = new HashSet<>();
    private int unanswered;

    Administrator(Simulation world) {
        this.world = world;
    }

    /** Whether an application ever asked for anything that moves the flow. */
    boolean steered(Conversation conversation) {
        return steered.contains(conversation);
    }

    private long now() {
        return world.timeline().now();
    }

    private long stalls() {
        long sum = 0;
        for (Host host : world.hosts()) {
            sum += host.stalledInAll();
        }
        return sum;
    }

    // ---- one path

    void migrate(FlowEnd end, int link) {
        FlowPath path = end.pathOver(link);
        if (path == null) {
            return;
        }
        steered.add(end.conversation());
        Route route = world.route(link);
        boolean reachable = end.flow().isDialer() || !route.isForgotten();
        boolean clean = clean(route)
                && reachable
                && path.state().isUsable()
                && !route.plan().balanced();
        long stalls = stalls();
        int id = path.id();
        Outcome answer = new Answer("migrate", end) {
            @Override
            void good(int pathId) {
                world.coverage().migrated(end);
                if (!end.flow().carries(id)) {
                    world.violation(
                            Violation.Kind.SCENARIO,
                            end + ": migrate to path " + id + " is done, and path "
                                    + end.flow().activePath() + " is active");
                }
            }

            @Override
            void bad(IOException cause) {
                world.saw(Rule.MIGRATE_REFUSED);
                boolean ended = end.isOver() || end.flow().isClosing();
                boolean overtaken = unanswered > 0;
                boolean removed = end.conversation().removalWasAsked(route);
                boolean undisturbed = clean && clean(route) && !isFull(route) && stalls == stalls();
                FlowEnd other = end.peer().end();
                boolean alone = other == null || other.isOver(); // the peer gave up, and could not say so
                if (undisturbed && !ended && !overtaken && !removed && !alone) {
                    world.violation(
                            Violation.Kind.FAILED_WITHOUT_CAUSE, end + ": migrate to clean path " + id + ": " + cause);
                }
            }
        };
        end.flow().admin().migrate(id, answer, now());
    }

    /** Others have filled its queue, and a probe waits behind what they sent. */
    private static boolean isFull(Route route) {
        return route.plan().datagrams() && route.wasCrowded();
    }

    private static boolean clean(Route route) {
        return route.plan().calm() && route.calmFor(Conversation.CLEAN);
    }

    void addPath(FlowEnd end, int link) {
        if (end.pathOver(link) != null) {
            return;
        }
        Conversation conversation = end.conversation();
        Route route = world.route(link);
        conversation.rearranged();
        Outcome answer = new Answer("addPath", end) {
            @Override
            void good(int pathId) {
                world.saw(Rule.ADD_PATH);
                world.saw(Rule.PATH_IDS, conversation.lostPath());
                conversation.pathAdded(route);
            }

            @Override
            void bad(IOException cause) {
                if (end.pathOver(link) != null) {
                    conversation.pathAdded(route);
                }
            }
        };
        end.flow().admin().addPath(world.spec(link), "p" + link, answer, now());
    }

    void removePath(FlowEnd end, int link) {
        FlowPath path = end.pathOver(link);
        if (path == null) {
            return;
        }
        Conversation conversation = end.conversation();
        conversation.removalAsked(world.route(link));
        conversation.rearranged();
        boolean loaded =
                end.flow().activePath() == path.id() && end.flow().progress().queued() > 0;
        steered.add(conversation);
        Outcome answer = new Answer("removePath", end) {
            @Override
            void good(int pathId) {
                world.saw(Rule.REMOVE_PATH, loaded);
                conversation.pathRemoved();
                conversation.watchRoutes(now());
            }

            @Override
            void bad(IOException cause) {
                world.saw(Rule.LAST_PATH, cause instanceof LastPathException);
            }
        };
        end.flow().admin().removePath(path.id(), answer, now());
    }

    // ---- all paths

    void setTarget(FlowEnd end, Arrangement wanted, int shape) {
        end.conversation().arranged(wanted);
        steered.add(end.conversation());
        if (end.side() == Side.DIALER) {
            open(end, wanted, shape);
        } else {
            reorder(end, wanted, shape);
        }
    }

    private void arrange(FlowEnd end, Arrangement wanted, int shape) {
        List<Target.Path> paths = new ArrayList<>();
        for (int link : wanted.all()) {
            boolean backup = wanted.backups().contains(link);
            PathSpec spec = world.spec(link).with("backup", String.valueOf(backup));
            paths.add(new Target.Path("p" + link, spec));
        }
        Target target = Shape.of(shape, paths, wanted.quality() ? QualityPolicy.DEFAULT : null);
        end.flow().admin().arrange(target, now());
    }

    /** The dialing end opens what is new, and removes what is no longer named as soon as something named answers. */
    private void open(FlowEnd end, Arrangement wanted, int shape) {
        Conversation conversation = end.conversation();
        List<Integer> before = linksOf(end);
        for (int link : before) {
            if (!wanted.all().contains(link)) {
                conversation.removalAsked(world.route(link));
            }
        }
        int change = conversation.rearranged();
        long stalls = stalls();
        arrange(end, wanted, shape);
        List<Integer> fresh = new ArrayList<>(wanted.all());
        fresh.removeAll(before);
        world.timeline()
                .after(
                        Conversation.CLEAN,
                        () -> fresh.stream()
                                .filter(linksOf(end)::contains)
                                .forEach(link -> conversation.pathAdded(world.route(link))));
        world.timeline().after(ANSWER, () -> {
            boolean undisturbed = conversation.rearrangements() == change && stalls == stalls();
            if (undisturbed && !end.isOver() && !end.gone() && !end.flow().isClosing()) {
                judge(end, before, wanted.all());
            }
        });
    }

    private void judge(FlowEnd end, List<Integer> before, List<Integer> wanted) {
        List<Integer> now = linksOf(end);
        List<Integer> dropped = new ArrayList<>(wanted);
        dropped.removeAll(now);
        dropped.removeIf(link -> end.conversation().removalWasAsked(world.route(link)));
        List<Integer> kept = new ArrayList<>(now);
        kept.removeAll(wanted);
        boolean answered = wanted.stream()
                .map(world::route)
                .anyMatch(route -> route.plan().calm()
                        && route.calmFor(ANSWER)
                        && end.conversation().leadsToPeer(route)
                        && !route.plan().balanced());
        if (!dropped.isEmpty() || answered && !kept.isEmpty()) {
            world.violation(
                    Violation.Kind.SCENARIO,
                    end + ": 20 s after the target named the links " + wanted + ", its paths are over " + now);
        }
        world.saw(Rule.TARGET, answered && !new HashSet<>(before).equals(new HashSet<>(wanted)));
    }

    private static boolean isInUse(FlowPath path) {
        return path.state() != PathState.DRAINING && path.state() != PathState.REMOVED;
    }

    /** The links of the paths that the dialing end has and was not told to remove. */
    private static List<Integer> linksOf(FlowEnd dialer) {
        return dialer.flow().pathList().stream()
                .filter(Administrator::isInUse)
                .map(path -> Integer.valueOf(path.name().substring(1)))
                .toList();
    }

    /** The accepting end arranges the paths that there are, all of them or none. */
    private void reorder(FlowEnd end, Arrangement wanted, int shape) {
        List<FlowPath> paths = end.flow().pathList();
        List<String> known = paths.stream()
                .filter(Administrator::isInUse)
                .map(FlowPath::title)
                .sorted()
                .toList();
        List<String> named =
                wanted.all().stream().map(link -> "p" + link).sorted().toList();
        List<Integer> order = paths.stream().map(FlowPath::id).toList();
        boolean refused = false;
        try {
            arrange(end, wanted, shape);
        } catch (UnsupportedOperationException e) {
            refused = true;
            end.log("setTarget failed: " + e.getMessage());
        }
        if (refused == known.equals(named)) {
            world.violation(
                    Violation.Kind.SCENARIO,
                    end + ": a target of " + named + " was " + (refused ? "refused" : "accepted") + ", the paths are "
                            + known);
        }
        if (refused
                && !order.equals(
                        end.flow().pathList().stream().map(FlowPath::id).toList())) {
            world.violation(Violation.Kind.SCENARIO, end + ": a target that was refused has changed the paths");
        }
    }

    /** What an administrative request is answered with; it must be answered in time, and once. */
    private abstract class Answer implements Outcome {
        private final String what;
        private final FlowEnd end;
        private boolean answered;

        Answer(String what, FlowEnd end) {
            this.what = what;
            this.end = end;
            unanswered++;
            long stalls = stalls();
            world.timeline().after(ANSWER, () -> {
                boolean excused = end.isOver() || end.gone() || stalls() != stalls;
                if (!answered && !excused) {
                    world.violation(Violation.Kind.STUCK, end + ": " + what + " was not answered within 20 s");
                }
            });
        }

        abstract void good(int pathId);

        abstract void bad(IOException cause);

        private void answered() {
            if (answered) {
                world.violation(Violation.Kind.EXCEPTION, end + ": " + what + " was answered twice");
            }
            answered = true;
            unanswered--;
        }

        @Override
        public void done(int pathId) {
            answered();
            end.log(what + " is done, path " + pathId);
            end.history().answered(world.timeline().elapsed() / 1_000_000);
            good(pathId);
        }

        @Override
        public void failed(IOException cause) {
            answered();
            end.log(what + " failed: " + cause.getMessage());
            end.history().refused(world.timeline().elapsed() / 1_000_000);
            bad(cause);
        }
    }
}
