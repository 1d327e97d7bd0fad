// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.Protection;
import io.rendr.engine.wire.CarrierOffer;
import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.RefuseCode;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Two ends with fixed entropy, for tests and for the worked example of the specification. */
public final class Handshakes {
    public static final InstanceId DIALER = InstanceId.parse("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf");
    public static final InstanceId ACCEPTOR = InstanceId.parse("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    public static final FlowId FLOW = FlowId.parse("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
    public static final X25519 X25519 = new X25519();

    /** 32 random bytes of each end, as in the Diffie-Hellman example of RFC 7748, section 6.1. */
    static final byte[] DIALER_ENTROPY =
            HexFormat.of().parseHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");

    static final byte[] ACCEPTOR_ENTROPY =
            HexFormat.of().parseHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");

    private Handshakes() {}

    /** {@code length} bytes that count up from {@code first}. */
    public static byte[] count(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    public static Psk psk() {
        return new Psk("k1", count(0, 32));
    }

    public static FlowOffer stream(Protection protection, boolean sealed) {
        return new FlowOffer(FlowKind.STREAM, protection, sealed, FLOW, DIALER, 0, 262_144, 90_000, 0, 0, 0);
    }

    public static FlowOffer packets() {
        return new FlowOffer(
                FlowKind.PACKET,
                Protection.SEALED,
                true,
                FLOW,
                DIALER,
                5,
                1024,
                60_000,
                2000,
                1100,
                0x1122334455667788L);
    }

    public static FlowAnswer answer(FlowOffer offer, Protection protection) {
        return FlowAnswer.to(offer, protection, ACCEPTOR, 262_144, 60_000, 1000, 0);
    }

    /** The dialer of a carrier on path 1, its first. */
    public static CarrierOffer carrier(boolean sealed) {
        return new CarrierOffer(sealed, FLOW, ACCEPTOR, 1, 1, 0);
    }

    static DialerHandshake dialer(FlowOffer offer, @Nullable Psk psk) {
        return new DialerHandshake(offer, psk, null, 0, X25519, DIALER_ENTROPY);
    }

    /** An acceptor that knows at most one key: parses, looks the key up, verifies and answers. */
    static byte[] accept(AcceptorHandshake acceptor, @Nullable Psk known, Protection protection)
            throws HandshakeFailure {
        String id = acceptor.hello().pskId();
        if (!id.equals(known == null ? "" : known.id())) {
            throw new HandshakeFailure(RefuseCode.UNKNOWN_PSK, RefuseCode.UNKNOWN_PSK.text());
        }
        acceptor.verify(known);
        return acceptor.answer(answer(acceptor.hello().offer(), protection), X25519, ACCEPTOR_ENTROPY);
    }

    /** A whole handshake, in memory. */
    static Ends open(FlowOffer offer, @Nullable Psk psk, Protection acceptors) throws HandshakeFailure {
        DialerHandshake dialer = dialer(offer, psk);
        AcceptorHandshake acceptor = AcceptorHandshake.parse(dialer.hello());
        byte[] ack = accept(acceptor, psk, acceptors);
        byte[] confirm = dialer.receive(ack);
        Established a = acceptor.confirm(confirm);
        Established d = dialer.established();
        if (d == null) {
            throw new AssertionError("the dialer is not done");
        }
        return new Ends(d, a, dialer.hello(), ack, confirm);
    }

    record Ends(Established dialer, Established acceptor, byte[] hello, byte[] ack, byte[] confirm) {}

    /** A whole attach to {@code ends}, in memory. */
    static Attached attach(Ends ends, boolean sealed, int nonceD, int nonceA) throws HandshakeFailure {
        AttachDialer dialer = new AttachDialer(carrier(sealed), ends.dialer().secrets(), count(nonceD, 16));
        AttachAcceptor acceptor = AttachAcceptor.parse(dialer.attach());
        acceptor.verify(ends.acceptor().secrets());
        byte[] ack = acceptor.answer(count(nonceA, 16), 0);
        byte[] confirm = dialer.receive(ack);
        CarrierKeys a = acceptor.confirm(confirm);
        CarrierKeys d = dialer.keys();
        if (d == null) {
            throw new AssertionError("the dialer is not done");
        }
        return new Attached(d, a, dialer.attach(), ack, confirm);
    }

    record Attached(CarrierKeys dialer, CarrierKeys acceptor, byte[] attach, byte[] ack, byte[] confirm) {}
}
