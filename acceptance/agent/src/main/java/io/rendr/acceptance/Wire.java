// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A connection that carries bytes in order, of whatever kind. One thread reads and one writes. */
interface Wire extends Closeable {
    int read(ByteBuffer into) throws IOException;

    /** Writes all of it. */
    void write(ByteBuffer from) throws IOException;

    /** Ends the output; returns when that has been said to the connection. */
    void shutdownOutput() throws IOException;

    @Override
    void close();

    /** Where wires of one kind are accepted. */
    interface Port extends Closeable {
        /** {@return what to dial to get here} */
        List<String> endpoints();

        Wire accept() throws IOException;

        @Override
        void close();
    }

    /** How wires of one kind are made. */
    interface Kind extends Closeable {
        Port listen(List<String> endpoints) throws IOException;

        Wire dial(List<String> paths) throws IOException;

        /** Frees what all wires of this kind share. */
        @Override
        default void close() {}
    }
}
