// SPDX-License-Identifier: Apache-2.0
package io.rendr.udp;

import io.netty.channel.socket.DatagramChannelConfig;
import io.rendr.PathSpec;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells once of each buffer for which the kernel grants less than was asked for. Thread-safe. */
public final class BufferCheck {
    private static final Logger LOG = LoggerFactory.getLogger(BufferCheck.class);

    private final AtomicBoolean sendTold = new AtomicBoolean();
    private final AtomicBoolean receiveTold = new AtomicBoolean();

    /** Has told nothing yet. */
    public BufferCheck() {}

    /**
     * Looks at a socket.
     *
     * @param config of the socket
     * @param spec the path or endpoint, for the log
     * @param epoll whether it is one of epoll, which reports the kernel's figure: twice what was granted
     * @param send bytes of the send buffer that was asked for
     * @param receive bytes of the receive buffer that was asked for
     */
    public void look(DatagramChannelConfig config, PathSpec spec, boolean epoll, long send, long receive) {
        int divisor = epoll ? 2 : 1;
        tell(sendTold, spec, "send", "wmem", send, config.getSendBufferSize() / divisor);
        tell(receiveTold, spec, "receive", "rmem", receive, config.getReceiveBufferSize() / divisor);
    }

    private static void tell(
            AtomicBoolean told, PathSpec spec, String which, String sysctl, long wanted, long granted) {
        if (granted < wanted && told.compareAndSet(false, true)) {
            LOG.warn(
                    "the kernel grants the UDP socket of {} a {} buffer of {} bytes instead of {}, and drops what does not fit:"
                            + " set the sysctl net.core.{}_max to {} or more",
                    spec,
                    which,
                    granted,
                    wanted,
                    sysctl,
                    wanted);
        }
    }
}
