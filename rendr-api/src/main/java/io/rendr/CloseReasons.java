// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import io.rendr.CloseReason.Kind;
import java.io.EOFException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Tells from an exception why something ended. The type decides where it says enough; sockets throw bare
 * {@code IOException}s with the words of {@code strerror} for the rest.
 */
final class CloseReasons {
    /** Causes can form a circle. */
    private static final int MAX_DEPTH = 16;

    private CloseReasons() {}

    static CloseReason of(Throwable thrown) {
        Throwable top = unwrap(thrown);
        Throwable t = top;
        for (int depth = 0; t != null && depth < MAX_DEPTH; depth++, t = t.getCause()) {
            Kind kind = kind(t);
            if (kind != null) {
                return new CloseReason(kind, text(t), thrown);
            }
        }
        return new CloseReason(Kind.ERROR, text(top), thrown);
    }

    private static Throwable unwrap(Throwable thrown) {
        Throwable t = thrown;
        while ((t instanceof CompletionException || t instanceof ExecutionException) && t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    private static @Nullable Kind kind(Throwable t) {
        Kind byType = kindOfType(t);
        return byType != null ? byType : kindOfMessage(t.getMessage());
    }

    private static @Nullable Kind kindOfType(Throwable t) {
        if (t instanceof SocketTimeoutException || t instanceof TimeoutException) {
            return Kind.TIMEOUT;
        }
        if (t instanceof UnknownHostException
                || t instanceof UnresolvedAddressException
                || t instanceof NoRouteToHostException
                || t instanceof PortUnreachableException) {
            return Kind.UNREACHABLE;
        }
        if (t instanceof SSLException) {
            return Kind.TLS;
        }
        if (t instanceof BindException || t instanceof IllegalArgumentException) {
            return Kind.CONFIG;
        }
        if (t instanceof ProtocolException) {
            return Kind.PROTOCOL;
        }
        if (t instanceof EOFException) {
            return Kind.PEER_CLOSED;
        }
        if (t instanceof AsynchronousCloseException || t instanceof ClosedChannelException) {
            return Kind.LOCAL;
        }
        if (t instanceof FlowRefusedException) {
            return Kind.REJECTED;
        }
        if (t instanceof OutOfMemoryError) {
            return Kind.EXHAUSTED;
        }
        if (t instanceof ConnectException) {
            // Also thrown for a connect that timed out or found no route, which only the message tells.
            Kind byMessage = kindOfMessage(t.getMessage());
            return byMessage != null ? byMessage : Kind.REFUSED;
        }
        return null;
    }

    private static @Nullable Kind kindOfMessage(@Nullable String message) {
        if (message == null) {
            return null;
        }
        String text = message.toLowerCase(Locale.ROOT);
        if (text.contains("reset") || text.contains("broken pipe") || text.contains("connection aborted")) {
            return Kind.RESET;
        }
        if (text.contains("refused")) {
            return Kind.REFUSED;
        }
        if (text.contains("timed out")) {
            return Kind.TIMEOUT;
        }
        if (text.contains("unreachable") || text.contains("no route to host") || text.contains("network is down")) {
            return Kind.UNREACHABLE;
        }
        if (text.contains("too many open files")
                || text.contains("no buffer space")
                || text.contains("cannot allocate memory")) {
            return Kind.EXHAUSTED;
        }
        if (text.contains("address already in use") || text.contains("cannot assign requested address")) {
            return Kind.CONFIG;
        }
        return null;
    }

    private static String text(Throwable t) {
        String message = t.getMessage();
        if (t instanceof UnknownHostException) {
            return "unknown host " + message;
        }
        if (message == null || message.isBlank()) {
            return t.getClass().getSimpleName();
        }
        return message;
    }
}
