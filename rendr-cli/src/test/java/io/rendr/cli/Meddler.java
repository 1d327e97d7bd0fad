// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PathSpec;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Somebody between one dialer and an acceptor of datagrams: overhears, drops what is too large, and forgets addresses. */
final class Meddler implements AutoCloseable {
    private static final int LARGEST = 65_535;
    private static final int HANDSHAKE = 0x41;

    private final int target;
    private final DatagramSocket front;
    private final List<byte[]> overheard = new CopyOnWriteArrayList<>();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicReference<@Nullable CompletableFuture<byte[]>> withheld = new AtomicReference<>();
    private volatile DatagramSocket back;
    private volatile @Nullable SocketAddress client;
    private volatile int largest = LARGEST;

    Meddler(PathSpec endpoint) throws IOException {
        this.target = endpoint.socketAddress().getPort();
        this.front = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        this.back = open();
        relay(front);
    }

    private DatagramSocket open() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        relay(socket);
        return socket;
    }

    /** What to dial. */
    PathSpec endpoint() {
        return PathSpec.of("udpflow://127.0.0.1:" + front.getLocalPort());
    }

    private void relay(DatagramSocket from) {
        Thread thread = new Thread(() -> run(from), "meddler-" + from.getLocalPort());
        thread.setDaemon(true);
        thread.start();
    }

    private void run(DatagramSocket from) {
        byte[] room = new byte[LARGEST];
        while (!from.isClosed()) {
            DatagramPacket packet = new DatagramPacket(room, room.length);
            try {
                from.receive(packet);
                pass(from, Arrays.copyOf(room, packet.getLength()), packet.getSocketAddress());
            } catch (IOException e) {
                // Closed, which ends the loop; or nobody listens at the other end, which is told once and not for us.
            }
        }
    }

    private void pass(DatagramSocket from, byte[] datagram, SocketAddress sender) throws IOException {
        if (datagram.length > largest) {
            dropped.incrementAndGet();
        } else if (from == front) {
            client = sender;
            overheard.add(datagram);
            CompletableFuture<byte[]> wanted = datagram[0] == HANDSHAKE ? null : withheld.getAndSet(null);
            if (wanted != null) {
                wanted.complete(datagram);
                return;
            }
            back.send(new DatagramPacket(datagram, datagram.length, InetAddress.getLoopbackAddress(), target));
        } else if (client != null) {
            front.send(new DatagramPacket(datagram, datagram.length, client));
        }
    }

    /** From now on the acceptor sees the dialer at another port. */
    void rebind() throws IOException {
        DatagramSocket old = back;
        back = open();
        old.close();
    }

    /** The next packet of the dialer is not handed on, but given to the caller. */
    CompletableFuture<byte[]> withhold() {
        CompletableFuture<byte[]> next = new CompletableFuture<>();
        withheld.set(next);
        return next;
    }

    /** What is larger than so many bytes is lost from now on. */
    void narrow(int bytes) {
        largest = bytes;
    }

    long dropped() {
        return dropped.get();
    }

    /** What the dialer has sent so far and {@code wanted} takes. */
    List<byte[]> overheard(Predicate<byte[]> wanted) {
        List<byte[]> found = new ArrayList<>(overheard);
        found.removeIf(wanted.negate());
        return found;
    }

    @Override
    public void close() {
        front.close();
        back.close();
    }
}
