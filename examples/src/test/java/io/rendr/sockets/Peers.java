// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.DialerConfig;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.testkit.Await;
import io.rendr.testkit.LinkEmulator;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Two runtimes, an acceptor of one of them, and links to it that the other dials through: path {@code 0} over the first. */
final class Peers implements AutoCloseable {
    /** A test that leaves a connection open must not wait for the default linger time. */
    static final RendrConfig BRIEF =
            RendrConfig.builder().linger(Duration.ofMillis(500)).build();

    final Rendr here;
    final Rendr there;
    final Acceptor acceptor;
    final List<LinkEmulator> links = new ArrayList<>();

    Peers(int links) throws IOException {
        this(links, BRIEF, b -> b);
    }

    Peers(int count, RendrConfig config, UnaryOperator<AcceptorConfig.Builder> accepting) throws IOException {
        here = Rendr.create(config);
        there = Rendr.create(config);
        acceptor = there.listen(accepting
                .apply(AcceptorConfig.builder().endpoint("tcp://127.0.0.1:0"))
                .build());
        for (int i = 0; i < count; i++) {
            links.add(LinkEmulator.open(address(acceptor)));
        }
    }

    static InetSocketAddress address(Acceptor acceptor) {
        return new InetSocketAddress(
                "127.0.0.1", acceptor.endpoints().get(0).socketAddress().getPort());
    }

    /** A path through a link. */
    static PathSpec path(LinkEmulator link, String name) {
        return PathSpec.of("tcp://127.0.0.1:" + link.address().getPort() + "?name=" + name);
    }

    /** A path through a link of these two. */
    PathSpec path(int link) {
        return path(links.get(link), "p" + link);
    }

    /** Dials over all links, in order. */
    StreamConn dial(UnaryOperator<DialerConfig.Builder> dialing) throws IOException {
        DialerConfig.Builder config = DialerConfig.builder();
        for (int i = 0; i < links.size(); i++) {
            config.path(path(i));
        }
        return here.dialer(dialing.apply(config).build()).dial();
    }

    StreamConn dial() throws IOException {
        return dial(b -> b);
    }

    /** Waits until all paths of this end can carry payload. */
    static void awaitAllUsable(StreamConn conn, int count) {
        Await.until(() -> count + " usable paths of " + conn + ": " + conn.paths(), () -> {
            List<PathInfo> paths = conn.paths();
            return paths.size() == count
                    && paths.stream().allMatch(path -> path.state().isUsable());
        });
    }

    StreamConn accept() throws IOException {
        return acceptor.accept();
    }

    @Override
    public void close() {
        here.close();
        there.close();
        links.forEach(LinkEmulator::close);
    }
}
