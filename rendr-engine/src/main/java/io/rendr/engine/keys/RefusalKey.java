// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.InstanceId;
import io.rendr.engine.wire.Message;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import org.jspecify.annotations.Nullable;

/**
 * What an acceptor proves refusals with: the key of a flow, which is all a tombstone has to keep of it, or one that
 * comes from a pre-shared key and outlives a restart. Thread-safe, except that {@link #destroy} must be the last call.
 */
public final class RefusalKey {
    private final byte[] key;

    RefusalKey(byte[] key) {
        this.key = key;
    }

    /** The key for a peer that holds {@code psk}. */
    public static RefusalKey of(Psk psk) {
        byte[] early = KeySchedule.early(psk);
        RefusalKey key = new RefusalKey(KeySchedule.refuseKey(early));
        KeySchedule.wipe(early);
        return key;
    }

    /**
     * A whole REFUSE frame.
     *
     * @param refused the whole HELLO or ATTACH that is turned away
     * @param me the runtime that refuses
     * @param key what to prove it with, or null for a refusal that proves nothing
     */
    public static byte[] refuse(
            byte[] refused, RefuseCode code, InstanceId me, int a, int b, @Nullable RefusalKey key) {
        byte[] frame = new Refuse(code, me, a, b, new byte[Message.MAC]).encode();
        return key == null ? frame : KeySchedule.withMac(frame, KeySchedule.refuse(key.key, refused, frame));
    }

    boolean proves(byte[] refused, byte[] refuse, byte[] mac) {
        return KeySchedule.same(KeySchedule.refuse(key, refused, refuse), mac);
    }

    /** Overwrites the key. */
    public void destroy() {
        KeySchedule.wipe(key);
    }
}
