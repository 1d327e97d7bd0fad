// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.rendr.Protection;
import io.rendr.engine.wire.Golden;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.Retry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every byte of every handshake message and of a few records, as it was when the vectors were last written on purpose. */
class GoldenHandshakesTest {
    @Test
    void handshakesAreAsRecorded() throws HandshakeFailure, IOException {
        Map<String, byte[]> v = new LinkedHashMap<>();
        Psk psk = Handshakes.psk();
        var stream = Handshakes.open(Handshakes.stream(Protection.SEALED, true), psk, Protection.SEALED);
        put(v, "stream", stream);
        put(v, "stream", Handshakes.attach(stream, true, 1, 101));
        var packets = Handshakes.open(Handshakes.packets(), null, Protection.SEALED);
        put(v, "packets", packets);
        put(v, "packets", Handshakes.attach(packets, false, 2, 102));
        put(v, "open", Handshakes.open(Handshakes.stream(Protection.NONE, true), null, Protection.NONE));

        byte[] retry = new Retry(Handshakes.count(1, 24)).encode();
        v.put("retry", retry);
        DialerHandshake again =
                new DialerHandshake(Handshakes.packets(), psk, null, 400, Handshakes.X25519, Handshakes.DIALER_ENTROPY);
        v.put("padded-hello", again.hello());
        v.put("padded-hello-cookie", again.receive(retry));

        AcceptorHandshake acceptor = AcceptorHandshake.parse(stream.hello());
        v.put("refuse-unproved", acceptor.refuse(RefuseCode.VERSION, Handshakes.ACCEPTOR, 1, 1));
        acceptor.verify(psk);
        v.put("refuse-psk", acceptor.refuse(RefuseCode.BUSY, Handshakes.ACCEPTOR, 500, 0));
        AttachDialer attach =
                new AttachDialer(Handshakes.carrier(true), stream.dialer().secrets(), Handshakes.count(1, 16));
        v.put(
                "refuse-tombstone",
                AttachAcceptor.parse(attach.attach())
                        .refuse(
                                RefuseCode.FLOW_ENDED,
                                Handshakes.ACCEPTOR,
                                0,
                                0,
                                stream.acceptor().secrets().refusalKey()));
        Golden.vectors("handshakes.txt", v);
    }

    private static void put(Map<String, byte[]> v, String name, Handshakes.Ends ends) {
        v.put(name + "-hello", ends.hello());
        v.put(name + "-hello-ack", ends.ack());
        v.put(name + "-confirm", ends.confirm());
        records(v, name + "-first", ends.dialer().keys(), ends.acceptor().keys());
    }

    private static void put(Map<String, byte[]> v, String name, Handshakes.Attached attached) {
        v.put(name + "-attach", attached.attach());
        v.put(name + "-attach-ack", attached.ack());
        v.put(name + "-attach-confirm", attached.confirm());
        records(v, name + "-attached", attached.dialer(), attached.acceptor());
    }

    private static void records(Map<String, byte[]> v, String name, CarrierKeys dialer, CarrierKeys acceptor) {
        if (dialer.sealed()) {
            v.put(name + "-records-d", twoRecords(dialer));
            v.put(name + "-records-a", twoRecords(acceptor));
        }
    }

    private static byte[] twoRecords(CarrierKeys keys) {
        ByteBuf wire = Unpooled.buffer();
        RecordSealer sealer = keys.sealer(new RecordScratch());
        sealer.seal(Unpooled.wrappedBuffer(Handshakes.count(0, 5)), wire);
        sealer.seal(Unpooled.wrappedBuffer(Handshakes.count(5, 20)), wire);
        return ByteBufUtil.getBytes(wire);
    }
}
