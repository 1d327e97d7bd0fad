// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import io.rendr.Acceptor;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A server that answers every connection with what it says, each on a thread of its own. */
public final class EchoServer {
    private EchoServer() {}

    /**
     * Serves until standard input ends. Prints what to dial.
     *
     * @param args where to listen; none = a free port of this machine
     * @throws IOException if an endpoint cannot be opened
     */
    public static void main(String[] args) throws IOException {
        String[] endpoints = args.length > 0 ? args : new String[] {"tcp://127.0.0.1:0"};
        try (Rendr rendr = Rendr.create();
                Acceptor acceptor = rendr.listen(b -> {
                    for (String endpoint : endpoints) {
                        b.endpoint(endpoint);
                    }
                    return b.onStream(EchoServer::echo);
                })) {
            acceptor.endpoints().forEach(endpoint -> System.out.println("serving " + endpoint));
            while (System.in.read() >= 0) {
                // whatever is typed; its end is the sign to stop
            }
            System.out.println("stopping with " + acceptor.flowIds().size() + " connections");
        }
    }

    /** The connection is closed when this returns, and aborted when it throws. */
    private static void echo(StreamConn conn) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
        while (conn.read(buffer) >= 0) {
            conn.write(buffer.flip());
            buffer.clear();
        }
    }
}
