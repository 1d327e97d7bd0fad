// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rendr.Acceptor;
import io.rendr.CloseReason;
import io.rendr.Dialer;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import io.rendr.testkit.LinkEmulator;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;

/** Takes the path away from under a conversation, which does not notice. */
public final class PathChanges {
    private static final String MESSAGE = "still there?";

    private PathChanges() {}

    /**
     * Talks while paths fail, and prints what happens to them.
     *
     * @param args none
     * @throws IOException if no path to the server could be opened
     */
    public static void main(String[] args) throws IOException {
        try (Rendr rendr = Rendr.create();
                Acceptor acceptor = rendr.listen(b -> b.endpoint("tcp://127.0.0.1:0")
                        .onStream(conn -> conn.inputStream().transferTo(conn.outputStream())));
                // Links that can be broken; between real machines these are two networks.
                LinkEmulator wifi = LinkEmulator.open(address(acceptor));
                LinkEmulator mobile = LinkEmulator.open(address(acceptor))) {
            Dialer dialer = rendr.dialer(b -> b.path(path(wifi) + "?name=wifi").path(path(mobile) + "?name=mobile"));
            CompletionStage<CloseReason> closed;
            try (StreamConn conn = dialer.dial()) {
                closed = conn.closed();
                converse(conn, wifi, mobile);
            }
            // close() has returned at once; the links stay until the server has heard of it, too.
            System.out.println("closed: " + closed.toCompletableFuture().join().kind());
        }
    }

    private static void converse(StreamConn conn, LinkEmulator wifi, LinkEmulator mobile) throws IOException {
        conn.admin().onPathChange(path -> System.out.println("path " + path.name() + " is " + path.state()));
        conn.admin()
                .onMigrate(move -> System.out.println(
                        "moved from " + move.fromPath() + " to " + move.toPath() + ": " + move.cause()));
        talk(conn, "all is well");

        wifi.blackHole(true); // nothing passes, and nobody is told
        talk(conn, "without wifi");
        wifi.blackHole(false);

        mobile.reset();
        talk(conn, "after a reset of mobile");

        wifi.blackHole(true);
        mobile.blackHole(true);
        conn.outputStream().write(MESSAGE.getBytes(UTF_8)); // waits in the connection for a path
        mobile.blackHole(false);
        answer(conn, "after a moment without any path");
    }

    private static void talk(StreamConn conn, String when) throws IOException {
        OutputStream out = conn.outputStream();
        out.write(MESSAGE.getBytes(UTF_8));
        answer(conn, when);
    }

    private static void answer(StreamConn conn, String when) throws IOException {
        byte[] answer = new byte[MESSAGE.length()];
        new DataInputStream(conn.inputStream()).readFully(answer);
        System.out.println(when + ": " + new String(answer, UTF_8));
    }

    private static InetSocketAddress address(Acceptor acceptor) {
        return new InetSocketAddress(
                "127.0.0.1", acceptor.endpoints().get(0).socketAddress().getPort());
    }

    private static String path(LinkEmulator link) {
        return "tcp://127.0.0.1:" + link.address().getPort();
    }
}
