// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.TlsConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Packets of 1 KiB between two JVMs over QUIC on loopback: best-effort flows of rendr, each over one path of DATAGRAM frames,
 * against those frames from Netty's codec with the same settings. The path has verified the acceptor's certificate, so nothing
 * is sealed on top of QUIC.
 */
@Command(
        name = "quic-datagram",
        description =
                "Packets of 1 KiB in QUIC DATAGRAM frames against Netty's codec: highest rate without loss, latency, CPU.",
        mixinStandardHelpOptions = true)
final class QuicDatagram implements Callable<Integer> {
    private static final double LEAST = 0.80;
    private static final double GOAL_RATE = 100_000;
    private static final double MOST_LATE = 2;

    /** Of the highest rate of the baseline: there latency is compared. */
    private static final double SHARE = 0.7;

    private static final String BASE = "raw";

    @Mixin
    private Output output;

    @Mixin
    private PacketPair.Settings settings;

    @Option(
            names = "--connections",
            split = ",",
            description =
                    "Connections, or flows, that take packets in turn: a row each; the first one decides (default: ${DEFAULT-VALUE}).")
    private List<Integer> connections = List.of(1, 4);

    private final Map<Integer, Row> rows = new LinkedHashMap<>();

    /**
     * So many connections.
     *
     * @param rate at which latency was compared
     */
    private record Row(PacketPair pair, double rate) {
        Series heldOverBase() {
            return pair.highest().over(pair.highestOfBase());
        }

        Series lateOverBase() {
            return pair.lateOverBase(rate);
        }

        boolean isGood() {
            return heldOverBase().median() >= LEAST && lateOverBase().median() <= MOST_LATE;
        }
    }

    @Override
    public Integer call() throws Exception {
        Path certificate = Files.createTempFile("rendr-bench", ".pem");
        try (FarProcess far = new FarProcess();
                QuicDatagrams datagrams = new QuicDatagrams();
                Rendr rendr = Rendr.create()) {
            far.serveQuic(certificate);
            PathSpec path = PathSpec.of(
                            "quic://127.0.0.1:" + far.port("quic-rendr-datagram") + "?mode=datagram&connectTimeout=30s")
                    .with(TlsConfig.builder().trust(certificate).build());
            PacketPair.Open one = kind ->
                    kind.equals(BASE) ? datagrams.source(far.port("quic-raw-datagram")) : new PacketFlow(rendr, path);
            output.progress("raw is on %s", RawQuic.kind());
            for (int count : connections) {
                output.progress("%d at once:", count);
                rows.put(count, measure(new PacketPair(settings, output, BASE, InTurn.of(count, one), far)));
            }
        } finally {
            Files.delete(certificate);
        }
        return report();
    }

    private static Row measure(PacketPair pair) throws Exception {
        pair.warm();
        pair.search();
        double rate = Math.max(
                PacketPair.FLOOR, Math.rint(SHARE * pair.highestOfBase().median()));
        pair.measure(rate);
        return new Row(pair, rate);
    }

    /** Gives each packet to the next connection. */
    private static final class InTurn implements PacketOut {
        private final List<PacketOut> outs = new ArrayList<>();
        private final List<List<ByteBuffer>> shares = new ArrayList<>();
        private int next;

        static PacketPair.Open of(int count, PacketPair.Open one) {
            return kind -> {
                InTurn all = new InTurn();
                try {
                    while (all.outs.size() < count) {
                        all.outs.add(one.open(kind));
                        all.shares.add(new ArrayList<>());
                    }
                } catch (Exception e) {
                    all.close();
                    throw e;
                }
                return all;
            };
        }

        @Override
        public void send(List<ByteBuffer> packets) throws IOException {
            for (ByteBuffer packet : packets) {
                shares.get(next).add(packet);
                next = (next + 1) % outs.size();
            }
            for (int i = 0; i < outs.size(); i++) {
                outs.get(i).send(shares.get(i));
                shares.get(i).clear();
            }
        }

        @Override
        public void close() {
            outs.forEach(PacketOut::close);
        }
    }

    private int report() throws IOException {
        Map<String, Object> figures = settings.figures();
        figures.put("sockets", RawQuic.kind());
        output.line("packets of %d bytes; raw is Netty's codec on %s", PacketMeter.SIZE, RawQuic.kind());
        rows.forEach((count, row) -> {
            Map<String, Object> of = new LinkedHashMap<>();
            output.line("%d at once:", count);
            row.pair().report(of);
            of.put("heldOverRaw", row.heldOverBase().figures());
            figures.put("connections" + count, of);
        });
        rows.forEach(this::compare);
        Row first = rows.get(connections.get(0));
        return output.end("quic-datagram", settings.isBrief() ? first.pair().works() : first.isGood(), figures);
    }

    private void compare(int count, Row row) {
        String held = row.heldOverBase().text("%.2f");
        String late = row.lateOverBase().text("%.2f");
        output.line("without loss, rendr / raw, %d at once: %s, at least %.2f", count, held, LEAST);
        output.line("P95, rendr / raw, %d at once, at %.0f/s: %s, at most %.1f", count, row.rate(), late, MOST_LATE);
        output.line(
                "without loss, rendr, %d at once: %.0f/s, goal %.0f",
                count, row.pair().highest().median(), GOAL_RATE);
    }
}
