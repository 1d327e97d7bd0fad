// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.ConnStats;
import io.rendr.testkit.LinkEmulator;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The demonstration: a transfer, a conversation and packets, each over three paths, while the path that carries the
 * transfer is broken in every way that a network knows.
 */
final class Demo {
    private final DemoSettings settings;
    private final DemoView view;

    Demo(DemoSettings settings, DemoView view) {
        this.settings = settings;
        this.view = view;
    }

    /**
     * What came of it.
     *
     * @param figures for {@code --json}
     * @param problems why it is not ok, a sentence each; empty if it is
     */
    record Result(Map<String, Object> figures, List<String> problems) {
        boolean ok() {
            return problems.isEmpty();
        }
    }

    private interface Job<T> {
        T run() throws IOException;
    }

    Result run() throws IOException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(4, task -> {
            Thread thread = new Thread(task, "rendr-demo");
            thread.setDaemon(true);
            return thread;
        });
        try (DemoWorld world = DemoWorld.open(settings)) {
            return run(world, threads);
        } finally {
            threads.shutdownNow();
        }
    }

    private Result run(DemoWorld world, ExecutorService threads) throws IOException, InterruptedException {
        CompletableFuture<List<FaultRun.Outcome>> outcomes = new CompletableFuture<>();
        BulkTransfer transfer =
                new BulkTransfer(world.dial(BulkTransfer.JOB), settings.bytes(), () -> !outcomes.isDone());
        EchoTalk echo = new EchoTalk(world.dial(EchoTalk.JOB));
        PacketTalk packets = new PacketTalk(world.dialPacket());
        long began = System.nanoTime();
        FaultRun faults =
                new FaultRun(settings, world.links(), transfer, event -> view.event(System.nanoTime() - began, event));
        start(threads, outcomes, faults::run);
        CompletableFuture<Boolean> equal = start(threads, new CompletableFuture<>(), transfer::run);
        CompletableFuture<Void> talk = start(threads, new CompletableFuture<>(), () -> {
            echo.run();
            return null;
        });
        CompletableFuture<Void> packetTalk = start(threads, new CompletableFuture<>(), () -> {
            packets.run();
            return null;
        });
        DemoStatus.Looker looker = new DemoStatus.Looker(began, transfer, echo, packets, faults, settings.bytes());
        watch(looker, equal);
        long took = System.nanoTime() - began;
        echo.stop();
        packets.stop();
        watch(looker, talk);
        watch(looker, packetTalk);

        List<String> problems = new ArrayList<>();
        boolean sha256Equal = Boolean.TRUE.equals(value(equal, "the transfer failed", problems));
        value(talk, "the conversation failed", problems);
        value(packetTalk, "the packets failed", problems);
        List<FaultRun.Outcome> happened = value(outcomes, "the faults could not be made", problems);
        happened = happened == null ? List.of() : happened;
        ConnStats stats = transfer.conn().admin().stats();
        judge(sha256Equal, echo.figures(), happened, stats.migrationCount(), problems);
        judge(packets.figures(), problems);
        Result result = new Result(
                figures(took, transfer, sha256Equal, echo, packets, happened, stats, world.links()), problems);
        transfer.conn().close();
        echo.conn().close();
        packets.conn().close();
        return result;
    }

    private static <T> CompletableFuture<T> start(
            ExecutorService threads, CompletableFuture<T> result, Job<? extends T> job) {
        threads.execute(() -> {
            try {
                result.complete(job.run());
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private void watch(DemoStatus.Looker looker, CompletableFuture<?> job) throws InterruptedException {
        while (!job.isDone()) {
            view.show(looker.look());
            try {
                job.get(DemoView.PERIOD_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                continue; // time for the next look
            } catch (ExecutionException e) {
                break; // told by value()
            }
        }
        view.show(looker.look());
    }

    private static <T> @Nullable T value(CompletableFuture<T> job, String what, List<String> problems)
            throws InterruptedException {
        try {
            return job.get();
        } catch (ExecutionException e) {
            problems.add(what + ": " + e.getCause());
            return null;
        }
    }

    private void judge(
            boolean sha256Equal,
            EchoTalk.Figures echo,
            List<FaultRun.Outcome> happened,
            long moves,
            List<String> problems) {
        if (!sha256Equal) {
            problems.add("the receiver did not get what was sent");
        }
        if (echo.errors() > 0 || echo.echoes() == 0) {
            problems.add(echo.errors() + " of " + (echo.echoes() + echo.errors()) + " echoes were wrong");
        }
        int planned = settings.faults().size() + 1; // and the blackout
        if (happened.size() < planned) {
            problems.add("only " + happened.size() + " of " + planned + " faults happened");
        }
        for (FaultRun.Outcome outcome : happened) {
            String what = outcome.fault() + " (path " + outcome.path() + ")";
            if (!outcome.proven()) {
                problems.add(what + " is not in the counters of the link");
            }
            if (!outcome.overcome()) {
                problems.add(what + " stopped the transfer");
            }
        }
        if (moves < settings.faults().size()) {
            problems.add(moves + " moves for " + settings.faults().size() + " broken paths");
        }
    }

    /** Every packet has to be back, as it was, and none of them twice. */
    static void judge(PacketTalk.Figures packets, List<String> problems) {
        if (packets.sent() == 0 || packets.missing() > 0) {
            problems.add(packets.missing() + " of " + packets.sent() + " packets did not come back");
        }
        if (packets.twice() > 0 || packets.wrong() > 0) {
            problems.add(packets.twice() + " packets came back twice, " + packets.wrong() + " were not what was sent");
        }
        if (packets.counters().expired() > 0) {
            problems.add(packets.counters().expired() + " packets were given up");
        }
    }

    private static Map<String, Object> figures(
            long took,
            BulkTransfer transfer,
            boolean sha256Equal,
            EchoTalk echo,
            PacketTalk packets,
            List<FaultRun.Outcome> happened,
            ConnStats stats,
            Map<String, LinkEmulator> links) {
        ConnStats echoStats = echo.conn().admin().stats();
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("bytes", transfer.written());
        figures.put("seconds", Math.round(took / 1e6) / 1e3);
        figures.put("sha256Equal", sha256Equal);
        figures.put("echoes", echo.figures().echoes());
        figures.put("echoErrors", echo.figures().errors());
        figures.put("packets", packets.figures().json());
        figures.put("migrations", stats.migrationCount());
        figures.put("echoMigrations", echoStats.migrationCount());
        figures.put("faults", happened.stream().map(FaultRun.Outcome::figures).toList());
        figures.put("links", linkFigures(links));
        figures.put("longestGapMillis", stats.counters().longestGap().toMillis());
        figures.put(
                "longestEchoMillis",
                Duration.ofNanos(echo.figures().longestNanos()).toMillis());
        figures.put("bytesResent", stats.bytesResent());
        return figures;
    }

    private static Map<String, Object> linkFigures(Map<String, LinkEmulator> links) {
        Map<String, Object> figures = new LinkedHashMap<>();
        links.forEach((name, link) -> figures.put(name, LinkFigures.of(link.counters())));
        return figures;
    }
}
