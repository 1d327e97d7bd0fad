// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.Protection;
import io.rendr.engine.wire.RefuseCode;

/** When a carrier may go without the engine's seal. */
public final class CarrierProtection {
    private CarrierProtection() {}

    /**
     * An acceptor's check of what the dialer says about a carrier. A dialer leaves the seal off a protected flow only
     * over TLS that verified the acceptor. If the acceptor sees no encryption at all on the same carrier, that TLS ended
     * somewhere on the way, and what lies behind would travel in clear. Datagrams that nothing encrypts are always sealed:
     * whoever could read one could end or redirect their carrier.
     *
     * @param agreed the protection of the flow
     * @param sealed what HELLO or ATTACH says
     * @param carrierEncrypted whether the acceptor itself ends the carrier's encryption
     * @param datagrams whether the carrier is one of datagrams
     * @throws HandshakeFailure with {@link RefuseCode#PROTECTION_MISMATCH}
     */
    public static void check(Protection agreed, boolean sealed, boolean carrierEncrypted, boolean datagrams)
            throws HandshakeFailure {
        boolean open = agreed == Protection.NONE || !sealed;
        if (open && !carrierEncrypted && (agreed == Protection.SEALED || datagrams)) {
            throw new HandshakeFailure(RefuseCode.PROTECTION_MISMATCH, RefuseCode.PROTECTION_MISMATCH.text());
        }
    }
}
