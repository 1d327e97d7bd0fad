// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * RETRY: the acceptor of a datagram carrier keeps nothing and asks for the message again, with this cookie in it.
 *
 * @param cookie 1 to {@link Message#MAX_COOKIE} bytes that mean something to the acceptor only
 */
public record Retry(byte[] cookie) {

    /** The whole frame. */
    public byte[] encode() {
        return Message.finish(Message.shortBytes(Message.begin(FrameType.RETRY), cookie, Message.MAX_COOKIE));
    }

    /**
     * Reads a whole frame.
     *
     * @throws WireException if it is not a RETRY
     */
    public static Retry decode(byte[] frame) {
        Body b = Message.open(frame, FrameType.RETRY);
        Retry retry = new Retry(b.shortBytes(Message.MAX_COOKIE));
        b.end();
        if (retry.cookie.length == 0) {
            throw b.bad("has no cookie");
        }
        return retry;
    }
}
