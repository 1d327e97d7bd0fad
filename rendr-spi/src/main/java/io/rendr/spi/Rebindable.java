// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.Provisional;
import java.net.SocketAddress;
import java.util.concurrent.CompletionStage;

/** Ability of a carrier that can go on from another local address without a new handshake. */
@Provisional
public interface Rebindable {
    /**
     * Moves to another local address. On the event loop only, and not while another move is under way. What still arrives at the
     * old address is delivered for a while.
     *
     * @param local the address; port 0 = any
     * @return completes with the new address, on the event loop; if it fails the carrier goes on from the old one
     */
    CompletionStage<SocketAddress> rebind(SocketAddress local);
}
