// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CommonOptions;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.spi.ChannelSecurity;

/** Which carriers of a protected flow the engine seals: all but those whose transport has verified the acceptor. */
final class Sealing {
    private Sealing() {}

    /** For HELLO, before both ends have agreed whether the flow is protected. */
    static boolean neededIfProtected(ChannelSecurity security, PathSpec spec) {
        return security != ChannelSecurity.AUTHENTICATED
                || spec.option(CommonOptions.SEAL) == CommonOptions.Seal.ALWAYS;
    }

    /** For a further carrier of a flow. */
    static boolean needed(Protection agreed, ChannelSecurity security, PathSpec spec) {
        return agreed == Protection.SEALED && neededIfProtected(security, spec);
    }
}
