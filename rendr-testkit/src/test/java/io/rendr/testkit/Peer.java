// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A plain listener behind the link; it hands out the connections it was given. */
final class Peer implements AutoCloseable {

    private final ServerSocket listener;
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
    private final Thread thread;

    Peer(String address) throws IOException {
        listener = new ServerSocket(0, 512, InetAddress.getByName(address));
        thread = new Thread(this::run, "peer");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    Socket accept() throws InterruptedException {
        Socket socket = accepted.poll(30, TimeUnit.SECONDS);
        if (socket == null) {
            throw new AssertionError("nobody connected to " + address());
        }
        return socket;
    }

    boolean acceptsWithin(long millis) throws InterruptedException {
        Socket socket = accepted.poll(millis, TimeUnit.MILLISECONDS);
        if (socket != null) {
            accepted.add(socket);
        }
        return socket != null;
    }

    boolean nobodyWaiting() {
        return accepted.isEmpty();
    }

    private void run() {
        try {
            while (true) {
                Socket socket = listener.accept();
                socket.setSoTimeout(30_000);
                accepted.add(socket);
            }
        } catch (IOException e) {
            if (!listener.isClosed()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        Await.until("nothing is accepted any more", () -> !thread.isAlive());
        for (Socket s : accepted) {
            s.close();
        }
    }
}
