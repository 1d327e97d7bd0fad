// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PathSpec;
import io.rendr.PathSyntaxException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
            String danger = danger(endpoint);
            if (danger != null) {
                throw new CommandFailedException(
                        danger + ": give both ends the same --psk-file (rendr keygen makes one), or listen on"
                                + " 127.0.0.1, or say --open-to-anyone if that is what you want");
            }
        }
    }

    private static @Nullable String danger(PathSpec endpoint) throws IOException {
        InetSocketAddress address;
        try {
            address = endpoint.socketAddress();
        } catch (PathSyntaxException e) {
            // Of an address of another form only its transport knows who reaches it; a mistyped one must be shown too.
            return "who can reach " + endpoint + " cannot be told (" + e.reason() + "), so perhaps anyone could use it";
        }
        return isExposed(address) ? "anyone who reaches " + endpoint + " could use it" : null;
    }

    static boolean isExposed(InetSocketAddress address) throws IOException {
        InetAddress ip = HostPort.resolve(address).getAddress();
        return !ip.isLoopbackAddress();
    }
}
