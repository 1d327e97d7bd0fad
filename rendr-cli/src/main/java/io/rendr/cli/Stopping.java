// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The option that says how a command stops. */
final class Stopping {
    @Option(
            names = "--grace",
            paramLabel = "TIME",
            defaultValue = "10s",
            converter = Units.Time.class,
            description = "On SIGTERM and SIGINT, how long open connections may go on before they are cut."
                    + " Default: ${DEFAULT-VALUE}.")
    private Duration grace;

    Duration grace() {
        return grace;
    }
}
