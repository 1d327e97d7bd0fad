// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.rendr.Dialer;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What a flow costs that is open and silent, with its one TCP path, each end in a JVM of its own. Every flow carried a byte
 * each way before. The memory is that of the heap after collections and of all direct buffers; the kernel's is not counted.
 */
@Command(
        name = "idle",
        description = "Memory of an idle flow with its carrier, and probes per second of many.",
        mixinStandardHelpOptions = true)
final class Idle implements Callable<Integer> {
    private static final long MOST_BYTES = 32 * 1024;
    /** Of 5,000 flows: the dialer keeps each carrier warm every 20 s or so, and some slack. */
    private static final double MOST_PROBES_PER_FLOW = 330 / 5000.0;

    @Mixin
    private Output output;

    @Option(names = "--flows", description = "How many (default: ${DEFAULT-VALUE}).")
    private int flows = 5000;

    @Option(
            names = "--rest",
            description = "Seconds of silence before anything is measured (default: ${DEFAULT-VALUE}).")
    private double rest = 15;

    @Option(names = "--seconds", description = "For how long probes are counted (default: ${DEFAULT-VALUE}).")
    private double seconds = 40;

    private record Memory(long near, long far) {
        static Memory of(FarProcess far) throws IOException {
            Map<String, Long> there = far.ask("memory");
            return new Memory(Machine.heapBytes() + Machine.directBytes(), there.get("heap") + there.get("direct"));
        }
    }

    @Override
    public Integer call() throws Exception {
        CountedTcp tcp = new CountedTcp();
        List<StreamConn> conns = new ArrayList<>();
        RendrConfig config =
                RendrConfig.builder().discoverTransports(false).transport(tcp).build();
        try (FarProcess far = new FarProcess();
                Rendr rendr = Rendr.create(config)) {
            Dialer dialer = rendr.dialer(b -> b.path("tcp://127.0.0.1:" + far.port("idle")));
            open(dialer, conns, Math.min(100, flows)); // everything is loaded and warm before the count begins
            int before = conns.size();
            Memory base = Memory.of(far);
            open(dialer, conns, flows);
            output.progress("%d flows are open; waiting %.0f s", flows, rest);
            Thread.sleep((long) (rest * 1e3));
            Memory full = Memory.of(far);
            double nearBytes = (double) (full.near - base.near) / (flows - before);
            double farBytes = (double) (full.far - base.far) / (flows - before);
            long live = far.ask("memory").get("flows");
            output.progress("counting probes for %.0f s", seconds);
            long writes = tcp.writes();
            Window window = Window.around(far, () -> Thread.sleep((long) (seconds * 1e3)));
            double probes = (tcp.writes() - writes) * 1e9 / window.nanos();
            int status = report(nearBytes, farBytes, probes, live, window);
            conns.forEach(conn -> conn.abort(0));
            return status;
        }
    }

    private void open(Dialer dialer, List<StreamConn> conns, int upTo) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        while (conns.size() < upTo) {
            StreamConn conn = dialer.dial();
            conns.add(conn);
            conn.write(one.clear());
            conn.read(one.clear());
            if (conns.size() % 1000 == 0) {
                output.progress("%d flows", conns.size());
            }
        }
    }

    private int report(double near, double far, double probes, long live, Window window) throws IOException {
        double most = MOST_PROBES_PER_FLOW * flows;
        output.line("%d flows; %d live at the far end", flows, live);
        output.line("bytes per flow: dialing end %.0f, accepting end %.0f; at most %d", near, far, MOST_BYTES);
        output.line("probes: %.0f a second; at most %.0f", probes, most);
        output.line(
                "CPU while idle, both ends: %.3f cores; foreign cores %.2f",
                (double) (window.nearCpu() + window.farCpu()) / window.nanos(), window.foreign());
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("machine", Machine.description());
        figures.put("flows", flows);
        figures.put("liveFlows", live);
        figures.put("dialingBytesPerFlow", Math.round(near));
        figures.put("acceptingBytesPerFlow", Math.round(far));
        figures.put("probesPerSecond", probes);
        figures.put("idleCores", (double) (window.nearCpu() + window.farCpu()) / window.nanos());
        figures.put("foreignCores", window.foreign());
        boolean ok = live == flows && Math.max(near, far) <= MOST_BYTES && probes <= most;
        return output.end("idle", ok, figures);
    }
}
