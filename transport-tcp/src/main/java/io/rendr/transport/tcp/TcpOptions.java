// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

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
 * The options of a {@code tcp} path, typed. The same can be written in the URI:
 * {@code tcp://h1:5555?local=wlan0&sendBuffer=1MiB}.
 *
 * <pre>{@code
 * PathSpec path = PathSpec.of("h1:5555", TcpOptions.builder().local("192.168.1.7").fate("wifi").build());
 * }</pre>
 *
 * TLS is set by {@link io.rendr.PathSpec#with(TlsConfig)}. Immutable.
 */
public final class TcpOptions implements PathOptions {

    /** Which kind of event loop a path demands. */
    public enum Io {
        /** Whichever the runtime runs: epoll where it is available, else NIO. */
        AUTO,
        /** Linux epoll; the path fails with a reason where the runtime does not run it. */
        EPOLL,
        /** The JDK's NIO; the path fails with a reason where the runtime does not run it. */
        NIO
    }

    /**
     * Where a dialed connection comes from: an address of this machine, or the name of one of its network interfaces,
     * whose address of the right family is taken. The kernel still routes by its tables. Absent: the kernel chooses.
     */
    public static final OptionKey<String> LOCAL = OptionKey.text(
            "local", null, "Local address or network interface to connect from, such as 10.0.0.5 or wlan0.");

    /** {@link CommonOptions#CONNECT_TIMEOUT}: name resolution, every address that is tried, and TLS, together. Default 3 s. */
    public static final OptionKey<Duration> CONNECT_TIMEOUT = CommonOptions.CONNECT_TIMEOUT;

    /** SO_SNDBUF in bytes; 0 (the default) lets the kernel size it. */
    public static final OptionKey<Long> SEND_BUFFER = OptionKey.bytes(
                    "sendBuffer", 0L, "Bytes of the kernel's send buffer; 0 lets the kernel size it.")
            .between(0L, 1L << 30);

    /** SO_RCVBUF in bytes; 0 (the default) lets the kernel size it. Set before connecting, so that it scales the window. */
    public static final OptionKey<Long> RECEIVE_BUFFER = OptionKey.bytes(
                    "receiveBuffer", 0L, "Bytes of the kernel's receive buffer; 0 lets the kernel size it.")
            .between(0L, 1L << 30);

    /**
     * TCP_NOTSENT_LOWAT in bytes: how much may wait unsent in the kernel before the carrier has no credit left. Keeps
     * what may still change its path out of the kernel. Default 64 KiB; 0 switches it off. Only with epoll.
     */
    public static final OptionKey<Long> NOTSENT_LOWAT = OptionKey.bytes(
                    "notsentLowat",
                    64L << 10,
                    "Bytes that may wait unsent in the kernel; 0 = no limit. Only with epoll.")
            .between(0L, 1L << 30);

    /** {@link Io}; default {@link Io#AUTO}. */
    public static final OptionKey<Io> IO =
            OptionKey.choice("io", Io.class, Io.AUTO, "Kind of event loop the path demands: auto, epoll or nio.");

    static final List<OptionKey<?>> ALL = Stream.concat(
                    Stream.of(LOCAL, CONNECT_TIMEOUT, SEND_BUFFER, RECEIVE_BUFFER, NOTSENT_LOWAT, IO),
                    TlsConfig.OPTIONS.stream())
            .toList();

    private final Map<String, String> texts;

    private TcpOptions(Map<String, String> texts) {
        this.texts = Map.copyOf(texts);
    }

    /** {@return a builder with nothing set, which means the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String transport() {
        return "tcp";
    }

    @Override
    public Map<String, String> toMap() {
        return texts;
    }

    @Override
    public String toString() {
        return "TcpOptions" + texts;
    }

    /** Collects options. Every setter throws {@link IllegalArgumentException} for a value that the option does not allow. */
    public static final class Builder {
        private final Map<String, String> texts = new LinkedHashMap<>();

        private Builder() {}

        /** {@link TcpOptions#LOCAL}. */
        public Builder local(String addressOrInterface) {
            return set(LOCAL, addressOrInterface);
        }

        /** {@link TcpOptions#CONNECT_TIMEOUT}. */
        public Builder connectTimeout(Duration timeout) {
            return set(CONNECT_TIMEOUT, timeout);
        }

        /** {@link TcpOptions#SEND_BUFFER}. */
        public Builder sendBuffer(long bytes) {
            return set(SEND_BUFFER, bytes);
        }

        /** {@link TcpOptions#RECEIVE_BUFFER}. */
        public Builder receiveBuffer(long bytes) {
            return set(RECEIVE_BUFFER, bytes);
        }

        /** {@link TcpOptions#NOTSENT_LOWAT}. */
        public Builder notsentLowat(long bytes) {
            return set(NOTSENT_LOWAT, bytes);
        }

        /** {@link TcpOptions#IO}. */
        public Builder io(Io io) {
            return set(IO, io);
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
        public TcpOptions build() {
            return new TcpOptions(texts);
        }

        private <T> Builder set(OptionKey<T> key, T value) {
            key.check(value);
            texts.put(key.name(), key.format(value));
            return this;
        }
    }
}
