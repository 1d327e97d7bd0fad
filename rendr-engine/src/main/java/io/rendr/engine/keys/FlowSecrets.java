// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import org.jspecify.annotations.Nullable;

/**
 * What both ends keep of a handshake while the flow lives: enough to prove and to derive the keys of further carriers.
 * Thread-safe, except that {@link #destroy} must be the last call.
 */
public final class FlowSecrets {
    private final byte[] flow;
    final byte[] attachKeyD;
    final byte[] attachKeyA;
    /** Of the pre-shared key, if there was one. */
    final @Nullable RefusalKey pskRefusals;

    final String pskId;

    FlowSecrets(byte[] flow, @Nullable RefusalKey pskRefusals, String pskId) {
        this.flow = flow;
        this.attachKeyD = KeySchedule.attachKeyD(flow);
        this.attachKeyA = KeySchedule.attachKeyA(flow);
        this.pskRefusals = pskRefusals;
        this.pskId = pskId;
    }

    CarrierKeys carrier(byte[] transcript, boolean dialer, boolean sealed) {
        if (!sealed) {
            return CarrierKeys.unsealed();
        }
        byte[] d = KeySchedule.carrierD(flow, transcript);
        byte[] a = KeySchedule.carrierA(flow, transcript);
        return dialer ? new CarrierKeys(d, a) : new CarrierKeys(a, d);
    }

    /** A copy of the one key with which an acceptor proves refusals about this flow; it outlives {@link #destroy}. */
    public RefusalKey refusalKey() {
        return new RefusalKey(attachKeyA.clone());
    }

    /** Overwrites everything. Carriers that have their keys are not affected. */
    public void destroy() {
        KeySchedule.wipe(flow);
        KeySchedule.wipe(attachKeyD);
        KeySchedule.wipe(attachKeyA);
        if (pskRefusals != null) {
            pskRefusals.destroy();
        }
    }
}
