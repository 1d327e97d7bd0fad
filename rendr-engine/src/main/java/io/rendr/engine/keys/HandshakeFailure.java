// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.InstanceId;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * A handshake ended without a carrier: either the peer refused it, or its message was found wrong here. In the second
 * case an acceptor answers with a REFUSE of {@link #code()}, a dialer closes the carrier.
 *
 * <p>It has no stack trace: a hostile peer can cause it at will.
 */
public final class HandshakeFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final RefuseCode code;
    private final transient @Nullable Refuse refuse;
    private final boolean authenticated;

    /** Something was found wrong here. */
    public HandshakeFailure(RefuseCode code, String text) {
        super(text, null, false, false);
        this.code = code;
        this.refuse = null;
        this.authenticated = false;
    }

    HandshakeFailure(WireException cause) {
        this(RefuseCode.PROTOCOL, cause.getMessage());
    }

    HandshakeFailure(Refuse refuse, boolean authenticated) {
        super(refuse.code().text(), null, false, false);
        this.code = refuse.code();
        this.refuse = refuse;
        this.authenticated = authenticated;
    }

    public RefuseCode code() {
        return code;
    }

    /** Whether the peer refused; else the fault was found here. */
    public boolean byPeer() {
        return refuse != null;
    }

    /**
     * Whether the peer proved that the refusal is its own. One without proof may come from anybody on the way, so it
     * may end this attempt and nothing more.
     */
    public boolean authenticated() {
        return authenticated;
    }

    /** The runtime that refused, null if nobody did. */
    public @Nullable InstanceId instance() {
        return refuse == null ? null : refuse.instance();
    }

    /** What {@link RefuseCode} says about it, else 0. */
    public int a() {
        return refuse == null ? 0 : refuse.a();
    }

    /** What {@link RefuseCode} says about it, else 0. */
    public int b() {
        return refuse == null ? 0 : refuse.b();
    }
}
