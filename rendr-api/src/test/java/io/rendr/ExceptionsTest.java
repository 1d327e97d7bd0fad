// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExceptionsTest {
    private static final FlowId FLOW = new FlowId(0x0123456789abcdefL, 1);

    private static PathFailure failure(String uri, Exception cause) {
        PathSpec spec = PathSpec.of(uri);
        return new PathFailure(spec.name(), spec, new InetSocketAddress("10.0.0.1", 5555), CloseReason.of(cause));
    }

    @Test
    void dialTellsEveryPath() {
        ConnectException refused = new ConnectException("Connection refused");
        SocketTimeoutException timeout = new SocketTimeoutException("no answer after 3 s");
        DialException e = new DialException(
                List.of(failure("tcp://h1:5555?name=lan", refused), failure("tcp://h2:5555", timeout)));

        assertThat(e)
                .hasMessage("no path to the peer could be opened, tried 2:"
                        + "\n  - lan (tcp://h1:5555?name=lan at /10.0.0.1:5555): REFUSED: Connection refused"
                        + "\n  - tcp://h2:5555 at /10.0.0.1:5555: TIMEOUT: no answer after 3 s")
                .hasCause(refused)
                .hasSuppressedException(timeout);
        assertThat(e.flowId()).isEmpty();
        assertThat(e.failures()).hasSize(2);
    }

    @Test
    void budgetSaysWhatToDo() {
        MigrationBudgetExceededException e = new MigrationBudgetExceededException(
                FLOW,
                Duration.ofSeconds(90),
                List.of(failure("tcp://h1:5555", new ConnectException("Connection refused"))));
        assertThat(e)
                .hasMessageContaining("flow 0123456789abcdef0000000000000001 ended")
                .hasMessageContaining("budget of 90s")
                .hasMessageContaining("add a path")
                .hasMessageContaining("tcp://h1:5555 at /10.0.0.1:5555: REFUSED");
        assertThat(e.flowId()).contains(FLOW);
        assertThat(e.budget()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void abortAndRefusalExplainTheirCodes() {
        assertThat(new FlowAbortedException(FLOW, 42, true)).hasMessageEndingWith("was aborted by the peer, code 42");
        assertThat(new FlowAbortedException(FLOW, FlowAbortedException.LINGER_EXPIRED, false))
                .hasMessageContaining("by this end, code 0x80000001 (what was written last");
        assertThat(new FlowAbortedException(null, 0x8fff_ffff, true)).hasMessageContaining("unknown to this version");
        assertThat(new FlowRefusedException(FLOW, FlowRefusedException.BUSY)).hasMessageContaining("try again later");
        assertThat(new FlowRefusedException(FLOW, 7)).hasMessageContaining("code 7 (its application said no)");
    }

    @Test
    void othersSayWhatToDo() {
        assertThat(new ZombiePeerException(FLOW, 2)).hasMessageContaining("zombieMaxMigrations");
        assertThat(new PeerRestartedException(FLOW, new InstanceId(0, 1), new InstanceId(0, 2)))
                .hasMessageContaining("00000000000000000000000000000002 answers")
                .hasMessageContaining("Dial again");
        assertThat(new ProtocolVersionException(null, 1, 1, 2, 3))
                .hasMessage(
                        "no common protocol version: this end speaks 1, the peer 2 to 3. Upgrade the rendr of this end.");
        assertThat(new ProtocolVersionException(null, 2, 3, 1, 1))
                .hasMessageContaining("Upgrade the rendr of the peer.");
        assertThat(new PacketTooLargeException(FLOW, 1200, 1100)).hasMessageContaining("limit here is 1100");
        assertThat(new LastPathException(FLOW, "lan")).hasMessageContaining("Add another one first");
        assertThat(new PathUnavailableException(FLOW, "lan", "no answer in 150 ms", null))
                .hasMessageStartingWith("path lan of flow ");
        assertThat(new IllegalModeTransitionException(Mode.RACE, Mode.BOND)).hasMessageContaining("set PRIME first");
    }

    @Test
    void unknownTransportListsWhatThereIs() {
        UnknownTransportException e = new UnknownTransportException(
                "quik",
                PathSpec.of("quik://h2:5555"),
                Map.of(
                        "tcp", "1.0 (transport-tcp-1.0.jar)",
                        "quic", "1.0 (transport-quic-1.0.jar)",
                        "xray", "(unavailable: no process at 127.0.0.1:10085)"),
                List.of("com.acme.TorFactory in tor-0.3.jar (NoClassDefFoundError: io/netty/.../Foo)"));
        assertThat(e)
                .hasMessage("no transport named 'quik' (in 'quik://h2:5555'). Did you mean 'quic'?"
                        + "\nKnown: quic 1.0 (transport-quic-1.0.jar), tcp 1.0 (transport-tcp-1.0.jar),"
                        + " xray (unavailable: no process at 127.0.0.1:10085)."
                        + "\nSkipped: com.acme.TorFactory in tor-0.3.jar (NoClassDefFoundError: io/netty/.../Foo)."
                        + "\nAdd the jar of the transport, or pass a PathFactory to RendrConfig.transport(..).");
        assertThat(new UnknownTransportException("tcp", null, Map.of(), List.of()))
                .hasMessageStartingWith("no transport named 'tcp'.\nKnown: none.\nAdd the jar");
    }

    @Test
    void survivesSerialization() throws IOException, ClassNotFoundException {
        DialException sent =
                new DialException(List.of(failure("tcp://h1:5555", new ConnectException("Connection refused"))));
        DialException back = (DialException) copy(sent);
        assertThat(back).hasMessage(sent.getMessage());
        assertThat(back.failures()).isEmpty();
        PeerRestartedException restarted = new PeerRestartedException(FLOW, new InstanceId(0, 1), null);
        assertThat(((PeerRestartedException) copy(restarted)).flowId()).contains(FLOW);
        assertThat(((InvalidConfigException) copy(new InvalidConfigException("X", List.of("p")))).problems())
                .containsExactly("p");
    }

    private static Object copy(Object original) throws IOException, ClassNotFoundException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(original);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return in.readObject();
        }
    }
}
