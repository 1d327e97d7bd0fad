// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.PacketConn;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.spi.ChannelSecurity;
import io.rendr.testkit.Await;
import io.rendr.testkit.LeakGuard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a flow gives to a connection that protects it already, looked at before the connection has encrypted it. */
@ExtendWith(LeakGuard.class)
class QuicProtectionTest {
    private static final byte SEALED_PACKET = 0x40;
    private static final byte PLAIN_PACKET = 0x42;
    private static final String UP = "what the dialer has to say, in words that are found again";
    private static final String DOWN = "what the acceptor answers, which is found again as well";

    private final Tap near = new Tap();
    private final Tap far = new Tap();
    private Rendr here;
    private Rendr there;
    private Acceptor acceptor;

    private static Rendr runtime(Tap tap) {
        return Rendr.create(
                RendrConfig.builder().discoverTransports(false).transport(tap).build());
    }

    @BeforeEach
    void open() throws IOException {
        here = runtime(near);
        there = runtime(far);
        acceptor =
                there.listen(b -> b.endpoint(PathSpec.of("quic://127.0.0.1:0").with(Certificates.acceptor())));
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
    }

    private void talk(PathSpec path) throws IOException {
        PacketConn client = here.dialer(b -> b.path(path)).dialPacket();
        PacketConn server = acceptor.acceptPacket();
        say(client, server, UP);
        say(server, client, DOWN);
        client.abort(0);
        server.abort(0);
    }

    private static void say(PacketConn from, PacketConn to, String words) throws IOException {
        to.setReadTimeout(Await.LONG);
        from.send(StandardCharsets.UTF_8.encode(words));
        ByteBuffer packet = ByteBuffer.allocate(to.maxPacketSize());
        to.receive(packet);
        assertThat(StandardCharsets.UTF_8.decode(packet.flip()).toString()).isEqualTo(words);
    }

    private void assertSecurity() {
        assertThat(near.carriers())
                .singleElement()
                .satisfies(carrier -> assertThat(carrier.traits().security()).isEqualTo(ChannelSecurity.AUTHENTICATED));
        assertThat(far.carriers())
                .singleElement()
                .satisfies(carrier -> assertThat(carrier.traits().security()).isEqualTo(ChannelSecurity.ENCRYPTED));
    }

    private static List<byte[]> packets(Tap tap) {
        return tap.written().stream()
                .filter(datagram -> datagram[0] == PLAIN_PACKET || datagram[0] == SEALED_PACKET)
                .toList();
    }

    private static boolean tells(List<byte[]> written, String words) {
        return written.stream().anyMatch(bytes -> new String(bytes, StandardCharsets.UTF_8).contains(words));
    }

    @Test
    void datagramsAreNotSealedAgain() throws IOException {
        talk(acceptor.endpoints().get(0).with("mode", "datagram"));
        assertSecurity();
        for (Tap end : List.of(near, far)) {
            assertThat(packets(end))
                    .isNotEmpty()
                    .allSatisfy(packet -> assertThat(packet[0]).isEqualTo(PLAIN_PACKET));
        }
        assertThat(tells(packets(near), UP)).isTrue();
        assertThat(tells(packets(far), DOWN)).isTrue();
    }

    @Test
    void datagramsAreSealedWhereThePathAsksForIt() throws IOException {
        talk(acceptor.endpoints().get(0).with("mode", "datagram").with("seal", "always"));
        assertSecurity();
        for (Tap end : List.of(near, far)) {
            assertThat(packets(end))
                    .isNotEmpty()
                    .allSatisfy(packet -> assertThat(packet[0]).isEqualTo(SEALED_PACKET));
            assertThat(tells(end.written(), UP) || tells(end.written(), DOWN)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void streamsAreSealedOnlyWhereThePathAsksForIt(boolean sealed) throws IOException {
        PathSpec plain = acceptor.endpoints().get(0);
        PathSpec path = sealed ? plain.with("seal", "always") : plain;
        StreamConn client = here.dialer(b -> b.path(path)).dial();
        StreamConn server = acceptor.accept();
        client.setReadTimeout(Await.LONG);
        server.setReadTimeout(Await.LONG);
        client.outputStream().write(UP.getBytes(StandardCharsets.UTF_8));
        assertThat(server.inputStream().readNBytes(UP.length())).asString().isEqualTo(UP);
        server.outputStream().write(DOWN.getBytes(StandardCharsets.UTF_8));
        assertThat(client.inputStream().readNBytes(DOWN.length())).asString().isEqualTo(DOWN);
        assertSecurity();
        assertThat(tells(near.written(), UP)).isNotEqualTo(sealed);
        assertThat(tells(far.written(), DOWN)).isNotEqualTo(sealed);
        client.abort(0);
        server.abort(0);
    }
}
