// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code of the page is the code that is compiled and run here. */
class WritingATransportDocTest {

    @ParameterizedTest
    @ValueSource(strings = {"PlainSocketTransport", "PlainSocketContractTest"})
    void thePageShowsTheClassThatIsTested(String name) throws IOException {
        String source = Files.readString(Path.of("src/test/java/io/rendr/testkit", name + ".java"));
        String shown = source.lines()
                .dropWhile(line -> !line.matches("(public final )?class .*"))
                .collect(Collectors.joining("\n", "", "\n"));
        String page = Files.readString(Path.of("../docs/writing-a-transport.md"));
        assertThat(Stream.of(page.split("```(java)?\n"))).contains(shown);
    }
}
