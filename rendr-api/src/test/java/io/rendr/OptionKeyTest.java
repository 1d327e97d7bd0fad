// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionKeyTest {
    private static final OptionKey<Duration> WAIT = OptionKey.duration("wait", null, "How long.");
    private static final OptionKey<Long> SIZE = OptionKey.bytes("size", null, "How much.");

    @ParameterizedTest
    @CsvSource({
        "250ms, 250000000, 250ms",
        "10s, 10000000000, 10s",
        "1.5s, 1500000000, 1500ms",
        "5m, 300000000000, 300s",
        "1 h, 3600000000000, 3600s",
        "PT0.25S, 250000000, 250ms",
        "0, 0, 0s",
        "7us, 7000, 7us",
        "1ns, 1, 1ns",
    })
    void readsAndWritesDurations(String text, long nanos, String written) {
        assertThat(WAIT.parse(text)).isEqualTo(Duration.ofNanos(nanos));
        assertThat(WAIT.format(WAIT.parse(text))).isEqualTo(written);
        assertThat(WAIT.parse(written)).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @ValueSource(strings = {"3", "s", "-1s", "1 fortnight", "", "PTX", "99999999999999h", "1e3s"})
    void refusesDurationsThatAreNone(String text) {
        assertThatThrownBy(() -> WAIT.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("option 'wait' takes a time span with its unit")
                .hasMessageContaining("'" + text + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "65536, 65536, 64KiB",
        "64KiB, 65536, 64KiB",
        "1.5KiB, 1536, 1536",
        "4MiB, 4194304, 4MiB",
        "1GiB, 1073741824, 1GiB",
        "1MB, 1000000, 1000000",
        "2K, 2048, 2KiB",
    })
    void readsAndWritesBytes(String text, long bytes, String written) {
        assertThat(SIZE.parse(text)).isEqualTo(bytes);
        assertThat(SIZE.format(bytes)).isEqualTo(written);
        assertThat(SIZE.parse(written)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1XB", "0.5B", "lots", "", "99999999999999999999"})
    void refusesBytesThatAreNone(String text) {
        assertThatThrownBy(() -> SIZE.parse(text)).hasMessageContaining("option 'size' takes a number of bytes");
    }

    @Test
    void readsFlagsNumbersAndChoices() {
        OptionKey<Boolean> flag = OptionKey.flag("flag", false, "");
        assertThat(flag.parse("Yes")).isTrue();
        assertThat(flag.parse("off")).isFalse();
        assertThatThrownBy(() -> flag.parse("1")).hasMessageContaining("true or false");
        assertThat(OptionKey.integer("n", 1, "").parse("-7")).isEqualTo(-7);
        assertThat(OptionKey.decimal("d", 1.0, "").parse("0.25")).isEqualTo(0.25);
        assertThatThrownBy(() -> OptionKey.decimal("d", 1.0, "").parse("NaN")).hasMessageContaining("finite");
        OptionKey<Protection> choice = OptionKey.choice("p", Protection.class, Protection.SEALED, "");
        assertThat(choice.type()).isEqualTo("sealed|none");
        assertThat(choice.parse("NONE")).isEqualTo(Protection.NONE);
        assertThatThrownBy(() -> choice.parse("seald")).hasMessageContaining("Did you mean 'sealed'?");
        OptionKey<String> words = OptionKey.choice("cc", "bbr", "", "bbr", "cubic");
        assertThat(words.parse("cubic")).isEqualTo("cubic");
        assertThatThrownBy(() -> words.check("reno")).hasMessageContaining("be one of bbr, cubic");
    }

    @Test
    void checksBoundsAndItsOwnDefault() {
        OptionKey<Integer> port = OptionKey.integer("port", 1, "A port.").between(1, 65535);
        assertThatThrownBy(() -> port.parse("0")).hasMessage("option 'port' must be 1 to 65535, not 0.");
        OptionKey<Integer> even = port.withDefault(2).where(p -> p % 2 == 0, "be even");
        assertThatThrownBy(() -> even.check(3)).hasMessage("option 'port' must be 1 to 65535 and be even, not 3.");
        assertThatThrownBy(() -> port.withDefault(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OptionKey.text("no good", null, "")).hasMessageContaining("'no good'");
    }

    @Test
    void neverShowsASecret() {
        OptionKey<String> pin = OptionKey.secret("pin", null, "").where(p -> p.length() > 3, "be longer");
        assertThat(pin.isSecret()).isTrue();
        assertThatThrownBy(() -> pin.parse("007"))
                .satisfies(e -> assertThat(e.toString()).contains("be longer").doesNotContain("007"));
    }
}
