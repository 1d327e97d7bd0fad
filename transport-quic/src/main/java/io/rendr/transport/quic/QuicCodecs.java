// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.rendr.PathSpec;
import java.util.concurrent.TimeUnit;

/** Sets what is equal at both ends. */
final class QuicCodecs {
    // What a peer may send that nobody has read. quiche raises both, up to 16 and 24 MiB, as long as they are read as
    // fast as
    // they come, which an engine does: a window that is used up within two round trips is doubled. So 200 Mbit/s at 200
    // ms, 5
    // MB, is reached as fast as the congestion window gets there, and a stranger holds no more than this.
    private static final long STREAM_WINDOW = 1L << 20;
    private static final long CONNECTION_WINDOW = 3L << 19;

    /** What a connection sends until it knows that its route carries more (RFC 9000, section 14.1). */
    static final int FIRST_PAYLOAD = 1_200;

    /** Datagrams that wait for the congestion window, or for their reader, before the next ones are lost. */
    static final int DATAGRAM_QUEUE = 4_096;

    /** Datagrams that are handed over between two {@code channelReadComplete}, each of which costs a turn and an acknowledgement. */
    private static final int DATAGRAMS_PER_READ = 256;

    private static final int MIN_READ = 2 * 1024;
    private static final int FIRST_READ = 16 * 1024;
    private static final int MAX_READ = 256 * 1024;

    private QuicCodecs() {}

    static QuicClientCodecBuilder dialing(PathSpec spec) {
        return common(new QuicClientCodecBuilder(), spec).initialMaxStreamsBidirectional(0);
    }

    static QuicServerCodecBuilder accepting(PathSpec spec) {
        return common(new QuicServerCodecBuilder(), spec).initialMaxStreamsBidirectional(1);
    }

    private static <B extends QuicCodecBuilder<B>> B common(B builder, PathSpec spec) {
        int payload = spec.option(QuicOptions.MAX_UDP_PAYLOAD);
        return builder.maxIdleTimeout(spec.option(QuicOptions.IDLE_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS)
                .congestionControlAlgorithm(algorithm(spec.option(QuicOptions.CONGESTION_CONTROL)))
                .maxSendUdpPayloadSize(payload)
                .maxRecvUdpPayloadSize(Math.max(QuicSockets.SMALLEST_READ, payload))
                .discoverPmtu(true)
                .datagram(DATAGRAM_QUEUE, DATAGRAM_QUEUE)
                .initialMaxData(CONNECTION_WINDOW)
                .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW)
                .initialMaxStreamDataBidirectionalRemote(STREAM_WINDOW)
                .initialMaxStreamsUnidirectional(0)
                .activeMigration(true);
    }

    /** How datagrams are read: those of one batch of the socket together. */
    static RecvByteBufAllocator datagramReads() {
        return new FixedRecvByteBufAllocator(MIN_READ).maxMessagesPerRead(DATAGRAMS_PER_READ);
    }

    /** How streams are read: as much at a time as there is. */
    static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(MIN_READ, FIRST_READ, MAX_READ);
    }

    private static QuicCongestionControlAlgorithm algorithm(QuicOptions.CongestionControl chosen) {
        return switch (chosen) {
            case CUBIC -> QuicCongestionControlAlgorithm.CUBIC;
            case RENO -> QuicCongestionControlAlgorithm.RENO;
            case BBR -> QuicCongestionControlAlgorithm.BBR;
        };
    }
}
