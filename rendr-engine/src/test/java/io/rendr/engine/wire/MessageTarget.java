// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.engine.fuzz.Fuzzing;
import java.util.Arrays;
import java.util.List;

/** Handshake messages: what can be read must come out again as it came in, for proofs cover every byte. */
public final class MessageTarget {
    private MessageTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Fuzzing.bounded(input, MessageTarget::read);
    }

    private static void read(byte[] input) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        HandshakeReader reader = new HandshakeReader();
        try {
            while (in.isReadable()) {
                byte[] message = reader.read(in.readSlice(Math.min(100, in.readableBytes())));
                if (message != null && !Arrays.equals(message, again(message))) {
                    throw new AssertionError("a message is written otherwise than it was read");
                }
            }
        } catch (WireException e) {
            return;
        }
    }

    private static byte[] again(byte[] message) {
        return switch (Message.type(message)) {
            case FrameType.HELLO -> Hello.decode(message).encode();
            case FrameType.HELLO_ACK -> HelloAck.decode(message).encode();
            case FrameType.CONFIRM -> Confirm.decode(message).encode();
            case FrameType.ATTACH -> Attach.decode(message).encode();
            case FrameType.ATTACH_ACK -> AttachAck.decode(message).encode();
            case FrameType.REFUSE -> refuse(message);
            default -> Retry.decode(message).encode();
        };
    }

    /** A code that this version does not know is read as OTHER. */
    private static byte[] refuse(byte[] message) {
        Refuse refuse = Refuse.decode(message);
        return refuse.code() == RefuseCode.OTHER ? message : refuse.encode();
    }

    public static List<byte[]> seeds() {
        return List.copyOf(Fuzzing.golden("handshakes.txt").values());
    }
}
