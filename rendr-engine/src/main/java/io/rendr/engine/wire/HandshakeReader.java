// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.wire.WireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Collects handshake messages, one at a time, from a stream cut anywhere. It looks at the first four bytes before it
 * keeps anything else, so a peer that speaks another protocol is noticed at once, and no message can make it keep more
 * than {@link Message#MAX_BODY} bytes. Not thread-safe.
 */
public final class HandshakeReader {
    /** Content types of TLS records, RFC 8446 section 5.1. */
    private static final int TLS_ALERT = 0x15;

    private static final int TLS_HANDSHAKE = 0x16;

    private final byte[] header = new byte[Frames.HEADER];
    private byte @Nullable [] frame;
    private int have;

    /**
     * Takes what belongs to the next message and leaves the bytes after it unread: after a CONFIRM these are frames or
     * sealed records.
     *
     * @return the whole message, header included, or null if more bytes are needed
     * @throws WireException if this cannot be a handshake message
     */
    public byte @Nullable [] read(ByteBuf in) {
        if (frame == null) {
            int n = Math.min(Frames.HEADER - have, in.readableBytes());
            in.readBytes(header, have, n);
            have += n;
            if (have > 0 && !FrameType.isHandshake(header[0] & 0xff)) {
                throw new WireException(Reason.NOT_HANDSHAKE, stranger(header[0] & 0xff));
            }
            if (have < Frames.HEADER) {
                return null;
            }
            int length = (header[2] & 0xff) << 8 | header[3] & 0xff;
            if (header[1] != 0) {
                throw new WireException(Reason.BAD_FLAGS, "handshake messages have no flags");
            }
            if (length > Message.MAX_BODY) {
                throw new WireException(
                        Reason.BAD_LENGTH,
                        "a handshake message of " + length + " bytes, the limit is " + Message.MAX_BODY);
            }
            frame = new byte[Frames.HEADER + length];
            System.arraycopy(header, 0, frame, 0, Frames.HEADER);
        }
        byte[] whole = frame;
        int n = Math.min(whole.length - have, in.readableBytes());
        in.readBytes(whole, have, n);
        have += n;
        if (have < whole.length) {
            return null;
        }
        frame = null;
        have = 0;
        return whole;
    }

    private static String stranger(int first) {
        return "the first byte is 0x" + Integer.toHexString(first) + ", which begins no handshake message: the peer "
                + (first == TLS_ALERT || first == TLS_HANDSHAKE
                        ? "speaks TLS and this end does not; say tls=true at both ends, or at neither"
                        : "does not speak this protocol");
    }
}
