// SPDX-License-Identifier: Apache-2.0
package io.rendr.udp;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramChannelConfig;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.SocketOption;
import org.jspecify.annotations.Nullable;

/** Sets options of UDP sockets, before they are bound. */
public final class UdpTuning {
    // The kernel is not to fragment, and not to believe ICMP about the MTU of a path: who sends searches it by itself
    // (RFC
    // 8899). IP_PMTUDISC_PROBE does both. Socket options of Linux that Netty has no names for.
    private static final IntegerUnixChannelOption IP_MTU_DISCOVER =
            new IntegerUnixChannelOption("IP_MTU_DISCOVER", 0, 10);
    private static final IntegerUnixChannelOption IPV6_MTU_DISCOVER =
            new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", 41, 23);
    private static final int PROBE = 3;

    private static final int EIO = -5;
    private static final int EINVAL = -22;

    private UdpTuning() {}

    /**
     * Why the system did not send several datagrams that were given to it as one. EIO is an interface that computes no checksums,
     * EINVAL one whose MTU is smaller than a segment. One by one they go, or are told to be too large.
     *
     * @param cause what the write failed with
     * @return whether it was because they were one
     */
    public static boolean refusesSegments(Throwable cause) {
        return cause instanceof NativeIoException failed
                && (failed.expectedErr() == EIO || failed.expectedErr() == EINVAL);
    }

    /**
     * What kind of sockets an event loop runs.
     *
     * @param loop the loop
     * @return whether they are those of epoll
     */
    public static boolean isEpoll(EventLoop loop) {
        return loop instanceof IoEventLoop io && io.isIoType(EpollIoHandler.class);
    }

    /**
     * Asks for buffers; {@link BufferCheck} looks what came of it.
     *
     * @param config of the socket
     * @param sendBytes SO_SNDBUF; 0 leaves what the kernel gives
     * @param receiveBytes SO_RCVBUF; 0 leaves what the kernel gives
     */
    public static void buffers(DatagramChannelConfig config, long sendBytes, long receiveBytes) {
        if (sendBytes > 0) {
            config.setSendBufferSize((int) sendBytes);
        }
        if (receiveBytes > 0) {
            config.setReceiveBufferSize((int) receiveBytes);
        }
    }

    /**
     * Has datagrams that are too large dropped instead of fragmented, where the system can: with epoll, and with NIO from Java 19
     * on.
     *
     * @param config of the socket
     * @param epoll whether it is one of epoll
     */
    public static void dontFragment(DatagramChannelConfig config, boolean epoll) {
        if (epoll) {
            set(config, IP_MTU_DISCOVER, PROBE);
            set(config, IPV6_MTU_DISCOVER, PROBE);
        } else if (DONT_FRAGMENT != null) {
            set(config, NioChannelOption.of(DONT_FRAGMENT), true);
        }
    }

    /**
     * Sets what a system may lack: a kernel before 5.0 coalesces nothing, one without IPv6 has none of its options.
     *
     * @param <T> type of the value
     * @param config of the socket
     * @param option what to set
     * @param value to what
     * @return whether the system has it
     */
    public static <T> boolean set(DatagramChannelConfig config, ChannelOption<T> option, T value) {
        try {
            return config.setOption(option, value);
        } catch (ChannelException | UnsupportedOperationException e) {
            return false;
        }
    }

    /**
     * {@code jdk.net.ExtendedSocketOptions.IP_DONTFRAGMENT}, which came with Java 19. Before, NIO has no way to ask for it: the
     * kernel fragments what is larger than the MTU that it knows of.
     */
    private static final @Nullable SocketOption<Boolean> DONT_FRAGMENT = findDontFragment();

    @SuppressWarnings("unchecked") // the type that its documentation gives
    private static @Nullable SocketOption<Boolean> findDontFragment() {
        try {
            Class<?> options = Class.forName("jdk.net.ExtendedSocketOptions");
            return (SocketOption<Boolean>) options.getField("IP_DONTFRAGMENT").get(null);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
