// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.engine.keys.AttachDialer;
import io.rendr.engine.keys.DialerHandshake;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.wire.CarrierOffer;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.Info;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A socket to an acceptor, and someone who knows the protocol and need not keep to it. What it sends after the handshake is
 * plain, so the acceptor must want no seal.
 */
final class RawPeer implements AutoCloseable {
    static final InstanceId ME = new InstanceId(11, 12);
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private final HandshakeReader reader = new HandshakeReader();
    private ByteBuf unread = Unpooled.EMPTY_BUFFER;

    /** What was sent last as the first and the last message of a handshake. */
    byte[] first = new byte[0];

    byte[] confirm = new byte[0];

    RawPeer(PathSpec endpoint) throws IOException {
        socket = new Socket(
                endpoint.socketAddress().getHostString(),
                endpoint.socketAddress().getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    static FlowOffer offer() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        FlowId flow = new FlowId(random.nextLong(), random.nextLong());
        return new FlowOffer(FlowKind.STREAM, Protection.NONE, true, flow, ME, 0, 1 << 20, 60_000, 0, 0, 0);
    }

    static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(random);
        return random;
    }

    static DialerHandshake dialer(@Nullable Psk psk) {
        return new DialerHandshake(offer(), psk, null, 0, new X25519(), random(32));
    }

    RawPeer send(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Writes frames. */
    RawPeer frames(Consumer<ByteBuf> writer) throws IOException {
        ByteBuf out = Unpooled.buffer();
        writer.accept(out);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return send(bytes);
    }

    /** The next handshake message; null if the carrier was closed. */
    byte @Nullable [] message() throws IOException {
        while (true) {
            byte[] message = reader.read(unread);
            if (message != null) {
                return message;
            }
            byte[] more = new byte[2048];
            int n = read(more);
            if (n < 0) {
                return null;
            }
            unread = Unpooled.wrappedBuffer(more, 0, n);
        }
    }

    private int read(byte[] into) throws IOException {
        try {
            return socket.getInputStream().read(into);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            return -1; // a reset
        }
    }

    /** Everything up to the end of the carrier. */
    byte[] rest() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        unread.readBytes(all, unread.readableBytes());
        byte[] more = new byte[2048];
        for (int n = read(more); n >= 0; n = read(more)) {
            all.write(more, 0, n);
        }
        return all.toByteArray();
    }

    /** Whether the acceptor has closed the carrier within a moment. */
    boolean closesSoon(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** A whole handshake for a new flow, and the introduction that admission waits for. */
    Established open(@Nullable Psk psk) throws IOException, HandshakeFailure {
        DialerHandshake dialer = halfOpen(psk);
        confirm = dialer.receive(Objects.requireNonNull(message(), "closed in the middle of the handshake"));
        send(confirm);
        Established flow = Objects.requireNonNull(dialer.established());
        if (!flow.keys().sealed()) {
            frames(out -> Frames.info(out, new Info("raw", List.of(), "0", Map.of())));
        }
        return flow;
    }

    /** HELLO, and nothing after it. */
    DialerHandshake halfOpen(@Nullable Psk psk) throws IOException {
        DialerHandshake dialer = dialer(psk);
        first = dialer.hello();
        send(first);
        return dialer;
    }

    /** A whole handshake for a further carrier. */
    void attach(Established flow, int pathId, int carrierNo) throws IOException, HandshakeFailure {
        AttachDialer dialer = attaching(flow, pathId, carrierNo);
        first = dialer.attach();
        send(first);
        confirm = dialer.receive(Objects.requireNonNull(message(), "closed in the middle of the handshake"));
        send(confirm);
    }

    static AttachDialer attaching(Established flow, int pathId, int carrierNo) {
        CarrierOffer offer =
                new CarrierOffer(false, flow.offer().flow(), flow.answer().instance(), pathId, carrierNo, 0);
        return new AttachDialer(offer, flow.secrets(), random(16));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
