// SPDX-License-Identifier: Apache-2.0
package io.rendr.examples;

import io.rendr.Acceptor;
import io.rendr.Rendr;
import io.rendr.StreamConn;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Sends a file: a connection is a channel, so {@link FileChannel#transferTo} writes to it. */
public final class SendFile {
    private SendFile() {}

    /**
     * Sends a file to another file of this machine, through a connection.
     *
     * @param args the file to read, and the one to write
     * @throws IOException if one of the files cannot be used, or no path could be opened
     */
    public static void main(String[] args) throws IOException {
        Path from = Path.of(args[0]);
        Path to = Path.of(args[1]);
        try (Rendr rendr = Rendr.create();
                Acceptor acceptor =
                        rendr.listen(b -> b.endpoint("tcp://127.0.0.1:0").onStream(conn -> receive(conn, to)));
                StreamConn conn = rendr.dial(acceptor.endpoints().get(0).toUri());
                FileChannel file = FileChannel.open(from)) {
            for (long sent = 0; sent < file.size(); ) {
                sent += file.transferTo(sent, file.size() - sent, conn);
            }
            // close() would return at once; this waits until the other end has read everything.
            conn.finish().toCompletableFuture().join();
            System.out.println("sent " + file.size() + " bytes");
        }
    }

    private static void receive(StreamConn conn, Path to) throws IOException {
        Files.deleteIfExists(to);
        try (FileChannel file = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long received = 0;
            for (long n = 1; n > 0; received += n) {
                n = file.transferFrom(conn, received, Long.MAX_VALUE - received);
            }
        }
    }
}
