// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.tcp;

import io.rendr.PathSpec;
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
    private @Nullable LinkEmulator deaf;

    TcpContract(String host) {
        this.host = host;
    }

    @Override
    protected PathFactory factory() {
        return new TcpTransport();
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("tcp://" + host + ":0");
    }

    @Override
    protected Optional<PathSpec> hangingAddress() {
        try {
            deaf = LinkEmulator.open(new InetSocketAddress("127.0.0.1", 1));
            deaf.connects(LinkConnects.DROP);
            return Optional.of(PathSpec.of("tcp://127.0.0.1:" + deaf.address().getPort()));
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
