// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.spi.ChannelSecurity;
import org.jspecify.annotations.Nullable;

/**
 * Which carriers of a protected flow the engine seals: all but those whose transport has verified the acceptor. Datagrams that
 * nothing protects are always sealed, so a flow without protection has none.
 */
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

    /** Why a carrier cannot serve a flow; null if it can. */
    static @Nullable CloseReason unfit(Protection wanted, CarrierPort carrier) {
        boolean bare = carrier instanceof PacketPort && carrier.security() == ChannelSecurity.NONE;
        return wanted == Protection.NONE && bare
                ? CloseReason.of(
                        CloseReason.Kind.CONFIG,
                        "bare datagrams are always sealed, and this flow is not protected: choose Protection.SEALED, or"
                                + " paths of byte streams such as tcp")
                : null;
    }
}
