// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Random;
import java.util.concurrent.CountDownLatch;

/** A NAT between one dialer and one acceptor, which can forget under which port it has let the dialer out, and lose packets. */
final class Nat implements AutoCloseable {
    private final Selector selector = Selector.open();
    private final DatagramChannel inside = DatagramChannel.open();
    private final InetSocketAddress acceptor;
    private final Thread thread = new Thread(this::carry, "nat");
    private volatile DatagramChannel outside;
    private volatile CountDownLatch forgetting;
    private volatile double loss;
    private volatile int most = Integer.MAX_VALUE;
    private volatile int tooLarge;
    private volatile int lost;
    private final Random random = new Random(11);
    private SocketAddress dialer;
    private volatile boolean slow;
    private int questions;
    private ByteBuffer answer;

    Nat(InetSocketAddress acceptor) throws IOException {
        this.acceptor = new InetSocketAddress(acceptor.getHostString(), acceptor.getPort());
        inside.bind(new InetSocketAddress("127.0.0.1", 0))
                .configureBlocking(false)
                .register(selector, SelectionKey.OP_READ);
        mapAnew();
        thread.start();
    }

    int port() throws IOException {
        return ((InetSocketAddress) inside.getLocalAddress()).getPort();
    }

    /** From now on the dialer comes from another port, and what goes to the old one is lost. */
    void forget() {
        CountDownLatch done = new CountDownLatch(1);
        forgetting = done;
        selector.wakeup();
        try {
            done.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Loses a share of what comes, in both directions, from now on. */
    void lose(double share) {
        loss = share;
    }

    /** Loses what is larger, from now on. */
    void narrow(int bytes) {
        most = bytes;
    }

    /** How many were larger than that. */
    int tooLarge() {
        return tooLarge;
    }

    /** How many {@link #lose} has cost. */
    int lost() {
        return lost;
    }

    private boolean isLost(ByteBuffer packet) {
        if (packet.position() > most) {
            tooLarge++;
            return true;
        }
        boolean isLost = random.nextDouble() < loss;
        lost += isLost ? 1 : 0;
        return isLost;
    }

    /** Only one question of the acceptor passes from now on, and its answer not before there has been another one. */
    void answerLate() {
        slow = true;
    }

    private static boolean asks(ByteBuffer packet) {
        return packet.limit() == 17 && packet.get(0) == 0x05;
    }

    private static boolean answers(ByteBuffer packet) {
        return packet.limit() == 17 && packet.get(0) == 0x06;
    }

    private void out(ByteBuffer packet) throws IOException {
        if (slow && answers(packet) && questions < 2) {
            answer = ByteBuffer.allocate(packet.limit()).put(packet).flip();
        } else {
            outside.send(packet, acceptor);
        }
    }

    private void in(ByteBuffer packet) throws IOException {
        if (!slow || !asks(packet) || questions++ == 0) {
            inside.send(packet, dialer);
        } else if (answer != null) {
            outside.send(answer, acceptor);
            answer = null;
        }
    }

    private void mapAnew() throws IOException {
        if (outside != null) {
            outside.close();
        }
        outside = DatagramChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        outside.configureBlocking(false).register(selector, SelectionKey.OP_READ);
    }

    private void carry() {
        ByteBuffer packet = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (inside.isOpen()) {
                selector.select();
                selector.selectedKeys().clear();
                CountDownLatch wanted = forgetting;
                if (wanted != null) {
                    forgetting = null;
                    mapAnew();
                    wanted.countDown();
                }
                for (SocketAddress from = inside.receive(packet.clear()); from != null; ) {
                    dialer = from;
                    if (!isLost(packet)) {
                        out(packet.flip());
                    }
                    from = inside.receive(packet.clear());
                }
                while (outside.receive(packet.clear()) != null) {
                    if (!isLost(packet)) {
                        in(packet.flip());
                    }
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            return; // the test has closed it
        }
    }

    @Override
    public void close() throws IOException {
        inside.close();
        selector.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        outside.close();
    }
}
