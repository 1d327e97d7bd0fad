// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PacketConn;
import io.rendr.PacketTooLargeException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of one UDP address joined to one packet flow. Nothing is kept here: a datagram for which there is no room
 * is dropped and counted, as the network would drop it. No error of the socket ends the flow.
 */
final class UdpSplice implements Splice, UdpReader.Taker {
    private final String label;
    private final PacketConn conn;
    private final DatagramSocket socket;
    private final SocketAddress peer;
    private final Drops drops;
    private final LongAdder toFlow = new LongAdder();
    private final LongAdder fromFlow = new LongAdder();
    private final AtomicReference<@Nullable String> broken = new AtomicReference<>();
    private volatile long usedAt = System.nanoTime();
    private volatile boolean done;

    /**
     * @param socket not connected: on one that is, the JDK does not send empty datagrams. Its owner hands what comes to
     *     {@link #take}, and closes it.
     * @param peer where the datagrams of the flow go, and all that come are from
     */
    UdpSplice(String label, PacketConn conn, DatagramSocket socket, SocketAddress peer, Drops drops) {
        this.label = label;
        this.conn = conn;
        this.socket = socket;
        this.peer = peer;
        this.drops = drops;
    }

    @Override
    public PacketConn conn() {
        return conn;
    }

    @Override
    public String carried() {
        return toFlow.sum() + " datagrams sent, " + fromFlow.sum() + " received";
    }

    @Override
    public @Nullable String broken() {
        return broken.get();
    }

    /** When the last datagram passed, either way; as {@link System#nanoTime()}. */
    long usedAt() {
        return usedAt;
    }

    /** Sends one datagram over the flow, or drops it. */
    @Override
    public void take(SocketAddress from, ByteBuffer datagram) {
        if (!from.equals(peer)) {
            drops.count(Drops.Cause.STRANGER, label, from.toString());
            return;
        }
        usedAt = System.nanoTime();
        try {
            if (conn.trySend(datagram)) {
                toFlow.increment();
            } else {
                drops.count(Drops.Cause.NO_ROOM, label, "");
            }
        } catch (PacketTooLargeException e) {
            drops.count(Drops.Cause.TOO_LARGE, label, "more than " + e.limit() + " bytes");
        } catch (IOException e) {
            drops.count(Drops.Cause.NO_FLOW, label, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void run(Executor threads) {
        ByteBuffer datagram = ByteBuffer.allocate(conn.maxPacketSize());
        DatagramPacket packet = new DatagramPacket(datagram.array(), 0, peer);
        try {
            while (conn.receive(datagram.clear()) >= 0) {
                usedAt = System.nanoTime();
                packet.setLength(datagram.position());
                toSocket(packet);
            }
        } catch (IOException | RuntimeException e) {
            if (!done) {
                abort(e.getMessage() == null ? e.toString() : e.getMessage());
            }
        }
        conn.close();
    }

    private void toSocket(DatagramPacket datagram) {
        try {
            socket.send(datagram);
            fromFlow.increment();
        } catch (IOException e) {
            drops.count(Drops.Cause.NOT_SENT, label, String.valueOf(e.getMessage()));
        }
    }

    /** Ends the flow in order: what was sent is delivered. */
    void finish() {
        done = true;
        conn.close();
    }

    @Override
    public void abort(String why) {
        broken.compareAndSet(null, why);
        conn.abort(BROKEN);
    }

    @Override
    public String toString() {
        return label;
    }
}
