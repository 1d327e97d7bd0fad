// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Where {@code rendr forward} takes what it carries: each client gets a flow of its own. */
interface Ingress {
    /** Where it listens. */
    InetSocketAddress address() throws IOException;

    /** Clients whose flow is open. */
    int connections();

    /** Takes no new clients, lets the others finish for a while, and cuts what is left then. */
    void stop(Duration grace);

    /** The failure to listen, with the address named. */
    static BindException cannotListen(InetSocketAddress address, IOException why) {
        BindException named = new BindException("cannot listen on " + HostPort.text(address) + ": " + why.getMessage());
        named.initCause(why);
        return named;
    }
}
