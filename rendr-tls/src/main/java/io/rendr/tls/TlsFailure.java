// SPDX-License-Identifier: Apache-2.0
package io.rendr.tls;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Says what went wrong with TLS, between whom, and what to do about it. */
public final class TlsFailure {
    private static final Pattern ALERT = Pattern.compile("Received (?:fatal )?alert: (\\w+)");
    private static final String SPEAKS_TLS_13 = "no common protocol: this end speaks TLS 1.3 and nothing older";
    private static final String OTHER_PROTOCOL =
            "no common application protocol (ALPN): the other end speaks something else than rendr there";
    private static final String NO_CERTIFICATE =
            "the dialer shows no certificate that anybody in tls.trust has issued, and one is required";
    private static final String REFUSES_OURS = "the peer does not accept the certificate of this end";

    /** Alerts of RFC 8446 section 6.2, as the one who hears them should understand them. */
    private static final Map<String, String> ALERTS = Map.ofEntries(
            Map.entry("protocol_version", SPEAKS_TLS_13),
            Map.entry("insufficient_security", SPEAKS_TLS_13),
            Map.entry("handshake_failure", SPEAKS_TLS_13),
            Map.entry("certificate_expired", REFUSES_OURS + ": it has expired, or their clock is wrong"),
            Map.entry("certificate_revoked", REFUSES_OURS + ": it is revoked"),
            Map.entry("certificate_unknown", REFUSES_OURS + "; the peer's log says why"),
            Map.entry("unsupported_certificate", REFUSES_OURS + ": its kind"),
            Map.entry("unknown_ca", REFUSES_OURS + ": who issued it is not in their tls.trust"),
            Map.entry("access_denied", REFUSES_OURS + ": it is known and not allowed"),
            Map.entry("no_application_protocol", OTHER_PROTOCOL),
            Map.entry("unrecognized_name", "the acceptor has no certificate for the name that was asked for"));

    /** What alerts are called, by their numbers in RFC 8446 section 6. */
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(0, "close_notify"),
            Map.entry(10, "unexpected_message"),
            Map.entry(20, "bad_record_mac"),
            Map.entry(22, "record_overflow"),
            Map.entry(40, "handshake_failure"),
            Map.entry(42, "bad_certificate"),
            Map.entry(43, "unsupported_certificate"),
            Map.entry(44, "certificate_revoked"),
            Map.entry(45, "certificate_expired"),
            Map.entry(46, "certificate_unknown"),
            Map.entry(47, "illegal_parameter"),
            Map.entry(48, "unknown_ca"),
            Map.entry(49, "access_denied"),
            Map.entry(50, "decode_error"),
            Map.entry(51, "decrypt_error"),
            Map.entry(70, "protocol_version"),
            Map.entry(71, "insufficient_security"),
            Map.entry(80, "internal_error"),
            Map.entry(86, "inappropriate_fallback"),
            Map.entry(90, "user_canceled"),
            Map.entry(109, "missing_extension"),
            Map.entry(110, "unsupported_extension"),
            Map.entry(112, "unrecognized_name"),
            Map.entry(113, "bad_certificate_status_response"),
            Map.entry(115, "unknown_psk_identity"),
            Map.entry(116, "certificate_required"),
            Map.entry(120, "no_application_protocol"));

    private TlsFailure() {}

    /**
     * Explains a failure of a handshake.
     *
     * @param between who with whom, such as {@code 10.0.0.7:5555 (path lan)}
     * @param certified whether this end has a certificate to show
     * @param thrown what ended it
     * @return says why
     */
    public static IOException ofHandshake(String between, boolean certified, Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (cause instanceof SslHandshakeTimeoutException) {
            return initialised(
                    new SocketTimeoutException("TLS handshake with " + between + ": no answer in time; does the peer"
                            + " speak TLS there?"),
                    cause);
        }
        String start = "TLS handshake with " + between + " failed: ";
        if (cause instanceof NotSslRecordException) {
            // Its message is all that the peer sent.
            return new SSLHandshakeException(start
                    + "the peer speaks something else than TLS there; say tls=true at both" + " ends, or at neither");
        }
        return initialised(new SSLHandshakeException(start + why(cause, certified)), cause);
    }

    /**
     * Explains an alert, where TLS is in another protocol that carries its number.
     *
     * @param between who with whom, such as {@code 10.0.0.7:5555 (path lan)}
     * @param certified whether this end has a certificate to show
     * @param number which alert the peer sent
     * @return says what it means
     */
    public static IOException ofAlert(String between, boolean certified, int number) {
        String alert = NAMES.getOrDefault(number, String.valueOf(number));
        return new SSLHandshakeException("TLS with " + between + " failed: " + ofAlert(alert, certified));
    }

    /**
     * Explains what ended a connection after its handshake; what is not of TLS stays as it is.
     *
     * @param between who with whom, such as {@code 10.0.0.7:5555 (path lan)}
     * @param certified whether this end has a certificate to show
     * @param thrown what ended it
     * @return says why
     */
    public static Throwable ofConnection(String between, boolean certified, Throwable thrown) {
        Throwable cause = unwrapped(thrown);
        if (cause instanceof NotSslRecordException) {
            return new SSLException("TLS with " + between + " failed: something that is no TLS arrived");
        }
        return cause instanceof SSLException
                ? initialised(new SSLException("TLS with " + between + " failed: " + why(cause, certified)), cause)
                : cause;
    }

    private static String why(Throwable cause, boolean certified) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof CertificateProblem problem) {
                return String.valueOf(problem.getMessage());
            }
            String message = String.valueOf(t.getMessage());
            Matcher alert = ALERT.matcher(message);
            if (alert.find()) {
                return ofAlert(alert.group(1), certified);
            }
            if (message.contains("protocol version") || message.contains("cipher suites in common")) {
                return SPEAKS_TLS_13;
            }
            if (message.contains("Empty client certificate") || message.contains("DID_NOT_RETURN_A_CERTIFICATE")) {
                return NO_CERTIFICATE;
            }
            if (message.contains("NO_APPLICATION_PROTOCOL")) {
                return OTHER_PROTOCOL;
            }
        }
        if (cause instanceof ClosedChannelException || !(cause instanceof SSLException)) {
            return "the peer closed the connection (" + cause.getMessage()
                    + "); does it speak TLS 1.3 there, and does its log say why?";
        }
        return String.valueOf(cause.getMessage());
    }

    private static String ofAlert(String alert, boolean certified) {
        boolean asked = alert.equals("certificate_required") || alert.equals("bad_certificate");
        if (asked && !certified) {
            return "the acceptor requires a certificate of the dialer (alert " + alert
                    + "): set tls.certificate and tls.key";
        }
        String known = asked ? REFUSES_OURS + ": perhaps its issuer is not in their tls.trust" : ALERTS.get(alert);
        return (known == null ? "the peer gave up" : known) + " (alert " + alert + ")";
    }

    private static Throwable unwrapped(Throwable thrown) {
        return thrown instanceof DecoderException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    private static <E extends IOException> E initialised(E made, Throwable cause) {
        made.initCause(cause);
        return made;
    }
}
