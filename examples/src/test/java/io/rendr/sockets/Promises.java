// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.ConnCounters;
import io.rendr.ConnState;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What the tests of this package show, in figures; {@code acceptance/run promises}. */
final class Promises {
    private static final long MIB = 1 << 20;
    private static final Duration READ_AFTER = Duration.ofSeconds(5);
    private static final long MAX_LATE_MILLIS = 1000;
    private static final double FULL_SPEED = 0.8;

    private final List<String> problems = new ArrayList<>();

    private interface Part {
        Map<String, Object> run() throws Exception;
    }

    private Promises() {}

    /**
     * Runs the parts that are named, or all.
     *
     * @param args as {@code acceptance/promises --help} says
     */
    public static void main(String[] args) throws Exception {
        List<String> names = new ArrayList<>(Arrays.asList(args));
        boolean json = names.remove("--json");
        int rounds = 3;
        int at = names.indexOf("--rounds");
        if (at >= 0) {
            rounds = Integer.parseInt(names.get(at + 1));
            names.subList(at, at + 2).clear();
        }
        Promises promises = new Promises();
        int times = rounds;
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("parked", promises::parked);
        parts.put("idle-reader", () -> promises.idleReader(times));
        parts.put("budget", () -> promises.budget(times));
        if (!parts.keySet().containsAll(names)) {
            System.err.println("promises: there are " + parts.keySet() + ", not " + names);
            System.exit(2);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Map.Entry<String, Part> part : parts.entrySet()) {
            if (names.isEmpty() || names.contains(part.getKey())) {
                Map<String, Object> found = part.getValue().run();
                figures.put(part.getKey(), found);
                System.err.println(part.getKey() + ": " + json(found));
            }
        }
        promises.problems.forEach(problem -> System.err.println("not ok: " + problem));
        boolean ok = promises.problems.isEmpty();
        figures.put("problems", promises.problems);
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("name", "promises");
            all.put("ok", ok);
            all.put("figures", figures);
            System.out.println(json(all));
        }
        System.exit(ok ? 0 : 1);
    }

    private void check(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }

    // ---- parked

    private Map<String, Object> parked() throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        try (Peers peers = new Peers(3)) {
            StreamConn client = peers.here
                    .dialer(b -> b.path(peers.path(0)).path(peers.path(1)))
                    .dial();
            StreamConn server = peers.accept();
            long began = System.nanoTime();
            CountDownLatch read = new CountDownLatch(1);
            Job<byte[]> clientWrites = Job.start("client-writes", () -> Traffic.send(client, 64 * MIB, 1));
            Job<byte[]> serverWrites = Job.start("server-writes", () -> Traffic.send(server, 64 * MIB, 2));
            Job<byte[]> serverReads = Job.start("server-reads", () -> receiveAfter(read, server));
            Job<byte[]> clientReads = Job.start("client-reads", () -> receiveAfter(read, client));
            Await.until(
                    "both are parked",
                    () -> ParkedTest.isParked(clientWrites, client, server)
                            && ParkedTest.isParked(serverWrites, server, client));
            figures.put("parkedAfterMillis", millis(System.nanoTime() - began));
            long asked = System.nanoTime();
            int added = client.admin().addPath(peers.path(2));
            figures.put("attachMillis", millis(System.nanoTime() - asked));
            asked = System.nanoTime();
            client.admin().migrate(added);
            figures.put("moveMillis", millis(System.nanoTime() - asked));
            TimeUnit.NANOSECONDS.sleep(began + READ_AFTER.toNanos() - System.nanoTime()); // what is to be measured
            boolean parked = ParkedTest.isParked(clientWrites, client, server)
                    && ParkedTest.isParked(serverWrites, server, client);
            check(parked, "a writer was not parked after 5 s");
            figures.put("clientSentBytes", client.admin().stats().bytesSent());
            figures.put("serverSentBytes", server.admin().stats().bytesSent());
            figures.put(
                    "bufferedBytes",
                    List.of(
                            peers.here.status().bufferedBytes(),
                            peers.there.status().bufferedBytes()));
            read.countDown();
            boolean equal = Arrays.equals(serverReads.result(), clientWrites.result())
                    && Arrays.equals(clientReads.result(), serverWrites.result());
            check(equal, "what arrived has another SHA-256");
            figures.put("sha256Equal", equal);
            figures.put("seconds", millis(System.nanoTime() - began) / 1000.0);
            addCounters(figures, client);
        }
        return figures;
    }

    private static byte[] receiveAfter(CountDownLatch start, StreamConn conn) throws Exception {
        start.await();
        return Traffic.receive(conn);
    }

    private void addCounters(Map<String, Object> figures, StreamConn conn) {
        ConnCounters counters = conn.admin().stats().counters();
        figures.put("moves", counters.totalMigrations());
        figures.put("falseSuspicions", counters.spuriousSuspicions());
        figures.put("carriersLost", counters.carriersLost());
        check(counters.carriersLost() == 0, "a carrier was lost without a fault");
    }

    // ---- a reader that never reads

    private Map<String, Object> idleReader(int rounds) throws Exception {
        List<Double> alone = new ArrayList<>();
        List<Double> beside = new ArrayList<>();
        Map<String, Object> figures = new LinkedHashMap<>();
        try (Peers peers = new Peers(2)) {
            transfers(peers, 2); // warms up
            for (int i = 0; i < rounds; i++) {
                alone.add(transfers(peers, 2));
                StreamConn client = peers.dial();
                StreamConn server = peers.accept();
                Job<Void> writer = Job.start("parked-writer", () -> Traffic.sendForEver(client));
                Await.until("the writer is parked", () -> ParkedTest.isParked(writer, client, server));
                beside.add(transfers(peers, 2));
                check(ParkedTest.isParked(writer, client, server), "the writer that nobody reads was not parked");
                Await.until("the others are gone", () -> peers.there.status().flows() == 1);
                figures.put("heldBytes", peers.there.status().bufferedBytes());
                addCounters(figures, client);
                check(client.admin().migrationCount() == 0, "the flow that nobody reads was moved");
                client.abort(1);
                writer.failure();
                server.close();
                Await.until("the flow is gone", () -> peers.there.status().flows() == 0);
            }
        }
        double ratio = median(beside) / median(alone);
        check(ratio >= FULL_SPEED, "other flows ran at " + ratio + " of their speed");
        figures.put("aloneMegabytesPerSecond", alone);
        figures.put("besideMegabytesPerSecond", beside);
        figures.put("ratio", Math.round(ratio * 100) / 100.0);
        return figures;
    }

    /** So many flows of 128 MiB at once; megabytes per second, all together. */
    private double transfers(Peers peers, int count) throws Exception {
        List<Job<byte[]>> writers = new ArrayList<>();
        List<Job<byte[]>> readers = new ArrayList<>();
        List<StreamConn> conns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            conns.add(peers.dial());
            conns.add(peers.accept());
        }
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            StreamConn client = conns.get(2 * i);
            StreamConn server = conns.get(2 * i + 1);
            writers.add(Job.start("other-writes", () -> Traffic.send(client, 128 * MIB, 4)));
            readers.add(Job.start("other-reads", () -> Traffic.receive(server)));
        }
        for (int i = 0; i < count; i++) {
            boolean equal =
                    Arrays.equals(readers.get(i).result(), writers.get(i).result());
            check(equal, "what arrived has another SHA-256");
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        conns.forEach(StreamConn::close);
        return Math.round(count * 128 * MIB / seconds / 1e5) / 10.0;
    }

    // ---- budget

    private Map<String, Object> budget(int rounds) throws Exception {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (Outage outage : Outage.values()) {
            List<Object> holds = new ArrayList<>();
            List<Long> dialer = new ArrayList<>();
            List<Long> acceptor = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                holds.add(backInTime(outage));
                neverBack(outage, dialer, acceptor);
            }
            Map<String, Object> found = new LinkedHashMap<>();
            found.put("heldMillisAndLostNothing", holds);
            found.put("dialerLateMillis", dialer);
            found.put("acceptorLateMillis", acceptor);
            figures.put(outage.name().toLowerCase(Locale.ROOT), found);
        }
        return figures;
    }

    private long backInTime(Outage outage) throws Exception {
        long size = 64 * MIB;
        try (Peers peers = new Peers(2)) {
            StreamConn client = peers.dial(b -> b.migrationBudget(Duration.ofSeconds(10)));
            StreamConn server = peers.accept();
            Peers.awaitAllUsable(server, 2);
            AtomicLong up = new AtomicLong();
            Job<byte[]> clientWrites = Job.start("client-writes", () -> Traffic.send(client, size, 1));
            Job<byte[]> serverWrites = Job.start("server-writes", () -> Traffic.send(server, size, 2));
            Job<byte[]> serverReads = Job.start("server-reads", () -> Traffic.receive(server, up));
            Job<byte[]> clientReads = Job.start("client-reads", () -> Traffic.receive(client));
            Await.until("the transfer runs", () -> up.get() > size / 8);
            outage.begin(peers.links);
            Await.until("both hold", () -> isHeld(client) && isHeld(server));
            TimeUnit.SECONDS.sleep(3); // how long the outage lasts, not a means of waiting for something
            check(outage.isProven(peers.links), "the links show no outage");
            outage.end(peers.links);
            boolean equal = Arrays.equals(serverReads.result(), clientWrites.result())
                    && Arrays.equals(clientReads.result(), serverWrites.result());
            check(equal, "after an outage within the budget, what arrived has another SHA-256");
            return client.admin().stats().counters().longestHold().toMillis();
        }
    }

    private static boolean isHeld(StreamConn conn) {
        return conn.admin().state() == ConnState.MIGRATING;
    }

    private void neverBack(Outage outage, List<Long> dialer, List<Long> acceptor) throws Exception {
        Duration budget = Duration.ofSeconds(2);
        try (Peers peers = new Peers(2)) {
            StreamConn client = peers.dial(b -> b.migrationBudget(budget));
            StreamConn server = peers.accept();
            Peers.awaitAllUsable(server, 2);
            HoldWatch clientHold = new HoldWatch(client);
            HoldWatch serverHold = new HoldWatch(server);
            Job<Void> clientWrites = Job.start("client-writes", () -> Traffic.sendForEver(client));
            Job<Void> serverWrites = Job.start("server-writes", () -> Traffic.sendForEver(server));
            Job<byte[]> serverReads = Job.start("server-reads", () -> Traffic.receive(server));
            Job<byte[]> clientReads = Job.start("client-reads", () -> Traffic.receive(client));
            Await.until("the transfer runs", () -> server.admin().stats().bytesReceived() > MIB);
            outage.begin(peers.links);
            for (Job<?> job : List.of(clientWrites, clientReads, serverWrites, serverReads)) {
                check(job.failure() instanceof MigrationBudgetExceededException, "a call failed with another error");
            }
            check(outage.isProven(peers.links), "the links show no outage");
            dialer.add(late(clientHold, budget, "dialer"));
            acceptor.add(late(serverHold, budget.plusSeconds(5), "acceptor"));
        }
    }

    private long late(HoldWatch hold, Duration budget, String end) {
        Duration late = hold.late(budget);
        boolean inTime = late.compareTo(HoldWatch.CLOCK) >= 0 && late.toMillis() <= MAX_LATE_MILLIS;
        check(inTime, "the " + end + " gave up " + late.toMillis() + " ms after its deadline");
        return late.toMillis();
    }

    // ---- figures

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    private static String json(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> entries = new ArrayList<>();
            map.forEach((key, each) -> entries.add("\"" + key + "\": " + json(each)));
            return "{" + String.join(", ", entries) + "}";
        }
        if (value instanceof List<?> list) {
            return "[" + String.join(", ", list.stream().map(Promises::json).toList()) + "]";
        }
        return value instanceof String text
                ? "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\""
                : String.valueOf(value);
    }
}
