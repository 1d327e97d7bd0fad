// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

class FormatsTest {
    @Test
    void amountsAreReadWithTheirUnits() {
        Units.Bytes bytes = new Units.Bytes();
        assertThat(bytes.convert("1000")).isEqualTo(1000);
        assertThat(bytes.convert("64KiB")).isEqualTo(65_536);
        assertThat(bytes.convert("256 mib")).isEqualTo(268_435_456);
        Units.Rate rate = new Units.Rate();
        assertThat(rate.convert("200mbit")).isEqualTo(25_000_000);
        assertThat(rate.convert("0")).isZero();
        Units.Time time = new Units.Time();
        assertThat(time.convert("250ms")).isEqualTo(Duration.ofMillis(250));
        assertThat(time.convert("5m")).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void whatIsNoAmountIsRefused() {
        for (String wrong : List.of("", "-1", "1.5MiB", "much", "1 fortnight")) {
            assertThatThrownBy(() -> new Units.Bytes().convert(wrong))
                    .isInstanceOf(TypeConversionException.class)
                    .hasMessageContaining("'" + wrong + "'");
        }
        assertThatThrownBy(() -> new Units.Bytes().convert("9223372036854775807GiB"))
                .hasMessageContaining("too much");
        assertThatThrownBy(() -> new Units.Time().convert("5")).hasMessageContaining("a time such as");
    }

    @Test
    void amountsAreWrittenShort() {
        assertThat(Units.bytes(1023)).isEqualTo("1023 B");
        assertThat(Units.bytes(268_435_456)).isEqualTo("256.0 MiB");
        assertThat(Units.rate(25_000_000, 1_000_000_000L)).isEqualTo("25.0 MB/s");
        assertThat(Units.rate(1, 0)).isEqualTo("-");
        assertThat(Units.millis(Duration.ofNanos(120_000))).isEqualTo("0.12 ms");
        assertThat(Units.millis(Duration.ofMillis(1500))).isEqualTo("1500 ms");
    }

    @Test
    void addressesAreReadAndWrittenWithoutANameServer() {
        HostPort reader = new HostPort();
        InetSocketAddress name = reader.convert("no-such-host.invalid:80");
        assertThat(name.isUnresolved()).isTrue();
        assertThat(HostPort.text(name)).isEqualTo("no-such-host.invalid:80");
        InetSocketAddress v6 = new InetSocketAddress("::1", 80);
        assertThat(HostPort.text(v6)).isEqualTo("[0:0:0:0:0:0:0:1]:80");
        assertThat(reader.convert(HostPort.text(v6)).getPort()).isEqualTo(80);
        assertThatThrownBy(() -> reader.convert("h:70000")).isInstanceOf(TypeConversionException.class);
    }

    @Test
    void columnsAreAsWideAsTheyMustBe() {
        Table table = new Table("A", "LONGER").row("wide cell", 1).row("x", "y");
        assertThat(table.lines()).containsExactly("A          LONGER", "wide cell  1", "x          y");
        assertThatThrownBy(() -> table.row("one")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void jsonIsOneLineInOrder() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("bytes", 5L);
        figures.put("list", List.of("a\"b", true));
        assertThat(Json.line("demo", true, figures))
                .isEqualTo("{\"name\":\"demo\",\"ok\":true,\"figures\":{\"bytes\":5,\"list\":[\"a\\\"b\",true]}}");
    }
}
