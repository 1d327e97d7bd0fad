// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** Plain TCP over loopback, {@code loop://127.0.0.1:0}: as little transport as the engine's own tests need. */
final class LoopTransport implements StreamPathFactory {
    @Override
    public String transport() {
        return "loop";
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        return Carriers.connect(request, request.spec().socketAddress(), CarrierTraits.STREAM, options -> {});
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        int port = request.spec().socketAddress().getPort();
        return Carriers.listen(
                request,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                CarrierTraits.STREAM,
                options -> {});
    }
}
