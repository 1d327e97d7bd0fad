// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.OptionKey;
import io.rendr.Transport;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class TransportsCommandTest {
    private static final Transport PIGEON = new Transport() {
        @Override
        public String transport() {
            return "pigeon";
        }

        @Override
        public Optional<String> unavailable() {
            return Optional.of("no loft on this roof; build one");
        }

        @Override
        public Set<String> capabilities() {
            return Set.of("mixed", "l7");
        }

        @Override
        public List<OptionKey<?>> options() {
            return List.of(OptionKey.integer("birds", 2, "How many fly at once."));
        }
    };

    private static String print(List<Transport> transports, String... args) {
        StringWriter out = new StringWriter();
        TransportsCommand command = new TransportsCommand();
        new CommandLine(command).setOut(new PrintWriter(out, true)).parseArgs(args);
        command.print(transports);
        return out.toString();
    }

    @Test
    void showsWhyATransportCannotBeUsed() {
        assertThat(print(List.of(PIGEON)))
                .contains("pigeon     unavailable: no loft on this roof; build one  l7 mixed")
                .contains("Options of pigeon", "birds", "integer", "How many fly at once.");
    }

    @Test
    void saysWhatToDoWhenThereIsNone() {
        assertThat(print(List.of())).contains("No transport was found", "transport-tcp");
    }

    @Test
    void showsTheSameAsJson() {
        assertThat(print(List.of(PIGEON), "--json").strip())
                .startsWith("{\"name\":\"transports\",\"ok\":true,")
                .contains("\"available\":false,\"reason\":\"no loft on this roof; build one\"")
                .doesNotContain("\n");
    }

    @Test
    void theCommandFindsTcp() {
        Cli found = Cli.run("transports");
        assertThat(found.status()).isZero();
        assertThat(found.outLines()).anyMatch(line -> line.matches("tcp +available .*"));
        assertThat(found.out()).contains("Options of every transport", "backup");
    }
}
