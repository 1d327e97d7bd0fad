// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathSpecTest {
    private static final OptionKey<String> PIN = OptionKey.secret("pin", null, "A pin.");
    private static final OptionKey<Long> BUFFER = OptionKey.bytes("sendBuffer", 0L, "SO_SNDBUF.");

    @Test
    void takesUriApart() {
        PathSpec spec = PathSpec.of("tcp://h1:5555?name=lan&fate=wifi&backup");

        assertThat(spec.transport()).isEqualTo("tcp");
        assertThat(spec.address()).isEqualTo("h1:5555");
        assertThat(spec.name()).isEqualTo("lan");
        assertThat(spec.options())
                .containsExactly(Map.entry("name", "lan"), Map.entry("fate", "wifi"), Map.entry("backup", "true"));
        assertThat(spec.option(CommonOptions.BACKUP)).isTrue();
        assertThat(spec.option(CommonOptions.CONNECT_TIMEOUT)).isEqualTo(Duration.ofSeconds(3));
        assertThat(spec.find(CommonOptions.CONNECT_TIMEOUT)).isEmpty();
    }

    @Test
    void nameDefaultsToTransportAndAddress() {
        assertThat(PathSpec.of("tcp://h1:5555?fate=x").name()).isEqualTo("tcp://h1:5555");
    }

    @ParameterizedTest
    @CsvSource({
        "tcp://h1:5555, h1, 5555",
        "tcp://127.0.0.1:0, 127.0.0.1, 0",
        "tcp://[::1]:5555, ::1, 5555",
        "tcp://[2001:db8::1]:65535, 2001:db8::1, 65535",
        "tcp://[::ffff:10.0.0.1]:1, ::ffff:10.0.0.1, 1",
        "tcp://[fe80::1%eth0]:5555, fe80::1%eth0, 5555",
        "tcp://[fe80::1%25eth0]:5555, fe80::1%eth0, 5555",
        "tcp://[fe80::1%de0]:5555, fe80::1%de0, 5555",
        "tcp://xn--bcher-kva.example:80, xn--bcher-kva.example, 80",
    })
    void readsHostAndPort(String uri, String host, int port) {
        PathSpec spec = PathSpec.of(uri);

        assertThat(spec.socketAddress().isUnresolved()).isTrue();
        assertThat(spec.socketAddress().getHostString()).isEqualTo(host);
        assertThat(spec.socketAddress().getPort()).isEqualTo(port);
        assertThat(PathSpec.of(spec.toUri())).isEqualTo(spec);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uds:///run/x.sock",
                "xray://hk/h1:5555?uuid=1",
                "tcp://h:1?name=a%20b%26c%23%25",
                "tcp://h:1?name=b%C3%BCcher",
                "uds:///run/a%3Fb%20c",
                "tcp://h:1?a=x=y&b=",
                "tcp://[fe80::1%eth0]:1",
            })
    void roundTrips(String uri) {
        PathSpec spec = PathSpec.of(uri);
        assertThat(PathSpec.of(spec.toUriWithSecrets())).isEqualTo(spec).hasSameHashCodeAs(spec);
    }

    @Test
    void decodesPercent() {
        PathSpec spec = PathSpec.of("uds:///run/a%20b?name=%E2%82%AC%26");
        assertThat(spec.address()).isEqualTo("/run/a b");
        assertThat(spec.name()).isEqualTo("€&");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "h1:5555 | 0 | no transport",
                "'' | 0 | no transport",
                "://h1:5 | 0 | transport is missing",
                "TCP://h1:5 | 0 | not 'T'",
                "t cp://h1:5 | 1 | not ' '",
                "tcp:// | 6 | address is missing",
                "tcp://?a=b | 6 | address is missing",
                "tcp://h:1#x | 9 | %23",
                "tcp://h:1?a=1&a=2 | 14 | given twice",
                "tcp://h:1?=1 | 10 | name is missing",
                "tcp://h:1?a=1& | 14 | name is missing",
                "tcp://h:1?a b=1 | 10 | 'a b'",
                "tcp://h:1?a=%4 | 12 | two hexadecimal digits",
                "tcp://h:1?a=%zz | 12 | two hexadecimal digits",
                "tcp://h:1?a=%ff | 12 | UTF-8",
            })
    void pointsAtTheProblem(String uri, int index, String reason) {
        PathSyntaxException e = catchThrowableOfType(PathSyntaxException.class, () -> PathSpec.of(uri));
        assertThat(e.index()).isEqualTo(index);
        assertThat(e).hasMessageContaining(reason).hasMessageContaining("character " + (index + 1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp://h1 | 8 | port after 'h1'",
                "tcp://h1: | 9 | port is missing",
                "tcp://h1:55x | 9 | not '55x'",
                "tcp://h1:65536 | 9 | 0 to 65535",
                "tcp://:5555 | 6 | 0.0.0.0",
                "tcp://::1:5555 | 6 | in brackets",
                "tcp://[::1]5555 | 11 | after ']'",
                "tcp://[::1 | 6 | no ']'",
                "tcp://[h1]:5 | 7 | not an IPv6",
                "tcp://h/1:5 | 7 | '/'",
            })
    void pointsAtTheProblemInAnAddress(String uri, int index, String reason) {
        PathSpec spec = PathSpec.of(uri);
        PathSyntaxException e = catchThrowableOfType(PathSyntaxException.class, spec::socketAddress);
        assertThat(e.index()).isEqualTo(index);
        assertThat(e).hasMessageContaining(reason);
    }

    @Test
    void hidesSecretsWhereverItIsPrinted() {
        PathSpec spec = PathSpec.of(
                        "socks://bob:hunter2@proxy:1?password=hunter2&tls.key=hunter2&authToken=hunter2&keyboard=de")
                .with(PIN, "hunter2");

        assertThat(spec.toString())
                .doesNotContain("hunter2")
                .isEqualTo("socks://bob:***@proxy:1?password=***&tls.key=***&authToken=***&keyboard=de&pin=***");
        assertThat(spec.name()).isEqualTo("socks://bob:***@proxy:1");
        assertThat(spec.option(PIN)).isEqualTo("hunter2");
        assertThat(PathSpec.of(spec.toUriWithSecrets())).isEqualTo(spec);
        assertThatThrownBy(() -> PathSpec.of("x://bob:hunter2@h?password=hunter2&a=%"))
                .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2"));
        assertThatThrownBy(() -> spec.with("sendBuffer", "lots").option(BUFFER))
                .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2"));
    }

    @Test
    void readsTypedOptions() {
        PathSpec spec = PathSpec.of("tcp", "h:1").with(BUFFER, 1L << 20);
        assertThat(spec.toUri()).isEqualTo("tcp://h:1?sendBuffer=1MiB");
        assertThat(spec.option(BUFFER)).isEqualTo(1 << 20);
        assertThatThrownBy(() -> spec.option(PIN)).hasMessageContaining("needs the option 'pin'");
        assertThatThrownBy(() -> PathSpec.of("tcp://h:1?connectTimeout=3").option(CommonOptions.CONNECT_TIMEOUT))
                .hasMessageContaining("tcp://h:1?connectTimeout=3")
                .hasMessageContaining("unit")
                .hasMessageContaining("'3'");
    }

    @Test
    void takesTypedOptionsOfATransport() {
        PathOptions typed = new PathOptions() {
            @Override
            public String transport() {
                return "tcp";
            }

            @Override
            public Map<String, String> toMap() {
                return Map.of("local", "10.0.0.2");
            }
        };
        assertThat(PathSpec.of("h:1", typed)).isEqualTo(PathSpec.of("tcp://h:1?local=10.0.0.2"));
    }

    private static Transport transport(List<OptionKey<?>> options) {
        return new Transport() {
            @Override
            public String transport() {
                return "tcp";
            }

            @Override
            public List<OptionKey<?>> options() {
                return options;
            }
        };
    }

    @Test
    void checksOptionsAgainstTheTransport() {
        Transport tcp = transport(List.of(BUFFER, CommonOptions.CONNECT_TIMEOUT.withDefault(Duration.ofSeconds(10))));
        PathSpec good = PathSpec.of("tcp://h:1?sendBuffer=64KiB&fate=lte&seal=always");
        good.check(tcp);
        assertThat(CommonOptions.connectTimeout(good, tcp)).isEqualTo(Duration.ofSeconds(10));
        assertThat(CommonOptions.connectTimeout(good.with("connectTimeout", "1s"), tcp))
                .isEqualTo(Duration.ofSeconds(1));

        InvalidConfigException e = catchThrowableOfType(
                InvalidConfigException.class,
                () -> PathSpec.of("tcp://h:1?sendbufer=1&seal=never").check(tcp));
        assertThat(e.problems()).hasSize(2);
        assertThat(e.problems().get(0)).contains("'sendbufer'. Did you mean 'sendBuffer'?");
        assertThat(e.problems().get(1)).contains("auto, always");
    }

    @Test
    void carriesTls() {
        TlsConfig tls = TlsConfig.builder()
                .certificate("c.pem", "k.pem")
                .serverName("h")
                .build();
        PathSpec spec = PathSpec.of("quic://h:1").with(tls);

        assertThat(spec.tls()).contains(tls);
        assertThat(PathSpec.of(spec.toUriWithSecrets()).tls()).contains(tls);
        assertThat(spec.toString()).doesNotContain("k.pem");
        assertThat(tls.toString()).doesNotContain("k.pem");
        assertThat(PathSpec.of("tcp://h:1").tls()).isEmpty();
        assertThat(PathSpec.of("tcp://h:1?tls").tls()).isPresent();
        assertThat(PathSpec.of("tcp://h:1?tls=false&tls.trust=x").tls()).isEmpty();
        assertThatThrownBy(() -> PathSpec.of("tcp://h:1?tls.key=k").tls()).hasMessageContaining("certificate");
        for (TlsConfig.Builder contradiction : List.of(
                TlsConfig.builder().developmentOnlyInsecure(true).trust("ca.pem"),
                TlsConfig.builder().developmentOnlyInsecure(true).certificate("c.pem", "k.pem"),
                TlsConfig.builder().requireClientCertificate(true).certificate("c.pem", "k.pem"))) {
            assertThatThrownBy(contradiction::build).isInstanceOf(InvalidConfigException.class);
        }
    }

    @Test
    void tlsSettingsThatContradictAreFoundWithTheOtherOptions() {
        Transport tls = transport(TlsConfig.OPTIONS);
        PathSpec.of("tcp://h:1?tls").check(tls);
        assertThatThrownBy(() -> PathSpec.of("tcp://h:1?tls.certificate=c.pem").check(tls))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining("path tcp://h:1")
                .hasMessageContaining("tls.key");
    }

    @Test
    void dialersAreNotToldTheAcceptorsKey() {
        PathSpec endpoint = PathSpec.of(
                "tcp://h:1?name=a&tls.certificate=c&tls.key=k&tls.trust=t" + "&tls.requireClientCertificate=true");
        assertThat(endpoint.forDialers()).isEqualTo(PathSpec.of("tcp://h:1?name=a&tls.trust=t&tls=true"));
        PathSpec plain = PathSpec.of("tcp://h:1?name=a");
        assertThat(plain.forDialers()).isSameAs(plain);
    }
}
