// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PathSpec;
import io.rendr.PathSyntaxException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** Which endpoints others than this machine can reach. */
final class Exposure {
    private Exposure() {}

    /**
     * Refuses endpoints that anybody could use.
     *
     * @throws CommandFailedException naming the endpoint and what to do
     */
    static void refuseUnlessGuarded(List<PathSpec> endpoints, boolean keys, boolean openToAnyone) throws IOException {
        if (keys || openToAnyone) {
            return;
        }
        for (PathSpec endpoint : endpoints) {
            if (isExposed(endpoint)) {
                throw new CommandFailedException("anyone who reaches " + endpoint
                        + " could use it: give both ends the same --psk-file (rendr keygen makes one), or listen on"
                        + " 127.0.0.1, or say --open-to-anyone if that is what you want");
            }
        }
    }

    static boolean isExposed(PathSpec endpoint) throws IOException {
        InetSocketAddress address;
        try {
            address = endpoint.socketAddress();
        } catch (PathSyntaxException e) {
            return true; // who can reach that, only its transport knows
        }
        return isExposed(address);
    }

    static boolean isExposed(InetSocketAddress address) throws IOException {
        InetAddress ip = HostPort.resolve(address).getAddress();
        return !ip.isLoopbackAddress();
    }
}
