// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.CloseReason.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CloseReasonTest {
    static Stream<Arguments> thrown() {
        return Stream.of(
                Arguments.of(new ConnectException("Connection refused"), Kind.REFUSED),
                Arguments.of(new ConnectException(), Kind.REFUSED),
                Arguments.of(new ConnectException("connection timed out after 3000 ms: /10.0.0.1:5"), Kind.TIMEOUT),
                Arguments.of(new ConnectException("Network is unreachable"), Kind.UNREACHABLE),
                Arguments.of(new NoRouteToHostException("No route to host"), Kind.UNREACHABLE),
                Arguments.of(new UnknownHostException("h1"), Kind.UNREACHABLE),
                Arguments.of(new UnresolvedAddressException(), Kind.UNREACHABLE),
                Arguments.of(new SocketTimeoutException("Read timed out"), Kind.TIMEOUT),
                Arguments.of(new SocketException("Connection reset"), Kind.RESET),
                Arguments.of(
                        new IOException("recvAddress(..) failed with error(-104): Connection reset by peer"),
                        Kind.RESET),
                Arguments.of(new IOException("Broken pipe"), Kind.RESET),
                Arguments.of(new IOException("Too many open files"), Kind.EXHAUSTED),
                Arguments.of(new OutOfMemoryError("Cannot reserve direct memory"), Kind.EXHAUSTED),
                Arguments.of(new BindException("Address already in use"), Kind.CONFIG),
                Arguments.of(new SSLHandshakeException("no cipher"), Kind.TLS),
                Arguments.of(new ProtocolException("frame too long"), Kind.PROTOCOL),
                Arguments.of(new EOFException(), Kind.PEER_CLOSED),
                Arguments.of(new ClosedChannelException(), Kind.LOCAL),
                Arguments.of(new FlowRefusedException(null, 7), Kind.REJECTED),
                Arguments.of(new IOException("what?"), Kind.ERROR),
                Arguments.of(
                        new IOException("dial", new CompletionException(new ConnectException("Connection refused"))),
                        Kind.REFUSED),
                Arguments.of(new CompletionException(new SocketException("Connection reset")), Kind.RESET));
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void tellsTheKind(Throwable thrown, Kind kind) {
        CloseReason reason = CloseReason.of(thrown);
        assertThat(reason.kind()).isEqualTo(kind);
        assertThat(reason.cause()).isSameAs(thrown);
        assertThat(reason.detail()).isNotBlank();
    }

    @Test
    void endsOnACircleOfCauses() {
        IOException a = new IOException("a");
        IOException b = new IOException("b", a);
        a.initCause(b);
        assertThat(CloseReason.of(a).kind()).isEqualTo(Kind.ERROR);
    }

    @Test
    void saysWhatHappened() {
        assertThat(CloseReason.of(new UnknownHostException("h1"))).hasToString("UNREACHABLE: unknown host h1");
        assertThat(CloseReason.of(Kind.LOCAL, "")).hasToString("LOCAL");
        assertThat(CloseReason.of(Kind.PEER_CLOSED, "").isOrderly()).isTrue();
        assertThat(CloseReason.of(Kind.TIMEOUT, "").isOrderly()).isFalse();
    }
}
