// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.rendr.PathSpec;
import io.rendr.TlsConfig;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.LinkConnects;
import io.rendr.testkit.LinkEmulator;
import io.rendr.testkit.TransportContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What the contract needs to know about TCP, whatever the event loop. */
abstract class TcpContract extends TransportContract {

    private final String host;
    private final @Nullable TlsConfig tls;
    private @Nullable LinkEmulator deaf;

    TcpContract(String host, @Nullable TlsConfig tls) {
        this.host = host;
        this.tls = tls;
    }

    private PathSpec secured(PathSpec spec) {
        return tls == null ? spec : spec.with(tls);
    }

    @Override
    protected PathFactory factory() {
        return new TcpTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return secured(PathSpec.of("tcp://" + host + ":0"));
    }

    @Override
    protected PathSpec endpointAt(PathSpec dialSpec) {
        return secured(dialSpec);
    }

    @Override
    protected Optional<PathSpec> hangingAddress() {
        try {
            deaf = LinkEmulator.open(new InetSocketAddress("127.0.0.1", 1));
            deaf.connects(LinkConnects.DROP);
            return Optional.of(
                    secured(PathSpec.of("tcp://127.0.0.1:" + deaf.address().getPort())));
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
