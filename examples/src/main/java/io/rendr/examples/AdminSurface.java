// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import io.rendr.Acceptor;
import io.rendr.ConnAdmin;
import io.rendr.ConnStats;
import io.rendr.PathInfo;
import io.rendr.PathSpec;
import io.rendr.Registration;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.util.List;

/** Adds a path to a live connection, moves to it, removes the old one, and looks at the numbers. */
public final class AdminSurface {
    private AdminSurface() {}

    /**
     * Steers a connection, and prints where it is.
     *
     * @param args none
     * @throws IOException if a path could not be opened
     */
    public static void main(String[] args) throws IOException {
        try (Rendr rendr = Rendr.create();
                Acceptor acceptor = rendr.listen(b -> b.endpoint("tcp://127.0.0.1:0")
                        .endpoint("tcp://127.0.0.1:0")
                        .onStream(conn -> conn.inputStream().transferTo(conn.outputStream())))) {
            List<PathSpec> endpoints = acceptor.endpoints();
            try (StreamConn conn =
                    rendr.dial(endpoints.get(0).with("name", "first").toUri())) {
                ConnAdmin admin = conn.admin();
                Registration moves = admin.onMigrate(
                        move -> System.out.println("told: moved to path " + move.toPath() + ", " + move.cause()));
                int first = admin.activePath();

                int second = admin.addPath(endpoints.get(1).with("name", "second"));
                print("a path added", admin);

                admin.migrate(second); // returns once the flow is there
                echo(conn);
                print("moved", admin);

                admin.removePath(first);
                echo(conn);
                print("a path removed", admin);
                moves.close(); // tell no more; here the connection ends anyway
            }
        }
    }

    private static void echo(StreamConn conn) throws IOException {
        conn.outputStream().write(1);
        if (conn.inputStream().read() != 1) {
            throw new IOException("the echo was wrong");
        }
    }

    private static void print(String when, ConnAdmin admin) {
        ConnStats stats = admin.stats();
        System.out.println(when + ": " + stats.state() + ", " + stats.migrationCount() + " moves, " + stats.bytesSent()
                + " bytes sent");
        for (PathInfo path : stats.paths()) {
            System.out.println(
                    "  " + path.id() + " " + path.name() + " " + path.state() + (path.active() ? " <==" : ""));
        }
    }
}
