// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.PathSpec;
import io.rendr.Rendr;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Packets of 1 KiB between two JVMs over loopback UDP: a best-effort flow of rendr against a plain socket of Netty. */
@Command(
        name = "udp",
        description = "Packets of 1 KiB over UDP against plain Netty: highest rate without loss, latency, CPU.",
        mixinStandardHelpOptions = true)
final class Udp implements Callable<Integer> {
    private static final double LEAST_RATE = 100_000;
    private static final double GOAL_RATE = 200_000;
    private static final double MOST_LATE = 2;
    private static final String BASE = "netty";

    @Mixin
    private Output output;

    @Mixin
    private PacketPair.Settings settings;

    @Option(
            names = "--rates",
            split = ",",
            description = "Packets a second for latency and CPU; the first one decides (default: 100000,200000).")
    private List<Double> rates = List.of(LEAST_RATE, GOAL_RATE);

    @Override
    public Integer call() throws Exception {
        try (FarProcess far = new FarProcess();
                Datagrams datagrams = new Datagrams();
                Rendr rendr = Rendr.create()) {
            PathSpec path = PathSpec.of("udpflow://127.0.0.1:" + far.port("packets"));
            PacketPair pair = new PacketPair(
                    settings,
                    output,
                    BASE,
                    kind -> kind.equals(BASE) ? datagrams.source(far.port(BASE)) : new PacketFlow(rendr, path),
                    far);
            output.progress("netty is on %s", Datagrams.kind());
            pair.warm();
            pair.search();
            for (double rate : rates) {
                pair.measure(rate);
            }
            return report(pair);
        }
    }

    private int report(PacketPair pair) throws IOException {
        Map<String, Object> figures = settings.figures();
        figures.put("sockets", Datagrams.kind());
        output.line("packets of %d bytes; netty is on %s", PacketMeter.SIZE, Datagrams.kind());
        pair.report(figures);
        return output.end("udp", isGood(pair), figures);
    }

    private boolean isGood(PacketPair pair) {
        double held = pair.highest().median();
        double late = pair.lateOverBase(rates.get(0)).median();
        output.line("without loss: %.0f/s, at least %.0f, goal %.0f", held, LEAST_RATE, GOAL_RATE);
        output.line("P95 / netty at %.0f/s: %.2f, at most %.1f", rates.get(0), late, MOST_LATE);
        return settings.isBrief()
                ? pair.works()
                : held >= LEAST_RATE
                        && late <= MOST_LATE
                        && pair.lost(rates.get(0)).median() == 0;
    }
}
