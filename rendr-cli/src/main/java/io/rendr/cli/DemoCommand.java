// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rendr demo}. */
@Command(
        name = "demo",
        description =
                "Shows in about 20 seconds what rendr does: a transfer, a conversation and packets over three TCP paths"
                        + " that are black-holed, reset, ended and stalled under them. Everything runs in this process.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "It is ok, and the exit status 0, if the SHA-256 of the transfer is equal at both ends, every echo came back"
                    + " right, every packet once, and for every fault the counters of its link prove that it happened and the transfer moved"
                    + " to another path."
        })
final class DemoCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--bytes",
            defaultValue = "256MiB",
            converter = Units.Bytes.class,
            paramLabel = "AMOUNT",
            description = "Size of the transfer, default ${DEFAULT-VALUE}. It goes on until every fault is over.")
    private long bytes;

    @Option(
            names = "--rate",
            defaultValue = "200mbit",
            converter = Units.Rate.class,
            paramLabel = "RATE",
            description = "What each path carries, default ${DEFAULT-VALUE}; 0 = no limit.")
    private long rate;

    @Option(names = "--plain", description = "Print lines also on a terminal.")
    private boolean plain;

    @Option(names = "--json", description = "Print one line of JSON at the end.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        boolean terminal = Boolean.getBoolean("rendr.terminal") && !plain && !json;
        DemoView view = terminal ? new LiveView(out) : new PlainView(out);
        Demo.Result result = new Demo(new DemoSettings(bytes, rate, DemoSettings.ALL_FAULTS), view).run();
        out.println();
        result.problems().forEach(problem -> out.println("not ok: " + problem));
        if (result.ok()) {
            out.println("ok: " + summary(result));
        }
        if (json) {
            out.println(Json.line("demo", result.ok(), result.figures()));
        }
        out.flush();
        return result.ok() ? 0 : 1;
    }

    private static String summary(Demo.Result result) {
        var figures = result.figures();
        var packets = (Map<?, ?>) figures.get("packets");
        return Units.bytes((Long) figures.get("bytes")) + " in " + figures.get("seconds") + " s with equal SHA-256, "
                + figures.get("echoes") + " echoes without an error, " + packets.get("sent")
                + " packets back once each ("
                + packets.get("repaired") + " repaired), " + figures.get("migrations")
                + " moves of the transfer, longest gap " + figures.get("longestGapMillis") + " ms, longest echo "
                + figures.get("longestEchoMillis") + " ms";
    }
}
