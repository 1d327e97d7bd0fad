// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/** One connection through a link: two sockets and a pipe for each direction. Confined to the thread of its loop. */
final class LinkConnection {

    private enum State {
        /** Accepted, and not connected on because the link is a black hole. */
        WAITING,
        CONNECTING,
        OPEN,
        HUNG,
        CLOSED
    }

    /** With a rate in force the kernel must not hide a second, larger queue in front of the bottleneck. */
    private static final int SHAPED_RECEIVE_BUFFER = 256 << 10;

    private static final int UNSHAPED_RECEIVE_BUFFER = 4 << 20;

    private final LinkLoop loop;
    private final SocketChannel client;
    private @Nullable SocketChannel server;
    private @Nullable SelectionKey clientKey;
    private @Nullable SelectionKey serverKey;
    private final LinkPipe up;
    private final LinkPipe down;
    private State state = State.WAITING;
    private boolean limited;
    private boolean expired;
    private long lastPassed;

    LinkConnection(LinkLoop loop, SocketChannel client) {
        this.loop = loop;
        this.client = client;
        this.up = new LinkPipe(loop, this, LinkDirection.UP);
        this.down = new LinkPipe(loop, this, LinkDirection.DOWN);
    }

    void begin(LinkConnects connects) {
        try {
            client.configureBlocking(false);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            clientKey = client.register(loop.selector(), 0, this);
            switch (connects) {
                case HANG -> {
                    loop.hung++;
                    state = State.HUNG;
                    up.swallow(client);
                }
                case RESET -> {
                    loop.refused++;
                    reset();
                }
                default -> connectUnlessBlackHoled();
            }
        } catch (IOException e) {
            close();
        }
    }

    private void connectUnlessBlackHoled() {
        if (state != State.WAITING || loop.blackHoled()) {
            return;
        }
        state = State.CONNECTING;
        try {
            InetSocketAddress target = loop.nextTarget();
            SocketChannel to = SocketChannel.open();
            server = to;
            to.configureBlocking(false);
            to.setOption(StandardSocketOptions.TCP_NODELAY, true);
            limitReceiveBuffers();
            serverKey = to.register(loop.selector(), SelectionKey.OP_CONNECT, this);
            if (to.connect(target)) {
                opened(to);
            }
        } catch (IOException | RuntimeException e) { // unresolved addresses are unchecked in NIO
            targetFailed();
        }
    }

    private void targetFailed() {
        loop.targetFailures++;
        reset();
    }

    private void opened(SocketChannel to) throws IOException {
        state = State.OPEN;
        loop.connectedTo((InetSocketAddress) to.getRemoteAddress());
        lastPassed = System.nanoTime();
        up.open(client, to);
        down.open(to, client);
        pumpBoth(); // what was done to the connection before shows now
    }

    void ready(SelectionKey key) {
        if (state == State.CONNECTING && key == serverKey && server != null) {
            try {
                if (server.finishConnect()) {
                    opened(server);
                }
            } catch (IOException e) {
                targetFailed();
            }
            return;
        }
        if (state != State.OPEN && state != State.HUNG) {
            return;
        }
        // Deliver first, so that room is there before more is read.
        if (key.isWritable()) {
            (key == clientKey ? down : up).pump();
        }
        if (key.isValid() && key.isReadable()) {
            (key == clientKey ? up : down).pump();
        }
    }

    /** Interests follow from what the pipes want; called after every pump. */
    void updateInterest() {
        interest(clientKey, up.wantsRead(), down.wantsWrite());
        interest(serverKey, down.wantsRead(), up.wantsWrite());
    }

    private static void interest(@Nullable SelectionKey key, boolean read, boolean write) {
        if (key != null && key.isValid()) {
            int ops = (read ? SelectionKey.OP_READ : 0) | (write ? SelectionKey.OP_WRITE : 0);
            if (key.interestOps() != ops) {
                key.interestOps(ops);
            }
        }
    }

