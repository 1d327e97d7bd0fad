// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.udpflow;

import io.netty.channel.socket.DatagramChannelConfig;
import io.rendr.PathSpec;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells once of each buffer for which the kernel grants less than was asked for. Thread-safe. */
final class BufferCheck {
    private static final Logger LOG = LoggerFactory.getLogger(BufferCheck.class);

    private final AtomicBoolean sendTold = new AtomicBoolean();
    private final AtomicBoolean receiveTold = new AtomicBoolean();

    /** Looks at a socket; {@code epoll} reports the kernel's figure, which is twice what was granted. */
    void look(DatagramChannelConfig config, PathSpec spec, boolean epoll) {
        int divisor = epoll ? 2 : 1;
        long send = spec.option(UdpFlowOptions.SEND_BUFFER);
        tell(sendTold, spec, "send", "wmem", send, config.getSendBufferSize() / divisor);
        long receive = spec.option(UdpFlowOptions.RECEIVE_BUFFER);
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
