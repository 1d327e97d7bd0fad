// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

/** What runs over a route between two hosts, a connection or the datagrams of a socket, as far as faults are concerned. */
interface Way {
    /** A RST from somewhere on the way. */
    void tear(boolean atDialer, boolean atAcceptor);

    /** A middlebox ends what it can end, in an orderly way. */
    void finishBoth();

    /** Something on the way drops what it knew of this. */
    void forgottenByNat(boolean reset);

    /** Whether a fault has ended this for good, which its ends may learn much later. */
    boolean isBroken();
}
