// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A connection that carries bytes in order, or packets, of whatever kind. One thread reads and one writes. */
public interface Wire extends Closeable {
    /**
     * Waits for bytes.
     *
     * @param into gets them
     * @return how many; -1 at the end
     * @throws IOException if the connection failed
     */
    int read(ByteBuffer into) throws IOException;

    /**
     * Writes all of it.
     *
     * @param from what to write
     * @throws IOException if the connection failed
     */
    void write(ByteBuffer from) throws IOException;

    /**
     * Ends the output; returns when that has been said to the connection.
     *
     * @throws IOException if the connection failed
     */
    void shutdownOutput() throws IOException;

    @Override
    void close();

    /** Where wires of one kind are accepted. */
    interface Port extends Closeable {
        /** {@return what to dial to get here} */
        List<String> endpoints();

        /**
         * Waits for a connection.
         *
         * @return it
         * @throws IOException if there will be none
         */
        Wire accept() throws IOException;

        @Override
        void close();
    }

    /** How wires of one kind are made. */
    interface Kind extends Closeable {
        /**
         * Opens a port.
         *
         * @param endpoints where
         * @return it
         * @throws IOException if that is not possible
         */
        Port listen(List<String> endpoints) throws IOException;

        /**
         * Opens a connection.
         *
         * @param paths where to
         * @return it
         * @throws IOException if nobody answers
         */
        Wire dial(List<String> paths) throws IOException;

        /** Frees what all wires of this kind share. */
        @Override
        default void close() {}
    }
}
