// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.MINUTES;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The command {@code simulator/run}. Exit status 0 when nothing was violated, 1 when something was, 2 for bad use. */
public final class Main {
    private static final String USAGE = """
            usage: simulator/run [--seeds N | --minutes M] [--first S] [--links stream|datagram] [--jobs J] [--json]
                   simulator/run --seed S [--log] [--shrink] [--json]
                   simulator/run --replay FILE [--log] [--shrink] [--json]
                   simulator/run --scenario NAME|all [--log] [--json]
                   simulator/run --print S
                   simulator/run --mutants [NAME...] [--log] [--jobs J] [--json]
            """;

    /** A run of so many minutes has to exercise every rule this often. */
    private static final int THOROUGH = 60;

    private static final int SCHEDULES_PER_RULE = 1_000;

    private final Map<String, String> options = new TreeMap<>();
    private final List<String> names = new ArrayList<>();

    private Main() {}

    /** Runs what the arguments ask for and exits. */
    public static void main(String[] args) throws IOException, InterruptedException {
        Main main = new Main();
        try {
            main.parse(args);
            System.exit(main.run() ? 0 : 1);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(USAGE);
            System.exit(2);
        }
    }

    private void parse(String[] args) {
        List<String> flags = List.of("--log", "--shrink", "--json", "--mutants");
        List<String> values = List.of(
                "--seeds",
                "--minutes",
                "--first",
                "--links",
                "--jobs",
                "--seed",
                "--replay",
                "--scenario",
                "--print",
                "--root");
        for (int i = 0; i < args.length; i++) {
            if (flags.contains(args[i])) {
                options.put(args[i], "");
            } else if (values.contains(args[i]) && i + 1 < args.length) {
                options.put(args[i], args[++i]);
            } else if (has("--mutants") && !args[i].startsWith("-")) {
                names.add(args[i]);
            } else {
                throw new IllegalArgumentException("'" + args[i] + "' is no option, or misses its value");
            }
        }
    }

    private boolean has(String option) {
        return options.containsKey(option);
    }

    private long number(String option, long otherwise) {
        String text = options.get(option);
        return text == null ? otherwise : Long.parseLong(text);
    }

    private boolean run() throws IOException, InterruptedException {
        if (has("--print")) {
            System.out.print(ScheduleText.write(ScheduleGenerator.generate(number("--print", 1))));
            return true;
        }
        if (has("--mutants")) {
            return mutants(Path.of(options.getOrDefault("--root", ".")));
        }
        if (has("--scenario")) {
            return scenarios(options.get("--scenario"));
        }
        if (has("--replay")) {
            return one(ScheduleText.read(Files.readString(Path.of(options.get("--replay")))));
        }
        if (has("--seed")) {
            return one(ScheduleGenerator.generate(number("--seed", 1)));
        }
        return batch();
    }

    private EventLog log() {
        return new EventLog(has("--log") ? System.out::println : null);
    }

    private boolean one(Schedule schedule) {
        Verdict verdict = new Simulation(schedule, log(), new Resources()).run();
        if (!verdict.ok()) {
            System.out.println(verdict.violation());
            System.out.print(ScheduleText.write(schedule));
            if (has("--shrink")) {
                Schedule small = Shrinker.shrink(verdict, System.out::println);
                System.out.println("# shrunk:");
                System.out.print(ScheduleText.write(small));
            }
        }
        Json figures = new Json()
                .put("seeds", 1)
                .put("violations", verdict.ok() ? 0 : 1)
                .put("events", verdict.events())
                .put("virtualSeconds", verdict.elapsed() / 1e9);
        System.out.println(
                new Json().put("name", "simulator").put("ok", verdict.ok()).put("figures", figures));
        return verdict.ok();
    }

    private boolean scenarios(String name) {
        List<String> failed = new ArrayList<>();
        int count = 0;
        for (Scenario scenario : Scenarios.all()) {
            if (name.equals("all") || name.equals(scenario.name())) {
                count++;
                String problem = scenario.run(log());
                System.out.println(scenario.name() + ": " + (problem == null ? "ok" : problem));
                if (problem != null) {
                    failed.add(scenario.name());
                }
            }
        }
        if (count == 0) {
            throw new IllegalArgumentException("there is no scenario '" + name + "'");
        }
        System.out.println(new Json()
                .put("name", "simulator")
                .put("ok", failed.isEmpty())
                .put("figures", new Json().put("scenarios", count).put("failed", failed.size())));
        return failed.isEmpty();
    }

