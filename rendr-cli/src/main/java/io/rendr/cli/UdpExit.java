// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Acceptor;
import io.rendr.FlowKind;
import io.rendr.PacketConn;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Leads every packet flow to a UDP server from a port of its own, by which the server tells the clients apart. */
final class UdpExit implements Exit<UdpExit.Socket, PacketConn> {
    private final InetSocketAddress target;
    private final Drops drops = new Drops();

    /**
     * The port of one flow.
     *
     * @param port bound to the address by which this machine reaches the server, so that nobody else can reach it there
     * @param server with its name looked up
     */
    record Socket(DatagramSocket port, SocketAddress server) {}

    UdpExit(InetSocketAddress target) {
        this.target = target;
    }

    Drops drops() {
        return drops;
    }

    @Override
    public FlowKind kind() {
        return FlowKind.PACKET;
    }

    @Override
    public InetSocketAddress target() {
        return target;
    }

    @Override
    public UdpExit.Socket connect() throws IOException {
        DatagramSocket socket = UdpReader.socket();
        try (DatagramSocket route = new DatagramSocket()) {
            route.connect(HostPort.resolve(target));
            socket.bind(new InetSocketAddress(route.getLocalAddress(), 0));
            return new Socket(socket, route.getRemoteSocketAddress());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public PacketConn accept(Acceptor acceptor) throws IOException {
        return acceptor.acceptPacket();
    }

    @Override
    public Splice splice(String label, Socket socket, PacketConn conn) {
        UdpSplice splice = new UdpSplice(label, conn, socket.port(), socket.server(), drops);
        UdpReader.start("rendr-accept-udp-" + label, socket.port(), conn.maxPacketSize(), drops, splice);
        return splice;
    }

    @Override
    public void drop(Socket socket) {
        socket.port().close();
    }

    @Override
    public void close() {
        drops.tell();
    }
}
