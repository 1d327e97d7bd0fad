// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry of {@code bench/run}: a benchmark is a subcommand. */
@Command(
        name = "bench/run",
        description = "How fast rendr is beside what it is measured against.",
        subcommands = {
            Bulk.class,
            Rtt.class,
            Gap.class,
            Idle.class,
            Alloc.class,
            Udp.class,
            Quic.class,
            QuicDatagram.class
        },
        synopsisSubcommandLabel = "NAME",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "udp-stream, goodput of a stream over UDP beside kernel TCP through emulated links, is a run of the acceptance lab:",
            "bench/run udp-stream --help",
            "",
            "Exit status: 0 the figures are good enough, 1 they are not, 2 called wrongly."
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /**
     * Runs a benchmark and ends the process.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "the name of a benchmark is missing");
    }
}
