// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.AcceptorConfig;
import io.rendr.Dialer;
import io.rendr.DialerConfig;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.LinkShape;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * {@code rendr forward} and {@code rendr accept} in this process, with emulated links between.
 *
 * @param <I> what takes the clients
 */
final class Tunnel<I extends Ingress> implements AutoCloseable {
    private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 0);

    private final Rendr serverSide = Rendr.create();
    private final Rendr clientSide = Rendr.create();
    private final List<LinkEmulator> links = new ArrayList<>();
    private final List<Long> carried = new ArrayList<>();
    private final Egress<?, ?> egress;
    private final I ingress;

    private interface Opening<I> {
        I open(Dialer dialer) throws IOException;
    }

    private Tunnel(
            Exit<?, ?> exit, int paths, LinkShape shape, UnaryOperator<DialerConfig.Builder> config, Opening<I> opening)
            throws IOException {
        egress = Egress.open(serverSide, AcceptorConfig.builder().endpoint("tcp://127.0.0.1:0"), exit);
        DialerConfig.Builder dialer = config.apply(DialerConfig.builder().eager(true));
        for (int i = 0; i < paths; i++) {
            LinkEmulator link = LinkEmulator.open(HostPort.resolve(endpoint().socketAddress()));
            link.shape(shape);
            links.add(link);
            carried.add(0L);
            dialer.path("tcp://" + HostPort.text(link.address()) + "?name=p" + i);
        }
        ingress = opening.open(clientSide.dialer(dialer.build()));
    }

    static Tunnel<TcpIngress> tcp(InetSocketAddress target, int paths, LinkShape shape) throws IOException {
        return new Tunnel<>(new TcpExit(target), paths, shape, b -> b, dialer -> TcpIngress.open(HERE, dialer));
    }

    static Tunnel<UdpIngress> udp(
            UdpExit exit,
            int paths,
            LinkShape shape,
            UnaryOperator<DialerConfig.Builder> config,
            UdpIngress.Limits limits)
            throws IOException {
        return new Tunnel<>(exit, paths, shape, config, dialer -> UdpIngress.open(HERE, dialer, limits));
    }

    InetSocketAddress address() throws IOException {
        return ingress.address();
    }

    I ingress() {
        return ingress;
    }

    Egress<?, ?> egress() {
        return egress;
    }

    /** Where the accepting end listens, past the links. */
    PathSpec endpoint() {
        return egress.endpoints().get(0);
    }

    List<LinkEmulator> links() {
        return links;
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
