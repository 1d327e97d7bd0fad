// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/**
 * Serves one accepted connection on a thread of its own (a virtual thread on Java 21 and later), so it may block.
 *
 * @param <C> {@link StreamConn} or {@link PacketConn}
 */
@FunctionalInterface
public interface Handler<C extends Conn> {
    /**
     * Serves the connection, which is closed when this method returns and aborted when it throws.
     *
     * @param conn the accepted connection
     * @throws Exception anything; it is logged with the flow id and counted
     */
    void handle(C conn) throws Exception;
}
