// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * What has to happen on a connected channel before it is a carrier: a TLS handshake, a proxy's answer. See
 * {@link Carriers#connect(DialRequest, java.net.SocketAddress, java.util.function.Consumer, ChannelHandshake)}.
 */
@FunctionalInterface
public interface ChannelHandshake {
    /**
     * Begins the handshake. Called on the channel's event loop; the channel reads only what it is asked to
     * ({@code AUTO_READ} is off). It adds what handlers it needs; the carrier becomes the last one.
     *
     * @param channel a connected channel; closed by the caller if the handshake fails, or loses to another address
     * @param left how long the handshake may take
     * @return completes, on the event loop, with what is true of the carrier; or with why there will be none
     */
    CompletionStage<CarrierTraits> perform(Channel channel, Duration left);
}
