// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.ConnStats;
import io.rendr.PathInfo;
import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkEmulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Breaks the path that carries the transfer, again and again, and puts it right once the transfer has left it. */
final class FaultRun {
    /** Far beyond what any of it takes; a demonstration that runs into it has failed and says so. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(2);

    /**
     * What came of one fault.
     *
     * @param path name of the path that was broken
     * @param proven whether the counters of the links show the fault
     * @param overcome whether the transfer did what it should: left the path, or waited for any
     * @param took how long that took
     */
    record Outcome(String fault, String path, boolean proven, boolean overcome, Duration took) {
        Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("fault", fault);
            figures.put("path", path);
            figures.put("proven", proven);
            figures.put("overcome", overcome);
            figures.put("tookMillis", took.toMillis());
            return figures;
        }
    }

    private final DemoSettings settings;
    private final Map<String, LinkEmulator> links;
    private final BulkTransfer transfer;
    private final Consumer<String> events;
    private final Map<String, Fault> now = new ConcurrentHashMap<>();

    FaultRun(DemoSettings settings, Map<String, LinkEmulator> links, BulkTransfer transfer, Consumer<String> events) {
        this.settings = settings;
        this.links = links;
        this.transfer = transfer;
        this.events = events;
    }

    /** The fault that a link suffers at the moment, by the name of its path. */
    Map<String, Fault> now() {
        return now;
    }

    /** Lets every fault happen, and a blackout last; ends early where one cannot begin. */
    List<Outcome> run() {
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i <= settings.faults().size(); i++) {
            long start = settings.startOf(i);
            if (!await(() -> transfer.written() >= start && canBreak())) {
                events.accept("no second path came up, so none can be broken");
                break;
            }
            outcomes.add(
                    i < settings.faults().size() ? breakActive(settings.faults().get(i)) : blackOut());
        }
        return outcomes;
    }

    private ConnStats stats() {
        return transfer.conn().admin().stats();
    }

    private Optional<PathInfo> active() {
        return stats().paths().stream().filter(PathInfo::active).findFirst();
    }

    /** Whether one path carries the transfer and another one could. */
    private boolean canBreak() {
        return active().isPresent()
                && stats().paths().stream().filter(p -> p.state().isUsable()).count() > 1;
    }

    private Outcome breakActive(Fault fault) {
        PathInfo broken = active().orElseThrow();
        LinkEmulator link = links.get(broken.name());
        LinkCounters before = link.counters();
        events.accept(fault.title() + " on " + broken.name());
        now.put(broken.name(), fault);
        long began = System.nanoTime();
        fault.begin(link);
        boolean left = await(() -> active().filter(p -> p.id() != broken.id()).isPresent());
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        boolean proven = await(() -> fault.proven(before, link.counters()));
        fault.end(link);
        now.remove(broken.name());
        events.accept((left ? "left " : "did not leave ") + broken.name() + " in " + Units.millis(took));
        return new Outcome(fault.title(), broken.name(), proven, left, took);
    }

    /** No path for a while: the transfer waits, and goes on when one is back. */
    private Outcome blackOut() {
        Map<String, LinkCounters> before = new LinkedHashMap<>();
        links.forEach((name, link) -> before.put(name, link.counters()));
        events.accept("black hole on every path");
        links.keySet().forEach(name -> now.put(name, Fault.BLACK_HOLE));
        links.values().forEach(Fault.BLACK_HOLE::begin);
        LockSupport.parkNanos(DemoSettings.BLACKOUT.toNanos()); // the length of the blackout, not a wait for anything
        boolean proven = links.entrySet().stream()
                        .allMatch(e -> Fault.BLACK_HOLE.began(
                                before.get(e.getKey()), e.getValue().counters()))
                && links.entrySet().stream()
                        .anyMatch(e -> Fault.BLACK_HOLE.proven(
                                before.get(e.getKey()), e.getValue().counters()));
        long received = delivered();
        long began = System.nanoTime();
        links.values().forEach(Fault.BLACK_HOLE::end);
        now.clear();
        boolean goesOn = await(() -> delivered() > received);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        events.accept((goesOn ? "went on " : "did not go on ") + Units.millis(took) + " after the first was back");
        return new Outcome("black hole on every path", "all", proven, goesOn, took);
    }

    /** Bytes that the other end has confirmed. */
    private long delivered() {
        ConnStats stats = stats();
        return transfer.written() - stats.sendQueued();
    }

    private static boolean await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(POLL);
        }
        return true;
    }
}
