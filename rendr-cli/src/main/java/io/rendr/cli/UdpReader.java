// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that takes the datagrams of a socket until it is closed; no error ends it. */
final class UdpReader implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(UdpReader.class);

    /** Asked for; the system gives what its limits allow. */
    private static final int SOCKET_BUFFER = 4 << 20;

    private final DatagramSocket socket;
    private final int largest;
    private final Drops drops;
    private final Taker taker;

    /** Gets the datagrams, and nothing else comes while it is busy. */
    interface Taker {
        /**
         * Takes one.
         *
         * @param datagram one byte longer than the largest that is wanted if it is too large; valid during the call
         */
        void take(SocketAddress from, ByteBuffer datagram);

        /** Comes after each datagram, and after each time-out of the socket. */
        default void rest() {
            // A socket without time-out has none.
        }
    }

    private UdpReader(DatagramSocket socket, int largest, Drops drops, Taker taker) {
        this.socket = socket;
        this.largest = largest;
        this.drops = drops;
        this.taker = taker;
    }

    /** A socket that is not bound yet. */
    static DatagramSocket socket() throws SocketException {
        DatagramSocket socket = new DatagramSocket(null);
        socket.setReceiveBufferSize(SOCKET_BUFFER);
        socket.setSendBufferSize(SOCKET_BUFFER);
        return socket;
    }

    /**
     * Starts to read.
     *
     * @param largest the largest datagram that is wanted
     * @param drops counts what cannot be read
     */
    static void start(String name, DatagramSocket socket, int largest, Drops drops, Taker taker) {
        Thread thread = new Thread(new UdpReader(socket, largest, drops, taker), name);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            throw new RejectedExecutionException("no thread can be started: " + e.getMessage(), e);
        }
    }

    @Override
    public void run() {
        byte[] bytes = new byte[largest + 1];
        DatagramPacket datagram = new DatagramPacket(bytes, bytes.length);
        while (!socket.isClosed()) {
            try {
                datagram.setLength(bytes.length);
                socket.receive(datagram);
                taker.take(datagram.getSocketAddress(), ByteBuffer.wrap(bytes, 0, datagram.getLength()));
            } catch (SocketTimeoutException e) {
                // Nothing came, which is what the time-out is for.
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    drops.count(Drops.Cause.NOT_READ, taker, String.valueOf(e.getMessage()));
                }
            } catch (RuntimeException e) {
                LOG.error("{}: a datagram could not be handled", taker, e);
            }
            rest();
        }
    }

    private void rest() {
        try {
            taker.rest();
        } catch (RuntimeException e) {
            LOG.error("{}: clients could not be looked after", taker, e);
        }
    }
}
