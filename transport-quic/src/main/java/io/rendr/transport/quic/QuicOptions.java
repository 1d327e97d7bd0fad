// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.rendr.CommonOptions;
import io.rendr.OptionKey;
import io.rendr.PathOptions;
import io.rendr.TlsConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The options of a {@code quic} path, typed. The same can be written in the URI:
 * {@code quic://h1:5555?local=wlan0&congestionControl=bbr}.
 *
 * <pre>{@code
 * PathSpec path = PathSpec.of("h1:5555", QuicOptions.builder().local("192.168.1.7").fate("wifi").build());
 * }</pre>
 *
 * TLS, which QUIC always has, is set by {@link io.rendr.PathSpec#with(TlsConfig)}. Immutable.
 */
public final class QuicOptions implements PathOptions {

    /** What carries the frames of a path. */
    public enum Mode {
        /** One bidirectional stream of a connection of its own. */
        STREAM,
        /** DATAGRAM frames of a connection of its own (RFC 9221); what is lost the flow repeats, as over UDP. */
        DATAGRAM
    }

    /** Who decides how much may be under way. */
    public enum CongestionControl {
        /** RFC 9438. */
        CUBIC,
        /** RFC 9002. */
        RENO,
        /** By measured bandwidth and round trip; holds a rate where loss does not mean congestion. */
        BBR
    }

    /** {@link Mode}; default {@link Mode#STREAM}. Dialers choose; an endpoint takes what comes. */
    public static final OptionKey<Mode> MODE = OptionKey.choice(
            "mode",
            Mode.class,
            Mode.STREAM,
            "What carries the frames: a stream, or datagram: DATAGRAM frames (RFC 9221).");

    /**
     * Where a dialed connection comes from: an address of this machine, or the name of one of its network interfaces,
     * whose address of the right family is taken. The kernel still routes by its tables. Absent: the kernel chooses.
     */
    public static final OptionKey<String> LOCAL = OptionKey.text(
            "local", null, "Local address or network interface to send from, such as 10.0.0.5 or wlan0.");

    /** {@link CommonOptions#CONNECT_TIMEOUT}: name resolution, every address that is tried, and the handshake, together. Default 3 s. */
    public static final OptionKey<Duration> CONNECT_TIMEOUT = CommonOptions.CONNECT_TIMEOUT;

    /** {@link CongestionControl} of what this end sends; default {@link CongestionControl#CUBIC}. */
    public static final OptionKey<CongestionControl> CONGESTION_CONTROL = OptionKey.choice(
            "congestionControl",
            CongestionControl.class,
            CongestionControl.CUBIC,
            "Congestion control of what this end sends: cubic, reno or bbr.");

    /**
     * How long a connection lives on which nothing arrives; the smaller one of both ends counts. Default 90 s, at least 30 s: the
     * engine asks a peer at least every 24 s whether it is there and gives up by itself when no answer comes, so this ends
     * only connections that nobody uses any more.
     */
    public static final OptionKey<Duration> IDLE_TIMEOUT = OptionKey.duration(
                    "idleTimeout",
                    Duration.ofSeconds(90),
                    "How long a connection lives on which nothing arrives; the smaller one of both ends counts.")
            .between(Duration.ofSeconds(30), Duration.ofHours(1));

    /**
     * The largest UDP payload that is sent, in bytes: 1200 to 9000. Default 1452, an Ethernet MTU at IPv6. A connection begins with
     * 1200 and searches upwards (RFC 8899).
     */
    public static final OptionKey<Integer> MAX_UDP_PAYLOAD = OptionKey.integer(
                    "maxUdpPayload", 1452, "Largest UDP payload to send in bytes; found by probing, from 1200 upwards.")
            .between(1200, 9000);

    /** SO_SNDBUF in bytes; 0 leaves what the kernel gives. Default 4 MiB. */
    public static final OptionKey<Long> SEND_BUFFER = OptionKey.bytes(
                    "sendBuffer", 4L << 20, "Bytes of the kernel's send buffer; 0 leaves what the kernel gives.")
            .between(0L, 1L << 30);

    /**
     * SO_RCVBUF in bytes; 0 leaves what the kernel gives. Default 4 MiB: what arrives while the event loop does something else
     * is lost if it finds no room.
     */
    public static final OptionKey<Long> RECEIVE_BUFFER = OptionKey.bytes(
                    "receiveBuffer", 4L << 20, "Bytes of the kernel's receive buffer; 0 leaves what the kernel gives.")
            .between(0L, 1L << 30);

    /** Whether packets of equal size leave in one system call (UDP_SEGMENT), where the system can. Default {@code true}. */
    public static final OptionKey<Boolean> GSO = OptionKey.flag(
            "gso", true, "Sends packets of equal size in one system call, where the system can. Only with epoll.");

    static final List<OptionKey<?>> ALL = Stream.concat(
                    Stream.of(
                            MODE,
                            LOCAL,
                            CONNECT_TIMEOUT,
                            CONGESTION_CONTROL,
                            IDLE_TIMEOUT,
                            MAX_UDP_PAYLOAD,
                            SEND_BUFFER,
                            RECEIVE_BUFFER,
                            GSO),
                    TlsConfig.OPTIONS.stream())
            .toList();

    private final Map<String, String> texts;

    private QuicOptions(Map<String, String> texts) {
        this.texts = Map.copyOf(texts);
    }

    /** {@return a builder with nothing set, which means the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String transport() {
        return QuicTransport.NAME;
    }

    @Override
    public Map<String, String> toMap() {
        return texts;
    }

    @Override
    public String toString() {
        return "QuicOptions" + texts;
    }

    /** Collects options. Every setter throws {@link IllegalArgumentException} for a value that the option does not allow. */
    public static final class Builder {
        private final Map<String, String> texts = new LinkedHashMap<>();

        private Builder() {}

        /** {@link QuicOptions#MODE}. */
        public Builder mode(Mode mode) {
            return set(MODE, mode);
        }

        /** {@link QuicOptions#LOCAL}. */
        public Builder local(String addressOrInterface) {
            return set(LOCAL, addressOrInterface);
        }

        /** {@link QuicOptions#CONNECT_TIMEOUT}. */
        public Builder connectTimeout(Duration timeout) {
            return set(CONNECT_TIMEOUT, timeout);
        }

        /** {@link QuicOptions#CONGESTION_CONTROL}. */
        public Builder congestionControl(CongestionControl algorithm) {
            return set(CONGESTION_CONTROL, algorithm);
        }

        /** {@link QuicOptions#IDLE_TIMEOUT}. */
        public Builder idleTimeout(Duration timeout) {
            return set(IDLE_TIMEOUT, timeout);
        }

        /** {@link QuicOptions#MAX_UDP_PAYLOAD}. */
        public Builder maxUdpPayload(int bytes) {
            return set(MAX_UDP_PAYLOAD, bytes);
        }

        /** {@link QuicOptions#SEND_BUFFER}. */
        public Builder sendBuffer(long bytes) {
            return set(SEND_BUFFER, bytes);
        }

        /** {@link QuicOptions#RECEIVE_BUFFER}. */
        public Builder receiveBuffer(long bytes) {
            return set(RECEIVE_BUFFER, bytes);
        }

        /** {@link QuicOptions#GSO}. */
        public Builder gso(boolean gso) {
            return set(GSO, gso);
        }

        /** {@link CommonOptions#NAME}. */
        public Builder name(String name) {
            return set(CommonOptions.NAME, name);
        }

        /** {@link CommonOptions#FATE}. */
        public Builder fate(String fate) {
            return set(CommonOptions.FATE, fate);
        }

        /** {@link CommonOptions#BACKUP}. */
        public Builder backup(boolean backup) {
            return set(CommonOptions.BACKUP, backup);
        }

        /** {@return the options} */
        public QuicOptions build() {
            return new QuicOptions(texts);
        }

        private <T> Builder set(OptionKey<T> key, T value) {
            key.check(value);
            texts.put(key.name(), key.format(value));
            return this;
        }
    }
}
