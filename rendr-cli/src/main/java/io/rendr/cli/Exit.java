// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Acceptor;
import io.rendr.Conn;
import io.rendr.FlowKind;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * How an {@link Egress} leads flows of one kind to a server.
 *
 * @param <S> a socket to the server
 * @param <C> a flow
 */
interface Exit<S, C extends Conn> {
    /** What it can lead out. */
    FlowKind kind();

    /** The server. */
    InetSocketAddress target();

    /** A new socket to the server. Blocks, perhaps for seconds. */
    S connect() throws IOException;

    /** Waits for the next flow that was admitted. */
    C accept(Acceptor acceptor) throws IOException;

    /** Joins a socket to a flow. */
    Splice splice(String label, S socket, C conn);

    /** Lets go of a socket that is of no use any more, or never was; does nothing to one that is closed. */
    void drop(S socket);

    /** No more flows come, and those that came are over. */
    void close();
}
