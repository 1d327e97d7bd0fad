// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.AcceptorConfig;
import io.rendr.DialerConfig;
import io.rendr.Rendr;
import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code rendr forward} and {@code rendr accept} in this process, with emulated links between. */
final class Tunnel implements AutoCloseable {
    private final Rendr serverSide = Rendr.create();
    private final Rendr clientSide = Rendr.create();
    private final List<LinkEmulator> links = new ArrayList<>();
    private final List<Long> carried = new ArrayList<>();
    private final Egress egress;
    private final Ingress ingress;

    Tunnel(InetSocketAddress target, int paths, LinkShape shape) throws IOException {
        egress = Egress.open(serverSide, AcceptorConfig.builder().endpoint("tcp://127.0.0.1:0"), target);
        DialerConfig.Builder dialer = DialerConfig.builder().eager(true);
        for (int i = 0; i < paths; i++) {
            LinkEmulator link =
                    LinkEmulator.open(HostPort.resolve(egress.endpoints().get(0).socketAddress()));
            link.shape(shape);
            links.add(link);
            carried.add(0L);
            dialer.path("tcp://" + HostPort.text(link.address()) + "?name=p" + i);
        }
        ingress = Ingress.open(new InetSocketAddress("127.0.0.1", 0), clientSide.dialer(dialer.build()));
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(ingress.address());
    }

    InetSocketAddress address() throws IOException {
        return ingress.address();
    }

    Ingress ingress() {
        return ingress;
    }

    Egress egress() {
        return egress;
    }

    /** The link that carried most since this was asked before. */
    LinkEmulator busiest() {
        int busiest = 0;
        long most = -1;
        for (int i = 0; i < links.size(); i++) {
            LinkCounters counters = links.get(i).counters();
            long total = counters.up().forwarded() + counters.down().forwarded();
            if (total - carried.get(i) > most) {
                most = total - carried.get(i);
                busiest = i;
            }
            carried.set(i, total);
        }
        return links.get(busiest);
    }

    @Override
    public void close() {
        ingress.stop(Duration.ofSeconds(10));
        egress.stop(Duration.ofSeconds(10));
        clientSide.close();
        serverSide.close();
        links.forEach(LinkEmulator::close);
    }
}