    private boolean mutants(Path root) throws IOException, InterruptedException {
        List<Mutant> all = Mutant.all(root.resolve("simulator/mutants"));
        List<Mutant> chosen = new ArrayList<>(all);
        if (!names.isEmpty()) {
            chosen.removeIf(mutant -> !names.contains(mutant.name()));
        }
        MutationGate gate =
                new MutationGate(root.resolve("rendr-engine/src/main/java"), has("--log"), System.out::println);
        Map<MutationGate.Fate, Integer> fates = new EnumMap<>(MutationGate.Fate.class);
        for (MutationGate.Judgement judgement : gate.judge(chosen, (int) number("--jobs", 2))) {
            fates.merge(judgement.fate(), 1, Integer::sum);
        }
        Set<Rule> unguarded = MutationGate.unguarded(all);
        unguarded.forEach(rule -> System.out.println(rule + " (" + rule.kind() + "): no mutant takes it out"));
        int killed = fates.getOrDefault(MutationGate.Fate.KILLED, 0);
        boolean ok = killed == chosen.size() && !chosen.isEmpty() && unguarded.isEmpty();
        Json figures = new Json()
                .put("mutants", chosen.size())
                .put("killed", killed)
                .put("survived", fates.getOrDefault(MutationGate.Fate.SURVIVED, 0))
                .put("broken", fates.getOrDefault(MutationGate.Fate.BROKEN, 0))
                .put("rules", Rule.values().length)
                .put("unguarded", unguarded.size());
        System.out.println(
                new Json().put("name", "simulator-mutants").put("ok", ok).put("figures", figures));
        return ok;
    }

    /** How a violation is seen again, and the smallest schedule that shows it. */
    private void tell(Verdict verdict) {
        long seed = verdict.schedule().world().seed();
        System.out.println("seed " + seed + ": " + verdict.violation());
        System.out.println("# again: simulator/run --seed " + seed + " --log; or put the lines below into a file and");
        System.out.println("# simulator/run --replay FILE --log");
        System.out.print(ScheduleText.write(Shrinker.shrink(verdict, step -> {})));
    }

    /** Whether schedules were not trivial, and every rule was exercised by enough of them. */
    private static boolean isThorough(Batch batch) {
        boolean thorough = batch.medianFaults() >= 5 && batch.medianMoves() >= 3;
        for (Rule rule : Rule.values()) {
            if (batch.exercised(rule) < SCHEDULES_PER_RULE) {
                System.out.println(rule + " was exercised by " + batch.exercised(rule) + " schedules only");
                thorough = false;
            }
        }
        return thorough;
    }

    private Predicate<Schedule> links() {
        return switch (options.getOrDefault("--links", "any")) {
            case "any" -> schedule -> true;
            case "stream" -> schedule -> !schedule.hasDatagrams();
            case "datagram" -> Schedule::hasDatagrams;
            default ->
                throw new IllegalArgumentException(
                        "--links " + options.get("--links") + ": there are stream and datagram links");
        };
    }

    private boolean batch() throws InterruptedException {
        boolean timed = has("--minutes");
        long seeds = timed ? Long.MAX_VALUE / 2 : number("--seeds", 1_000);
        long nanos = timed ? MINUTES.toNanos(number("--minutes", 1)) : Long.MAX_VALUE / 4;
        int jobs = (int) number("--jobs", 2);
        Batch batch = new Batch(number("--first", 1), seeds, nanos, links(), System.out::println);
        batch.run(jobs);
        Json rules = new Json();
        for (Rule rule : Rule.values()) {
            System.out.printf(
                    Locale.ROOT, "%-18s %-8s %9d  %s%n", rule, rule.kind(), batch.exercised(rule), rule.text());
            rules.put(rule.name(), batch.exercised(rule));
        }
        batch.kept().forEach(this::tell);
        boolean thorough = !timed || number("--minutes", 1) < THOROUGH || has("--links") || isThorough(batch);
        boolean ok = batch.violations() == 0 && thorough;
        Json figures = new Json()
                .put("seeds", batch.seeds())
                .put("seedsPerSecond", batch.seedsPerSecond())
                .put("jobs", jobs)
                .put("violations", batch.violations())
                .put("seedsOfStreamLinksOnly", batch.streamWorlds())
                .put("violationsOfThose", batch.streamViolations())
                .put("eventsPerSeed", batch.eventsPerSeed())
                .put("virtualSecondsPerSeed", batch.virtualSeconds())
                .put("medianFaults", batch.medianFaults())
                .put("medianMoves", batch.medianMoves())
                .put("rules", rules);
        System.out.println(new Json().put("name", "simulator").put("ok", ok).put("figures", figures));
        return ok;
    }
}
