// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.InvalidConfigException;
import io.rendr.PathSyntaxException;
import io.rendr.UnknownTransportException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is said on standard error when a command was called wrongly or failed, and the exit status of each. */
final class Complaints {
    private Complaints() {}

    static int wrongCall(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("rendr: " + e.getMessage());
        UnmatchedArgumentException.printSuggestions(e, err);
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    static int failure(Exception e, CommandLine line, boolean verbose) {
        PrintWriter err = line.getErr();
        boolean known = e instanceof IOException || e instanceof CommandFailedException || isWrongCall(e);
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        err.println("rendr: " + (known ? message : "this is a bug in rendr: " + e));
        if (verbose) {
            e.printStackTrace(err);
        } else if (!known) {
            err.println("Run it with --verbose to see where it happened.");
        }
        return isWrongCall(e) ? ExitCode.USAGE : ExitCode.SOFTWARE;
    }

    /** What the library finds wrong with the values of options. */
    private static boolean isWrongCall(Exception e) {
        return e instanceof InvalidConfigException
                || e instanceof PathSyntaxException
                || e instanceof UnknownTransportException;
    }
}
