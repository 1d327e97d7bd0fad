// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rendr.Acceptor;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.util.List;

/** The smallest program: an echo server and its client, with two paths between them. */
public final class Hello {
    private Hello() {}

    /**
     * Says hello, and prints what comes back.
     *
     * @param args none
     * @throws IOException if no path to the server could be opened
     */
    public static void main(String[] args) throws IOException {
        try (Rendr rendr = Rendr.create();
                Acceptor acceptor = rendr.listen(b -> b.endpoint("tcp://127.0.0.1:0")
                        .endpoint("tcp://127.0.0.1:0") // twice, for two ports: two ways to get here
                        .onStream(conn -> conn.inputStream().transferTo(conn.outputStream())))) {
            List<PathSpec> paths = acceptor.endpoints();
            try (StreamConn conn = rendr.dial(paths.get(0).toUri(), paths.get(1).toUri())) {
                conn.outputStream().write("hello, whichever path this takes".getBytes(UTF_8));
                conn.shutdownOutput();
                System.out.println(new String(conn.inputStream().readAllBytes(), UTF_8));
            }
        }
    }
}
