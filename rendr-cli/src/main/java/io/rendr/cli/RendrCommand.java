// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code rendr} command itself: it has no work of its own. */
@Command(
        name = "rendr",
        description = "Connections that survive the network paths under them.",
        subcommands = {
            DemoCommand.class,
            ForwardCommand.class,
            AcceptCommand.class,
            TransportsCommand.class,
            KeygenCommand.class,
            LinksCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = RendrCommand.Version.class,
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Start with @|bold rendr demo|@: a transfer, a conversation and packets over three paths that are broken under"
                    + " them.",
            "Exit status: 0 done, 1 failed, 2 called wrongly."
        })
final class RendrCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    private boolean verbose;

    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Log more, and show the stack trace of a failure.")
    void verbose(boolean wanted) {
        verbose = wanted;
        ((Logger) LoggerFactory.getLogger("io.rendr")).setLevel(wanted ? Level.DEBUG : Level.INFO);
    }

    /** The command line, ready to be executed. */
    static CommandLine commandLine() {
        RendrCommand command = new RendrCommand();
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Complaints::wrongCall)
                .setExecutionExceptionHandler(
                        (thrown, line, result) -> Complaints.failure(thrown, line, command.verbose));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** Says what was built, and what it runs on. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Version.class.getPackage().getImplementationVersion();
            return new String[] {
                "rendr " + (version == null ? "(built from source)" : version),
                "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch")
            };
        }
    }
}
