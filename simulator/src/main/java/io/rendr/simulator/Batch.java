// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Runs one seed after another on a few threads, and adds up what they showed. Thread-safe. */
final class Batch {
    private static final int HISTOGRAM = 64;
    private static final int KEPT_VIOLATIONS = 20;
    private static final long OFTEN = SECONDS.toNanos(5);
    private static final long SELDOM = SECONDS.toNanos(60);
    private static final long LONG = SECONDS.toNanos(60);

    private final long first;
    private final long count;
    private final long deadline;
    private final Predicate<Schedule> wanted;
    private final Consumer<String> progress;
    private final AtomicLong next;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Rule, Long> exercised = new EnumMap<>(Rule.class);
    private final int[] faults = new int[HISTOGRAM];
    private final int[] moves = new int[HISTOGRAM];
    private final List<Verdict> violations = new ArrayList<>();
    private final long startedAt = System.nanoTime();
    private long violationCount;
    private long done;
    private long streamViolations;
    private long streamWorlds;
    private long events;
    private long virtual;
    private long reportedAt = startedAt;
    private long endedAt;

    /**
     * @param first the first seed
     * @param count how many seeds at most
     * @param nanos how long seeds are begun
     * @param wanted which schedules are run; the seeds of others are passed over
     * @param progress takes a line every few seconds, after a minute every minute
     */
    Batch(long first, long count, long nanos, Predicate<Schedule> wanted, Consumer<String> progress) {
        this.first = first;
        this.count = count;
        this.deadline = startedAt + nanos;
        this.wanted = wanted;
        this.progress = progress;
        this.next = new AtomicLong(first);
    }

    void run(int jobs) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < jobs; i++) {
            Thread thread = new Thread(this::work, "simulator-" + i);
            thread.start();
            threads.add(thread);
        }
        work();
        for (Thread thread : threads) {
            thread.join();
        }
        endedAt = System.nanoTime();
    }

    private void work() {
        Resources resources = new Resources();
        while (System.nanoTime() - deadline < 0) {
            long seed = next.getAndIncrement();
            if (seed >= first + count) {
                return;
            }
            Schedule schedule = ScheduleGenerator.generate(seed);
            if (!wanted.test(schedule)) {
                continue;
            }
            Verdict verdict = new Simulation(schedule, new EventLog(null), resources).run();
            add(verdict);
            if (!verdict.ok()) {
                resources = new Resources();
            }
        }
    }

    private void add(Verdict verdict) {
        lock.lock();
        try {
            done++;
            boolean streams = !verdict.schedule().hasDatagrams();
            streamWorlds += streams ? 1 : 0;
            streamViolations += streams && !verdict.ok() ? 1 : 0;
            events += verdict.events();
            virtual += verdict.elapsed();
            verdict.rules().forEach(rule -> exercised.merge(rule, 1L, Long::sum));
            faults[Math.min(HISTOGRAM - 1, verdict.faults())]++;
            moves[Math.min(HISTOGRAM - 1, verdict.moves())]++;
            if (!verdict.ok()) {
                violationCount++;
                if (violations.size() < KEPT_VIOLATIONS) {
                    violations.add(verdict);
                    progress.accept("seed " + verdict.schedule().world().seed() + ": " + verdict.violation());
                }
            }
            long now = System.nanoTime();
            if (now - reportedAt > (now - startedAt < LONG ? OFTEN : SELDOM)) {
                reportedAt = now;
                progress.accept(String.format(
                        Locale.ROOT,
                        "%d seeds, %.1f per second, %d violations, %d s",
                        done,
                        seedsPerSecond(now),
                        violationCount,
                        NANOSECONDS.toSeconds(now - startedAt)));
            }
        } finally {
            lock.unlock();
        }
    }

    private double seedsPerSecond(long now) {
        return done * 1e9 / Math.max(1, now - startedAt);
    }

    long seeds() {
        return done;
    }

    double seedsPerSecond() {
        return seedsPerSecond(endedAt);
    }

    long violations() {
        return violationCount;
    }

    /** Seeds whose world has links for streams only. */
    long streamWorlds() {
        return streamWorlds;
    }

    long streamViolations() {
        return streamViolations;
    }

    List<Verdict> kept() {
        return violations;
    }

    /** Events of a schedule, on average. */
    long eventsPerSeed() {
        return done == 0 ? 0 : events / done;
    }

    /** Virtual seconds of a schedule, on average. */
    double virtualSeconds() {
        return done == 0 ? 0 : virtual / 1e9 / done;
    }

    long exercised(Rule rule) {
        return exercised.getOrDefault(rule, 0L);
    }

    int medianFaults() {
        return median(faults);
    }

    int medianMoves() {
        return median(moves);
    }

    private int median(int[] histogram) {
        long seen = 0;
        for (int i = 0; i < histogram.length; i++) {
            seen += histogram[i];
            if (2 * seen >= done) {
                return i;
            }
        }
        return 0;
    }
}
