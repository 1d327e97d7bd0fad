// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/** One call of the command, in this process. */
record Cli(int status, String out, String err) {
    static Cli run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                RendrCommand.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int status = line.execute(args);
        return new Cli(status, out.toString(), err.toString());
    }

    List<String> outLines() {
        return out.lines().toList();
    }
}
