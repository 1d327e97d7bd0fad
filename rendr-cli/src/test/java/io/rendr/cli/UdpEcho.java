// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A UDP server that sends every datagram back, and notes from where they came. */
final class UdpEcho {
    private final DatagramSocket socket;
    private final Thread thread = new Thread(this::serve, "test-udp-echo");
    private final Set<SocketAddress> clients = ConcurrentHashMap.newKeySet();

    /** How much longer an echo is than what it answers. */
    private volatile int extra;

    private UdpEcho(int port) throws SocketException {
        socket = new DatagramSocket(port, InetAddress.getLoopbackAddress());
        thread.start();
    }

    static UdpEcho start() throws SocketException {
        return new UdpEcho(0);
    }

    static UdpEcho at(int port) throws SocketException {
        return new UdpEcho(port);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    Set<SocketAddress> clients() {
        return clients;
    }

    void answerWithMore(int bytes) {
        extra = bytes;
    }

    private void serve() {
        byte[] buffer = new byte[65_535];
        try {
            while (true) {
                DatagramPacket datagram = new DatagramPacket(buffer, buffer.length);
                socket.receive(datagram);
                clients.add(datagram.getSocketAddress());
                datagram.setLength(datagram.getLength() + extra);
                socket.send(datagram);
            }
        } catch (SocketException e) {
            if (!socket.isClosed()) {
                throw new UncheckedIOException(e);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void close() throws InterruptedException {
        socket.close();
        thread.join();
    }
}
