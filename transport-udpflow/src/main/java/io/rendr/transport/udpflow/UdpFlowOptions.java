// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.rendr.CommonOptions;
import io.rendr.OptionKey;
import io.rendr.PathOptions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options of a {@code udpflow} path, typed. The same can be written in the URI:
 * {@code udpflow://h1:5555?local=wlan0&receiveBuffer=8MiB}.
 *
 * <pre>{@code
 * PathSpec path = PathSpec.of("h1:5555", UdpFlowOptions.builder().local("192.168.1.7").fate("wifi").build());
 * }</pre>
 *
 * Immutable.
 */
public final class UdpFlowOptions implements PathOptions {

    /**
     * Where a dialed path comes from: an address of this machine, or the name of one of its network interfaces, whose
     * address of the right family is taken. The kernel still routes by its tables. Absent: the kernel chooses.
     */
    public static final OptionKey<String> LOCAL = OptionKey.text(
            "local", null, "Local address or network interface to send from, such as 10.0.0.5 or wlan0.");

    /** {@link CommonOptions#CONNECT_TIMEOUT}: name resolution and the handshake of the engine, together. Default 3 s. */
    public static final OptionKey<Duration> CONNECT_TIMEOUT = CommonOptions.CONNECT_TIMEOUT;

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

    /** Whether datagrams of equal size leave in one system call (UDP_SEGMENT), where the system can. Default {@code true}. */
    public static final OptionKey<Boolean> GSO = OptionKey.flag(
            "gso", true, "Sends datagrams of equal size in one system call, where the system can. Only with epoll.");

    /** Whether datagrams of equal size are read in one system call (UDP_GRO), where the system can. Default {@code true}. */
    public static final OptionKey<Boolean> GRO = OptionKey.flag(
            "gro", true, "Reads datagrams of equal size in one system call, where the system can. Only with epoll.");

    static final List<OptionKey<?>> ALL = List.of(LOCAL, CONNECT_TIMEOUT, SEND_BUFFER, RECEIVE_BUFFER, GSO, GRO);

    private final Map<String, String> texts;

    private UdpFlowOptions(Map<String, String> texts) {
        this.texts = Map.copyOf(texts);
    }

    /** {@return a builder with nothing set, which means the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String transport() {
        return UdpFlowTransport.NAME;
    }

    @Override
    public Map<String, String> toMap() {
        return texts;
    }

    @Override
    public String toString() {
        return "UdpFlowOptions" + texts;
    }

    /** Collects options. Every setter throws {@link IllegalArgumentException} for a value that the option does not allow. */
    public static final class Builder {
        private final Map<String, String> texts = new LinkedHashMap<>();

        private Builder() {}

        /** {@link UdpFlowOptions#LOCAL}. */
        public Builder local(String addressOrInterface) {
            return set(LOCAL, addressOrInterface);
        }

        /** {@link UdpFlowOptions#CONNECT_TIMEOUT}. */
        public Builder connectTimeout(Duration timeout) {
            return set(CONNECT_TIMEOUT, timeout);
        }

        /** {@link UdpFlowOptions#SEND_BUFFER}. */
        public Builder sendBuffer(long bytes) {
            return set(SEND_BUFFER, bytes);
        }

        /** {@link UdpFlowOptions#RECEIVE_BUFFER}. */
        public Builder receiveBuffer(long bytes) {
            return set(RECEIVE_BUFFER, bytes);
        }

        /** {@link UdpFlowOptions#GSO}. */
        public Builder gso(boolean gso) {
            return set(GSO, gso);
        }

        /** {@link UdpFlowOptions#GRO}. */
        public Builder gro(boolean gro) {
            return set(GRO, gro);
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
        public UdpFlowOptions build() {
            return new UdpFlowOptions(texts);
        }

        private <T> Builder set(OptionKey<T> key, T value) {
            key.check(value);
            texts.put(key.name(), key.format(value));
            return this;
        }
    }
}
