// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.rendr.MigrationCause;
import io.rendr.Protection;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Golden;
import io.rendr.engine.wire.Hello;
import io.rendr.engine.wire.HelloAck;
import io.rendr.engine.wire.Info;
import io.rendr.engine.wire.Policy;
import io.rendr.engine.wire.RefuseCode;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Holds {@code docs/wire-format.md} equal to the code: its hexadecimal is made here, its tables of numbers are read. */
class WireFormatDocTest {
    private static final Path DOC = Path.of("../docs/wire-format.md");

    private final StringBuilder text = new StringBuilder();

    private void line(String name, byte[] value) {
        text.append(String.format("%-34s %s%n", name, HexFormat.of().formatHex(value)));
    }

    private static String fenced(String text) {
        return "```text\n" + text.strip() + "\n```\n";
    }

    @Test
    void keyDerivation() throws HandshakeFailure, IOException {
        Psk psk = Handshakes.psk();
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), psk, Protection.SEALED);
        var attached = Handshakes.attach(ends, true, 1, 101);
        byte[] dialerKey = Hello.decode(ends.hello()).ephemeral();
        byte[] acceptorKey = HelloAck.decode(ends.ack()).ephemeral();

        line("PSK k1", psk.secret());
        line("dialer's private key", Handshakes.DIALER_ENTROPY);
        line("dialer's ephemeral", dialerKey);
        line("acceptor's private key", Handshakes.ACCEPTOR_ENTROPY);
        line("acceptor's ephemeral", acceptorKey);
        byte[] shared = Handshakes.X25519.agree(Handshakes.DIALER_ENTROPY, acceptorKey);
        line("X25519 shared secret", shared);
        text.append('\n');

        byte[] early = Hkdf.extract("rendr v1".getBytes(US_ASCII), psk.secret());
        line("early", early);
        line("Expand(early, \"binder\")", expand(early, "binder"));
        line("H(HELLO less binder)", hashLess(ends.hello()));
        byte[] binder = Hkdf.hmac(expand(early, "binder"), hashLess(ends.hello()));
        line("binder", binder);
        assertThat(tail(ends.hello())).isEqualTo(binder);
        line("Expand(early, \"derived\")", expand(early, "derived"));
        byte[] extracted = Hkdf.extract(expand(early, "derived"), shared);
        line("Extract(.., shared secret)", extracted);
        byte[] th2 = hashLess(join(ends.hello(), ends.ack()));
        line("th2", th2);
        byte[] flow = Hkdf.expand(extracted, join("flow".getBytes(US_ASCII), th2), 32);
        line("flow", flow);
        line("Expand(flow, \"conf a\")", expand(flow, "conf a"));
        byte[] confirmA = Hkdf.hmac(expand(flow, "conf a"), th2);
        line("confirm, in HELLO_ACK", confirmA);
        assertThat(tail(ends.ack())).isEqualTo(confirmA);
        line("Expand(flow, \"conf d\")", expand(flow, "conf d"));
        byte[] confirmD = Hkdf.hmac(expand(flow, "conf d"), th2, confirmA);
        line("mac, in CONFIRM", confirmD);
        assertThat(tail(ends.confirm())).isEqualTo(confirmD);
        text.append('\n');

        byte[] kaD = expand(flow, "attach d");
        byte[] kaA = expand(flow, "attach a");
        line("ka_d", kaD);
        line("ka_a", kaA);
        line("H(ATTACH less mac1)", hashLess(attached.attach()));
        byte[] mac1 = Hkdf.hmac(kaD, hashLess(attached.attach()));
        line("mac1", mac1);
        assertThat(tail(attached.attach())).isEqualTo(mac1);
        byte[] tha = hashLess(join(attached.attach(), attached.ack()));
        line("tha", tha);
        byte[] mac2 = Hkdf.hmac(kaA, tha);
        line("mac2", mac2);
        assertThat(tail(attached.ack())).isEqualTo(mac2);
        byte[] mac = Hkdf.hmac(kaD, tha, mac2);
        line("mac, in CONFIRM", mac);
        assertThat(tail(attached.confirm())).isEqualTo(mac);
        text.append('\n');

        line("Expand(early, \"refuse\")", expand(early, "refuse"));
        AcceptorHandshake acceptor = AcceptorHandshake.parse(ends.hello());
        acceptor.verify(psk);
        byte[] refuse = acceptor.refuse(RefuseCode.BUSY, Handshakes.ACCEPTOR, 500, 0);
        line("REFUSE that HELLO, BUSY, a = 500", refuse);
        byte[] refusal = Hkdf.hmac(expand(early, "refuse"), hashLess(join(ends.hello(), refuse)));
        line("mac, in REFUSE", refusal);
        assertThat(tail(refuse)).isEqualTo(refusal);
        text.append('\n');

        carrier("first carrier", flow, th2);
        carrier("second carrier", flow, tha);
        byte[] secret = Hkdf.expand(flow, join("carrier d".getBytes(US_ASCII), th2), 32);
        byte[] next = expand(secret, "next");
        text.append("first carrier, dialer to acceptor, from record 1,048,576 on\n");
        traffic(next);
        Golden.part(DOC, "key-schedule", fenced(text.toString()));
    }

    private void carrier(String name, byte[] flow, byte[] th) {
        text.append(name).append('\n');
        for (String end : List.of("d", "a")) {
            byte[] secret = Hkdf.expand(flow, join(("carrier " + end).getBytes(US_ASCII), th), 32);
            line("  secret_" + end, secret);
            traffic(secret);
        }
    }

    private void traffic(byte[] secret) {
        line("    key", Hkdf.expand(secret, "key".getBytes(US_ASCII), 16));
        line("    iv", Hkdf.expand(secret, "iv".getBytes(US_ASCII), 12));
    }

    private static byte[] expand(byte[] secret, String label) {
        return Hkdf.expand(secret, label.getBytes(US_ASCII), 32);
    }

    private static byte[] hashLess(byte[] message) {
        return Hkdf.sha256(message, message.length - 32);
    }

    private static byte[] tail(byte[] message) {
        return java.util.Arrays.copyOfRange(message, message.length - 32, message.length);
    }

    private static byte[] join(byte[] a, byte[] b) {
        byte[] both = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    // ---- the session

    private static final class Carrier {
        private final String name;
        private final Dump dump;
        private final RecordSealer dialer;
        private final RecordSealer acceptor;
        private final RecordOpener atDialer;
        private final RecordOpener atAcceptor;
        private long fromDialer;
        private long fromAcceptor;

        Carrier(String name, Dump dump, CarrierKeys dialer, CarrierKeys acceptor) {
            RecordScratch scratch = new RecordScratch();
            this.name = name;
            this.dump = dump;
            this.dialer = dialer.sealer(scratch);
            this.acceptor = acceptor.sealer(scratch);
            this.atDialer = dialer.opener(scratch);
            this.atAcceptor = acceptor.opener(scratch);
        }

        void dialer(String what, Consumer<ByteBuf> frames) {
            fromDialer += send("dialer to acceptor: " + what, dialer, atAcceptor, frames);
        }

        void acceptor(String what, Consumer<ByteBuf> frames) {
            fromAcceptor += send("acceptor to dialer: " + what, acceptor, atDialer, frames);
        }

        private int send(String what, RecordSealer from, RecordOpener to, Consumer<ByteBuf> writer) {
            ByteBuf plain = Unpooled.buffer();
            writer.accept(plain);
            byte[] frames = ByteBufUtil.getBytes(plain);
            ByteBuf wire = Unpooled.buffer();
            from.seal(plain, wire);
            dump.heading(name + ", " + what);
            dump.record(ByteBufUtil.getBytes(wire));
            dump.frames(frames);
            assertThat(to.next(wire)).isEqualTo(Unpooled.wrappedBuffer(frames));
            return frames.length;
        }
    }

    @Test
    void session() throws HandshakeFailure, IOException {
        Dump dump = new Dump();
        var ends = Handshakes.open(Handshakes.stream(Protection.SEALED, true), Handshakes.psk(), Protection.SEALED);
        dump.heading("carrier 1, dialer to acceptor");
        dump.hello(ends.hello());
        dump.heading("carrier 1, acceptor to dialer");
        dump.helloAck(ends.ack());
        dump.heading("carrier 1, dialer to acceptor");
        dump.confirm(ends.confirm());
        Carrier one = new Carrier(
                "carrier 1", dump, ends.dialer().keys(), ends.acceptor().keys());
        one.dialer("in the same write", b -> {
            Frames.ack(b, ack(0, 262_144, 0));
            Frames.policy(
                    b,
                    new Policy(
                            1,
                            MigrationCause.EXPLICIT,
                            new Policy.Selector(
                                    "root",
                                    false,
                                    250,
                                    2_000,
                                    5_000,
                                    30_000,
                                    0,
                                    List.of(
                                            new Policy.Leaf("lan", 0, false, true),
                                            new Policy.Leaf("lte", 1, true, false)))));
            Frames.info(b, new Info("rendr", List.of("rendr"), "0.1.0", Map.of("user", "ann")));
        });
        one.acceptor("admitted", b -> {
            Frames.ack(b, ack(0, 262_144, 0));
            Frames.info(b, new Info("rendr", List.of("rendr"), "0.1.0", Map.of()));
            Frames.accepted(b);
        });
        one.dialer("five bytes", b -> {
            Frames.rx(b, one.fromAcceptor, 40);
            data(b, 0, "hello", false);
        });
        one.acceptor("the application has read them", b -> {
            Frames.rx(b, one.fromDialer, 120);
            Frames.ack(b, ack(5, 262_149, 5));
        });

        var attached = Handshakes.attach(ends, true, 1, 101);
        dump.heading("carrier 2, dialer to acceptor");
        dump.attach(attached.attach());
        dump.heading("carrier 2, acceptor to dialer");
        dump.attachAck(attached.ack());
        dump.heading("carrier 2, dialer to acceptor");
        dump.confirm(attached.confirm());
        Carrier two = new Carrier("carrier 2", dump, attached.dialer(), attached.acceptor());
        two.dialer("in the same write", b -> {
            Frames.ack(b, ack(0, 262_144, 0));
            Frames.ping(b, 1);
        });
        two.acceptor("its answer", b -> {
            Frames.pong(b, 1, 15, two.fromDialer);
            Frames.ack(b, ack(5, 262_149, 5));
        });

        dump.heading("carrier 1 breaks; what follows goes over carrier 2");
        two.acceptor("an answer and the end of the stream", b -> data(b, 0, "hi", true));
        two.dialer("acknowledged and read, and the end of its own stream", b -> {
            Frames.rx(b, two.fromAcceptor, 30);
            Frames.ack(b, ack(3, 262_144, 3));
            data(b, 5, "", true);
        });
        two.acceptor("the end was seen", b -> {
            Frames.rx(b, two.fromDialer, 25);
            Frames.ack(b, ack(6, 262_149, 6));
            Frames.bye(b);
        });
        two.dialer("both directions are consumed", b -> {
            Frames.rx(b, two.fromAcceptor, 35);
            Frames.bye(b);
        });

        AttachDialer late =
                new AttachDialer(Handshakes.carrier(true), ends.dialer().secrets(), Handshakes.count(33, 16));
        dump.heading("a late ATTACH, sent before the end was known (nonce 21 22 .. 30), is answered by the tombstone");
        dump.refuse(AttachAcceptor.parse(late.attach())
                .refuse(
                        RefuseCode.FLOW_ENDED,
                        Handshakes.ACCEPTOR,
                        0,
                        0,
                        ends.acceptor().secrets().refusalKey()));
        Golden.part(DOC, "session", fenced(dump.toString()));
    }

    private static AckView ack(long cum, long limit, long consumed) {
        return new AckView() {
            @Override
            public long cum() {
                return cum;
            }

            @Override
            public long limit() {
                return limit;
            }

            @Override
            public long consumed() {
                return consumed;
            }

            @Override
            public int returns() {
                return 0;
            }

            @Override
            public int rangeCount() {
                return 0;
            }

            @Override
            public long rangeStart(int i) {
                throw new IndexOutOfBoundsException(i);
            }

            @Override
            public long rangeEnd(int i) {
                throw new IndexOutOfBoundsException(i);
            }
        };
    }

    private static void data(ByteBuf out, long offset, String text, boolean fin) {
        byte[] payload = text.getBytes(US_ASCII);
        Frames.dataHeader(out, offset, fin, payload.length);
        out.writeBytes(payload);
    }

    // ---- the tables

    @Test
    void frames() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src/test/resources/golden/frames.txt"));
        for (String vector : lines) {
            String[] nameAndHex = vector.split(" ");
            text.append(String.format("%-16s %s%n", nameAndHex[0], nameAndHex[1]));
        }
        Golden.part(DOC, "frames", fenced(text.toString()));
    }

    @Test
    void everyNumberIsInItsTable() throws IOException, IllegalAccessException {
        String doc = Files.readString(DOC);
        for (RefuseCode code : RefuseCode.values()) {
            assertThat(doc).contains("\n| " + code.number() + " | " + code.name() + " | ");
        }
        int types = 0;
        for (Field field : constants(FrameType.class)) {
            if (!field.getName().equals("FIRST_SKIPPABLE")) {
                assertThat(doc).contains(String.format("| 0x%02x | %s |", field.getInt(null), field.getName()));
                types++;
            }
        }
        assertThat(types).isEqualTo(29);
        for (Field field : constants(AbortCode.class)) {
            assertThat(doc).contains(String.format("\n| 0x%08x | %s |", field.getInt(null), field.getName()));
        }
        assertThat(AbortCode.refused(0)).isEqualTo(0x80010000);
    }

    private static List<Field> constants(Class<?> type) {
        List<Field> constants = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (field.getType() == int.class && java.lang.reflect.Modifier.isPublic(field.getModifiers())) {
                constants.add(field);
            }
        }
        assertThat(constants).isNotEmpty();
        return constants;
    }
}
