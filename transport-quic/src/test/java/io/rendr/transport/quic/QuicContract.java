// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.rendr.PathSpec;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.TransportContract;
import io.rendr.testkit.TransportRig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What the contract needs to know about QUIC, whatever the event loop. */
abstract class QuicContract extends TransportContract {

    private final Way way;
    private final String host;
    private @Nullable DatagramSocket deaf;

    QuicContract(Way way, String host) {
        this.way = way;
        this.host = host;
    }

    @Override
    protected TransportRig rig() {
        return way.rig();
    }

    @Override
    protected PathFactory factory() {
        return new QuicTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("quic://" + host + ":0").with(Certificates.acceptor());
    }

    @Override
    protected PathSpec endpointAt(PathSpec dialSpec) {
        return dialSpec.with(Certificates.acceptor());
    }

    @Override
    protected int acceptingLoops() {
        return 1;
    }

    @Override
    protected Optional<PathSpec> hangingAddress() {
        try {
            deaf = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
            return Optional.of(
                    PathSpec.of("quic://127.0.0.1:" + deaf.getLocalPort()).with(Certificates.acceptor()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void closeDeaf() {
        if (deaf != null) {
            deaf.close();
        }
    }
}
