// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class CommandLineTest {
    private static final String KEYLESS = "--to=127.0.0.1:1";

    @Test
    void helpNamesTheCommandsThatPeopleNeed() {
        Cli help = Cli.run("--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).contains("demo", "forward", "accept", "transports", "keygen");
        assertThat(help.out()).as("hidden").doesNotContain("links");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "forward", "accept", "transports", "keygen", "links"})
    void everyCommandHasHelp(String command) {
        Cli help = Cli.run(command, "--help");
        assertThat(help.status()).isZero();
        assertThat(help.out()).startsWith("Usage: rendr " + command);
    }

    @Test
    void aMissingCommandIsAWrongCall() {
        Cli none = Cli.run();
        assertThat(none.status()).isEqualTo(2);
        assertThat(none.err().lines()).containsExactly("rendr: a command is missing", "Try 'rendr --help'.");
    }

    @Test
    void aWrongCommandIsAnsweredWithTheRightOne() {
        Cli wrong = Cli.run("forwrad");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("forwrad", "Did you mean: rendr forward");
    }

    @Test
    void aWrongAddressIsOneLineThatSaysWhatIsWrong() {
        Cli wrong = Cli.run("forward", "--listen", "1234", "--path", "tcp://127.0.0.1:1");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err().lines()).hasSize(2);
        assertThat(wrong.err()).contains("--listen", "'1234' is not host:port");
    }

    @Test
    void aWrongPathIsAWrongCall() {
        Cli wrong = Cli.run("forward", "--listen", "127.0.0.1:0", "--path", "tcp:/127.0.0.1:1");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("tcp:/127.0.0.1:1");
    }

    @Test
    void anUnknownTransportIsAWrongCallThatNamesTheKnownOnes() {
        Cli wrong = Cli.run("forward", "--listen", "127.0.0.1:0", "--path", "tpc://127.0.0.1:1");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("no transport named 'tpc'", "Did you mean 'tcp'?");
    }

    @Test
    void aPolicyThatCannotBeReadIsAWrongCallThatPointsAtTheCharacter() {
        Cli wrong = Cli.run("forward", "--listen", "127.0.0.1:0", "--policy", "select(a=tcp://127.0.0.1:1, bnd(b))");
        assertThat(wrong.status()).isEqualTo(2);
        assertThat(wrong.err()).contains("--policy: policy tree, character 29:", "no path is named 'bnd'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://0.0.0.0:0", "tcp://[::]:0", "carrier-pigeon://roof"})
    void anEndpointThatOthersReachNeedsKeys(String endpoint) {
        Cli open = Cli.run("accept", "--endpoint", endpoint, KEYLESS);
        assertThat(open.status()).isEqualTo(1);
        assertThat(open.out()).isEmpty();
        assertThat(open.err()).contains(endpoint, "--psk-file", "rendr keygen", "--open-to-anyone");
        assertThat(open.err().lines()).hasSize(1);
    }

    @Test
    void oneExposedEndpointAmongOthersIsEnough() {
        Cli open = Cli.run("accept", "--endpoint", "tcp://127.0.0.1:0", "--endpoint", "tcp://0.0.0.0:0", KEYLESS);
        assertThat(open.status()).isEqualTo(1);
        assertThat(open.err()).contains("tcp://0.0.0.0:0");
    }

    @Test
    void anEndpointThatCannotBeReadIsRefusedAndSaysWhy() {
        Cli mistyped = Cli.run("accept", "--endpoint", "tcp://127.0.0.1:99999", KEYLESS);
        assertThat(mistyped.status()).isEqualTo(1);
        assertThat(mistyped.err()).contains("tcp://127.0.0.1:99999", "99999", "65535", "--psk-file");
        assertThat(mistyped.err().lines()).hasSize(1);
    }

    @Test
    void aKeyFileThatIsNotThereIsOneLine() {
        Cli none = Cli.run("accept", "--endpoint", "tcp://0.0.0.0:0", KEYLESS, "--psk-file", "/nowhere/rendr.key");
        assertThat(none.status()).isEqualTo(1);
        assertThat(none.err()).contains("/nowhere/rendr.key", "rendr keygen --out");
        assertThat(none.err().lines()).hasSize(1);
    }

    @Test
    void aPortInUseIsOneLineThatNamesIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Cli forward = Cli.run("forward", "--listen", address, "--path", "tcp://127.0.0.1:1");
            assertThat(forward.status()).isEqualTo(1);
            assertThat(forward.err()).contains("cannot listen on " + address);
            Cli accept = Cli.run("accept", "--endpoint", "tcp://" + address, KEYLESS);
            assertThat(accept.status()).isEqualTo(1);
            assertThat(accept.err()).contains(address);
        }
    }

    @Test
    void whatIsForUdpNeedsUdp() {
        Cli tcp = Cli.run("forward", "--listen", "127.0.0.1:0", "--path", "tcp://127.0.0.1:1", "--udp-idle", "5s");
        assertThat(tcp.status()).isEqualTo(2);
        assertThat(tcp.err()).contains("--udp");
    }

    @Test
    void udpOptionsHaveBounds() {
        String[] call = {"forward", "--udp", "--listen", "127.0.0.1:0", "--path", "tcp://127.0.0.1:1"};
        for (String[] wrong : new String[][] {
            {"--max-packet", "60001"}, {"--repair-ttl", "2m"}, {"--udp-idle", "0s"}, {"--udp-clients", "0"}
        }) {
            Cli refused = Cli.run(concat(call, wrong));
            assertThat(refused.status()).as(refused.err()).isEqualTo(2);
            assertThat(refused.out()).isEmpty();
        }
    }

    private static String[] concat(String[] call, String[] more) {
        return Stream.concat(Stream.of(call), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void aUdpPortInUseIsOneLineThatNamesIt() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            Cli forward = Cli.run("forward", "--udp", "--listen", address, "--path", "tcp://127.0.0.1:1");
            assertThat(forward.status()).isEqualTo(1);
            assertThat(forward.err()).contains("cannot listen on " + address);
        }
    }

    @Test
    void aUdpEndpointThatOthersReachNeedsKeys() {
        Cli open = Cli.run("accept", "--udp", "--endpoint", "tcp://0.0.0.0:0", KEYLESS);
        assertThat(open.status()).isEqualTo(1);
        assertThat(open.err()).contains("--psk-file", "--open-to-anyone");
    }

    @Test
    void verboseAddsTheStackTraceAndTheLog() {
        Logger log = (Logger) LoggerFactory.getLogger("io.rendr");
        Level before = log.getLevel();
        try {
            String[] call = {"accept", "--endpoint", "tcp://0.0.0.0:0", KEYLESS, "--verbose"};
            assertThat(Cli.run(call).err()).contains("at io.rendr.cli.Exposure");
            assertThat(log.isDebugEnabled()).isTrue();
        } finally {
            log.setLevel(before);
        }
    }
}