    void reshaped() {
        limitReceiveBuffers();
        pumpBoth();
    }

    private void limitReceiveBuffers() {
        try {
            limited |= loop.way(LinkDirection.UP).shape.rate() > 0
                    || loop.way(LinkDirection.DOWN).shape.rate() > 0;
            if (limited) {
                receiveBuffer(client, loop.way(LinkDirection.UP));
                receiveBuffer(server, loop.way(LinkDirection.DOWN));
            }
        } catch (IOException e) {
            // The socket is closed already; its pipe learns by reading.
        }
    }

    private static void receiveBuffer(@Nullable SocketChannel channel, LinkLoop.Way way) throws IOException {
        SocketOption<Integer> option = StandardSocketOptions.SO_RCVBUF;
        if (channel != null) {
            channel.setOption(option, way.shape.rate() > 0 ? SHAPED_RECEIVE_BUFFER : UNSHAPED_RECEIVE_BUFFER);
        }
    }

    void blockedChanged(LinkDirection direction, long now) {
        if (state == State.WAITING) {
            connectUnlessBlackHoled();
        } else if (state == State.OPEN) {
            pipe(direction).blockedChanged(now);
            pumpBoth();
        }
    }

    private void pumpBoth() {
        if (state == State.OPEN) {
            up.pump();
            down.pump();
        }
    }

    /** Whether bytes that arrive now find a mapping. Marks the connection expired when they do not. */
    boolean mapped(long now) {
        if (!expired && loop.natIdleNanos > 0 && now - lastPassed > loop.natIdleNanos) {
            expired = true;
            loop.natExpired++;
        }
        lastPassed = now;
        return !expired;
    }

    boolean expired() {
        return expired;
    }

    /** A sender met an expired mapping that answers by RST: it alone learns; the other end does when it sends. */
    void resetByNat(SocketChannel sender) {
        rst(sender);
        if (isClosed(client) && isClosed(server)) {
            end();
        }
    }

    /** The socket failed, so its end is gone: it sends no more, and takes no more. */
    void gone(SocketChannel socket, long now) {
        closeQuietly(socket);
        LinkPipe from = socket == client ? up : down;
        LinkPipe to = socket == client ? down : up;
        mapped(now);
        from.sourceReset(now);
        to.sinkGone();
        if (isClosed(client) && isClosed(server)) {
            end();
        } else {
            updateInterest();
        }
    }

    /** Resets both ends. */
    void reset() {
        if (state == State.CLOSED) {
            return;
        }
        rst(client);
        rst(server);
        end();
    }

    boolean fin(LinkDirection direction) {
        if (state == State.HUNG || state == State.CLOSED) {
            return false;
        }
        boolean did = pipe(direction).injectFin();
        pumpBoth();
        return did;
    }

    /** Both directions have been delivered to their end. */
    void closeIfDone() {
        if (state == State.OPEN && up.finDelivered() && down.finDelivered()) {
            close();
        }
    }

    void close() {
        if (state != State.CLOSED) {
            closeQuietly(client);
            closeQuietly(server);
            end();
        }
    }

    long heldNow(LinkDirection direction) {
        return pipe(direction).heldNow();
    }

    private LinkPipe pipe(LinkDirection direction) {
        return direction == LinkDirection.UP ? up : down;
    }

    private void end() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            up.release();
            down.release();
            loop.ended(this);
        }
    }

    private void rst(@Nullable SocketChannel socket) {
        if (isClosed(socket)) {
            return;
        }
        try {
            if (socket != null && socket.isConnected()) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
                loop.resets++;
            }
        } catch (IOException e) {
            // Its peer was faster; then there is nobody to be reset.
        }
        closeQuietly(socket);
    }

    private static boolean isClosed(@Nullable SocketChannel socket) {
        return socket == null || !socket.isOpen();
    }

    private static void closeQuietly(@Nullable SocketChannel socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // Nothing can be done about a descriptor that does not close, and close(2) has released it.
            }
        }
    }
}
