// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierContext;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletionStage;

// docs/writing-a-transport.md shows this class from the next line on.
public final class PlainSocketTransport implements StreamPathFactory {
    @Override
    public String transport() {
        return "plain";
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        return request.blocking(PlainSocketTransport::open).thenCompose(socket -> connect(request, socket));
    }

    private static Socket open() throws IOException {
        Socket socket = new Socket();
        socket.bind(null); // takes the descriptor: one that connect takes is missed by a close that comes just before
        return socket;
    }

    private static CompletionStage<StreamCarrier> connect(DialRequest request, Socket socket) {
        request.onCancel(() -> request.blocking(() -> {
            socket.close();
            return socket;
        }));
        return request.blocking(() -> {
            try {
                socket.connect(address(request), (int) request.timeout().toMillis());
                return Carriers.ofSocket(request, socket, CarrierTraits.STREAM);
            } catch (IOException e) {
                socket.close();
                throw new IOException(request.spec() + ": " + e.getMessage(), e);
            }
        });
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        return request.blocking(() -> {
            ServerSocket listener = new ServerSocket();
            try {
                listener.bind(address(request));
            } catch (IOException e) {
                listener.close();
                throw new IOException(request.spec() + ": " + e.getMessage(), e);
            }
            return Carriers.acceptLoop(
                    request,
                    listener,
                    listener.getLocalSocketAddress(),
                    request.spec().withPort(listener.getLocalPort()),
                    () -> Carriers.ofSocket(request, listener.accept(), CarrierTraits.STREAM));
        });
    }

    private static InetSocketAddress address(CarrierContext context) {
        InetSocketAddress address = context.spec().socketAddress();
        return new InetSocketAddress(address.getHostString(), address.getPort());
    }
}
