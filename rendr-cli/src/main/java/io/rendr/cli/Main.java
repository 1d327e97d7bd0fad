// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

/** The entry of the {@code rendr} command. */
public final class Main {
    private Main() {}

    /**
     * Runs the command and ends the process with its status: 0 = done, 1 = it failed, 2 = it was called wrongly.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(RendrCommand.commandLine().execute(args));
    }
}
