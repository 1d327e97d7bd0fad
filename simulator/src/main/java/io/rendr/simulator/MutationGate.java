// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Takes rules out of the engine one by one and demands that each is missed: by a scenario that fails, and says why, or
 * for a rule that is about speed by a figure that gets worse by a quarter.
 */
final class MutationGate {
    private static final long PATIENCE_MS = 180_000;
    private static final double WORSE = 1.25;

    enum Fate {
        KILLED,
        /** Nothing misses the rule. */
        SURVIVED,
        /** The patch does not apply or compile, or something else failed than what it is about. */
        BROKEN
    }

    /**
     * @param why what the scenario said, how its figure moved, or what is wrong with the patch
     */
    record Judgement(Mutant mutant, Fate fate, String why) {
        @Override
        public String toString() {
            return mutant.name() + " (" + mutant.rule() + "): " + fate + " by " + mutant.killer() + ": " + why;
        }
    }

    private final Path sources;
    private final boolean log;
    private final Consumer<String> progress;
    private final Map<String, Scenario.Outcome> whole = new ConcurrentHashMap<>();

    /**
     * @param sources root of the engine's sources
     * @param log whether each mutant's scenario tells its story
     * @param progress takes a line per mutant; may be called from several threads
     */
    MutationGate(Path sources, boolean log, Consumer<String> progress) {
        this.sources = sources;
        this.log = log;
        this.progress = progress;
    }

    /** Judges mutants on a few threads, in no particular order. */
    List<Judgement> judge(List<Mutant> mutants, int jobs) throws InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(jobs);
        try {
            List<Future<Judgement>> futures = new ArrayList<>();
            for (Mutant mutant : mutants) {
                futures.add(pool.submit(() -> judge(mutant)));
            }
            List<Judgement> judgements = new ArrayList<>();
            for (Future<Judgement> future : futures) {
                judgements.add(future.get());
            }
            return judgements;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            pool.shutdownNow();
        }
    }

    private Judgement judge(Mutant mutant) {
        Judgement judgement;
        try {
            judgement = judge(mutant, whole(mutant.killer()), mutated(mutant));
        } catch (TimeoutException e) {
            judgement = new Judgement(mutant, Fate.KILLED, "it goes on for ever");
        } catch (IllegalArgumentException | IllegalStateException | IOException e) {
            judgement = new Judgement(mutant, Fate.BROKEN, String.valueOf(e.getMessage()));
        }
        progress.accept(judgement.toString());
        return judgement;
    }

    private static Judgement judge(Mutant mutant, Scenario.Outcome whole, Scenario.Outcome mutated) {
        String problem = mutated.problem();
        if (whole.problem() != null) {
            return new Judgement(mutant, Fate.BROKEN, "it fails without the patch, too: " + whole.problem());
        }
        if (mutant.because().isEmpty() && whole.name().isEmpty()) {
            return new Judgement(mutant, Fate.BROKEN, "neither a reason nor a figure is named; it says: " + problem);
        }
        if (mutant.because().isEmpty()) {
            boolean moved = mutated.figure() > WORSE * Math.max(1, whole.figure());
            String figures = mutated.name() + " went from " + whole.figure() + " to " + mutated.figure();
            return new Judgement(mutant, moved ? Fate.KILLED : Fate.SURVIVED, figures);
        }
        if (problem == null) {
            return new Judgement(mutant, Fate.SURVIVED, "all is well");
        }
        String line = problem.lines().findFirst().orElse("");
        boolean meant = problem.contains(mutant.because());
        return new Judgement(mutant, meant ? Fate.KILLED : Fate.BROKEN, meant ? line : "something else: " + line);
    }

    private Scenario.Outcome whole(String scenario) {
        Scenario.Outcome known = whole.get(scenario);
        if (known == null) {
            known = Scenarios.find(scenario).outcome(new EventLog(null));
            whole.put(scenario, known);
        }
        return known;
    }

    private Scenario.Outcome mutated(Mutant mutant) throws IOException, TimeoutException {
        ClassLoader classes = MutantClasses.of(mutant.apply(sources));
        Object[] told = new Object[1];
        Thread runner = new Thread(() -> told[0] = run(classes, mutant.killer()), mutant.name());
        runner.setDaemon(true);
        runner.start();
        try {
            runner.join(PATIENCE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (runner.isAlive()) {
            throw new TimeoutException(
                    mutant.name() + " runs for more than " + MILLISECONDS.toSeconds(PATIENCE_MS) + " s");
        }
        if (told[0] instanceof RuntimeException failure) {
            throw new IllegalStateException(failure);
        }
        return Scenario.Outcome.of((String[]) told[0]);
    }

    /** What a scenario of other classes comes to; texts, as these know no other type in common. */
    private Object run(ClassLoader classes, String scenario) {
        try {
            Method tell =
                    classes.loadClass(Scenarios.class.getName()).getDeclaredMethod("tell", String.class, boolean.class);
            tell.setAccessible(true);
            return tell.invoke(null, scenario, log);
        } catch (InvocationTargetException e) {
            return new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            return new IllegalStateException(e);
        }
    }

    /** Rules that no mutant takes out. */
    static Set<Rule> unguarded(List<Mutant> mutants) {
        Set<Rule> rules = EnumSet.allOf(Rule.class);
        mutants.forEach(mutant -> rules.remove(mutant.rule()));
        return rules;
    }
}
