// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Dialer;
import io.rendr.StreamConn;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes TCP connections and sends each over a flow of its own. */
final class TcpIngress implements Ingress {
    private static final Logger LOG = LoggerFactory.getLogger(TcpIngress.class);
    private static final int BACKLOG = 1024;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(250);

    private final ServerSocketChannel listener;
    private final Dialer dialer;
    private final Splices splices = new Splices("forward");
    private final AtomicInteger number = new AtomicInteger();
    private final Thread accepting = new Thread(this::accept, "rendr-forward-accept");

    private TcpIngress(ServerSocketChannel listener, Dialer dialer) {
        this.listener = listener;
        this.dialer = dialer;
        accepting.setDaemon(true);
    }

    /**
     * Starts to listen.
     *
     * @throws BindException naming the address, if it cannot be had
     */
    static TcpIngress open(InetSocketAddress address, Dialer dialer) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.bind(HostPort.resolve(address), BACKLOG);
        } catch (IOException e) {
            listener.close();
            throw Ingress.cannotListen(address, e);
        }
        TcpIngress ingress = new TcpIngress(listener, dialer);
        ingress.accepting.start();
        return ingress;
    }

    @Override
    public InetSocketAddress address() throws IOException {
        return (InetSocketAddress) listener.getLocalAddress();
    }

    @Override
    public int connections() {
        return splices.count();
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                try {
                    splices.threads().execute(() -> serve(client));
                } catch (RejectedExecutionException e) {
                    TcpSplice.reset(client); // stopped, and the client came in between
                }
            } catch (ClosedChannelException e) {
                return; // stopped
            } catch (IOException e) {
                LOG.warn("a connection could not be taken: {}", e.getMessage());
                LockSupport.parkNanos(PAUSE); // without descriptors the next attempt would fail at once, and again
            }
        }
    }

    private void serve(SocketChannel client) {
        String label = "#" + number.incrementAndGet();
        StreamConn conn;
        try {
            conn = dialer.dial();
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: not forwarded: {}", label, e.getMessage());
            TcpSplice.reset(client);
            return;
        }
        splices.run(label, new TcpSplice(client, conn));
    }

    @Override
    public void stop(Duration grace) {
        try {
            listener.close();
        } catch (IOException e) {
            LOG.warn("the listener did not close: {}", e.getMessage());
        }
        splices.finish(grace);
    }
}
