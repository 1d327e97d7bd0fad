// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CommonOptions;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.spi.ChannelSecurity;

/** Whether the engine seals a carrier: all of a protected flow, but those whose transport has verified the acceptor. */
final class Sealing {
    private Sealing() {}

    static boolean needed(Protection protection, ChannelSecurity security, PathSpec spec) {
        return protection == Protection.SEALED
                && (security != ChannelSecurity.AUTHENTICATED
                        || spec.option(CommonOptions.SEAL) == CommonOptions.Seal.ALWAYS);
    }
}
