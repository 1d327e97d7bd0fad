// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.Acceptor;
import io.rendr.AcceptorConfig;
import io.rendr.Rendr;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayDeque;

/** A process that may have few descriptors, and uses them up when told to; see {@link DescriptorsTest}. */
final class FewDescriptors {
    private final ArrayDeque<Closeable> held = new ArrayDeque<>();

    private FewDescriptors() {}

    /** Echoes at an endpoint that it prints, and obeys one word per line. */
    public static void main(String[] args) throws Exception {
        new FewDescriptors().run();
        System.exit(0);
    }

    private void run() throws IOException {
        try (Rendr rendr = Rendr.create();
                Acceptor acceptor = rendr.listen((AcceptorConfig.Builder b) -> b.endpoint("tcp://127.0.0.1:0")
                        .onStream(conn -> conn.inputStream().transferTo(conn.outputStream())))) {
            say(acceptor.endpoints().get(0).toUri());
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                String[] words = order.split(" ");
                switch (words[0]) {
                    case "fill" -> say("filled " + fill());
                    case "free" -> say("freed " + free());
                    case "dial" -> say(dial(rendr, words[1]));
                    case "pauses" -> say("pauses " + rendr.status().handshakes().acceptPauses());
                    default -> throw new IllegalArgumentException(order);
                }
            }
        }
    }

    private static void say(String line) {
        System.out.println("> " + line);
    }

    private int fill() {
        int count = 0;
        while (true) {
            try {
                held.push(new FileInputStream("/dev/null"));
                count++;
            } catch (IOException e) {
                return count;
            }
        }
    }

    private int free() throws IOException {
        int count = 0;
        while (!held.isEmpty()) {
            held.pop().close();
            count++;
        }
        return count;
    }

    private static String dial(Rendr rendr, String uri) {
        try {
            rendr.dial(uri).close();
            return "dialed";
        } catch (IOException e) {
            return e.getClass().getSimpleName() + " " + e.getMessage().replace('\n', ' ');
        }
    }
}
