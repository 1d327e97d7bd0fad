// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * CONFIRM: the dialer's last word of a handshake, on a first carrier and on later ones.
 *
 * @param mac proof that the dialer has the keys, 32 bytes
 */
public record Confirm(byte[] mac) {

    /** The whole frame. */
    public byte[] encode() {
        return Message.finish(Message.exactly(Message.begin(FrameType.CONFIRM), mac, Message.MAC));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not a CONFIRM
     */
    public static Confirm decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.CONFIRM);
        Confirm confirm = new Confirm(b.bytes(Message.MAC));
        b.end();
        return confirm;
    }
}
