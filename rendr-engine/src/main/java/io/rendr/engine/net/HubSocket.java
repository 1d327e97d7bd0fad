// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.PathSpec;
import io.rendr.engine.flow.DatagramHub;
import io.rendr.engine.flow.Instance;
import io.rendr.spi.DatagramPort;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A transport's datagram socket as the {@link DatagramHub} sees it, both on one loop. Every event becomes a turn of it. */
final class HubSocket implements DatagramHub.Socket, DatagramPort.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(HubSocket.class);
    private static final CloseReason UNUSED =
            CloseReason.of(CloseReason.Kind.LOCAL, "the acceptor was closed, and no carrier is left");

    private final DatagramPort port;
    private final HomeLoop home;
    private final DatagramHub hub;
    private final Consumer<CloseReason> failed;
    private boolean closing;

    /**
     * @param host takes the carriers that come in, as turns
     * @param failed hears if the socket has ended by itself
     */
    HubSocket(
            DatagramPort port,
            HomeLoop home,
            PathSpec spec,
            Instance instance,
            DatagramHub.Host host,
            Consumer<CloseReason> failed) {
        this.port = port;
        this.home = home;
        this.failed = failed;
        this.hub = new DatagramHub(
                instance, this, host, spec.find(CommonOptions.FATE).orElse(null));
    }

    /** Begins to listen; on the loop. */
    void start() {
        port.start(this);
    }

    /** Takes no more carriers, and closes the socket when the last one has ended; on the loop. */
    void close() {
        if (!closing) {
            closing = true;
            home.turn(() -> hub.drain(() -> port.close(UNUSED)));
        }
    }

    @Override
    public int credit() {
        return port.credit();
    }

    @Override
    public int maxDatagram() {
        return port.maxDatagramSize();
    }

    @Override
    public int maxSegments() {
        return port.maxSegments();
    }

    @Override
    public void write(ByteBuf datagrams, int segmentSize, SocketAddress to) {
        port.write(datagrams, segmentSize, to);
    }

    @Override
    public void flush() {
        port.flush();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return port.localAddress();
    }

    @Override
    public byte[] bytes(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && !inet.isUnresolved()) {
            byte[] host = inet.getAddress().getAddress();
            return ByteBuffer.allocate(host.length + Short.BYTES)
                    .put(host)
                    .putShort((short) inet.getPort())
                    .array();
        }
        byte[] name = address.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(name.length + Short.BYTES).put(name).array();
    }

    @Override
    public void received(ByteBuf datagrams, int segmentSize, SocketAddress source) {
        home.turn(() -> {
            try {
                long now = Clock.now();
                while (datagrams.isReadable()) {
                    ByteBuf datagram = datagrams.readSlice(Math.min(segmentSize, datagrams.readableBytes()));
                    hub.received(datagram, source, now);
                }
            } catch (RuntimeException e) {
                LOG.error("the engine failed on a datagram from {}", source, e);
            } finally {
                datagrams.release();
            }
        });
    }

    @Override
    public void readComplete() {
        home.turn(() -> hub.readComplete(Clock.now()));
    }

    @Override
    public void writable() {
        home.turn(() -> hub.writable(Clock.now()));
    }

    @Override
    public void dropped(int datagrams) {
        LOG.debug("the system took {} datagrams from {} and did not send them", datagrams, port);
    }

    @Override
    public void closed(CloseReason why) {
        home.turn(() -> {
            hub.closed(why, Clock.now());
            if (!closing) {
                failed.accept(why);
            }
        });
    }
}
