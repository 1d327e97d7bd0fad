// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rendr links}: emulated links as a process of its own, for acceptance runs. */
@Command(
        name = "links",
        hidden = true,
        description =
                "Opens an emulated link to each target and breaks the busiest one again and again, until it is told"
                        + " to stop; then prints what the links did.",
        mixinStandardHelpOptions = true)
final class LinksCommand implements Callable<Integer> {
    private static final List<Fault> ROUND =
            List.of(Fault.BLACK_HOLE_UP, Fault.RESET, Fault.BLACK_HOLE_DOWN, Fault.FIN, Fault.STALL);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--to",
            required = true,
            converter = HostPort.class,
            paramLabel = "HOST:PORT",
            description = "Target of a link; repeat it.")
    private List<InetSocketAddress> targets;

    @Option(names = "--rate", defaultValue = "200mbit", converter = Units.Rate.class, description = "Of each link.")
    private long rate;

    @Option(names = "--delay", defaultValue = "5ms", converter = Units.Time.class, description = "Each way.")
    private Duration delay;

    @Option(
            names = "--every",
            defaultValue = "3s",
            converter = Units.Time.class,
            description = "From the end of a fault to the next one.")
    private Duration every;

    @Option(
            names = "--hold",
            defaultValue = "1s",
            converter = Units.Time.class,
            description = "How long a black hole lasts.")
    private Duration hold;

    @Override
    public Integer call() throws IOException {
        List<BrokenLink> links = new ArrayList<>();
        PrintWriter out = spec.commandLine().getOut();
        Thread breaking = new Thread(() -> breakInTurn(links), "rendr-links");
        breaking.setDaemon(true);
        try {
            for (InetSocketAddress target : targets) {
                LinkEmulator link = LinkEmulator.open(HostPort.resolve(target));
                links.add(new BrokenLink("link" + (links.size() + 1), link));
                link.shape(LinkShape.UNSHAPED.withDelay(delay).withRate(rate));
                out.println("link " + HostPort.text(link.address()) + " to " + HostPort.text(target));
            }
            out.flush();
            breaking.start();
            UntilStopped.run(() -> {
                stop(breaking);
                out.println(Json.line("links", links.stream().allMatch(BrokenLink::allProven), figures(links)));
                out.flush();
            });
        } finally {
            stop(breaking);
            links.forEach(link -> link.emulator.close());
        }
        return 0;
    }

    /** Afterwards nobody else uses what the thread used. */
    private static void stop(Thread thread) {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Object> figures(List<BrokenLink> links) {
        Map<String, Object> figures = new LinkedHashMap<>();
        links.forEach(link -> figures.put(link.name, link.figures()));
        return figures;
    }

    private void breakInTurn(List<BrokenLink> links) {
        PrintWriter err = spec.commandLine().getErr();
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(every.toNanos());
            BrokenLink busiest = links.get(0);
            long most = -1;
            for (BrokenLink link : links) {
                long carried = link.carriedSinceLastAsked();
                if (carried > most) {
                    most = carried;
                    busiest = link;
                }
            }
            if (!Thread.currentThread().isInterrupted()) {
                err.println(busiest.breakOnce(hold));
                err.flush();
            }
        }
    }

    /** One link, and the faults that befell it. */
    private static final class BrokenLink {
        private final String name;
        private final LinkEmulator emulator;
        private final Map<String, Integer> proven = new LinkedHashMap<>();
        private final Map<String, Integer> unproven = new LinkedHashMap<>();
        private int next;
        private long carried;

        BrokenLink(String name, LinkEmulator emulator) {
            this.name = name;
            this.emulator = emulator;
        }

        long carriedSinceLastAsked() {
            LinkCounters counters = emulator.counters();
            long total = counters.up().forwarded() + counters.down().forwarded();
            long since = total - carried;
            carried = total;
            return since;
        }

        String breakOnce(Duration hold) {
            Fault fault = ROUND.get(next % ROUND.size());
            LocalTime began = LocalTime.now().truncatedTo(ChronoUnit.MILLIS);
            LinkCounters before = emulator.counters();
            fault.begin(emulator);
            if (fault.isLasting()) {
                LockSupport.parkNanos(hold.toNanos());
            }
            boolean seen = fault.proven(before, emulator.counters());
            fault.end(emulator);
            next += seen ? 1 : 0; // what hit nothing is done again
            (seen ? proven : unproven).merge(fault.title(), 1, Integer::sum);
            return began + " " + fault.title() + " on " + name + (seen ? "" : " (hit nothing)");
        }

        boolean allProven() {
            return ROUND.stream().allMatch(fault -> proven.containsKey(fault.title()));
        }

        Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put(
                    "faults",
                    proven.values().stream().mapToInt(Integer::intValue).sum());
            figures.put("proven", proven);
            figures.put("hitNothing", unproven);
            figures.put("counters", LinkFigures.of(emulator.counters()));
            return figures;
        }
    }
}
