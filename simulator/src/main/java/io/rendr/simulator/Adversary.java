// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierEvents;
import io.rendr.engine.wire.FrameType;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.HandshakeDatagram;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.Refuse;
import io.rendr.engine.wire.RefuseCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Someone on the network who hears everything, has no key, and opens carriers of his own: with recorded bytes, with
 * recorded bytes that he changed, with nonsense, or with nothing at all. Or he answers in the acceptor's place.
 */
final class Adversary {
    private static final int RECORDED = 4 * 1024;
    private static final int HEARD = 400;
    private static final int SPOOFED = 20;
    private static final long PATIENCE = SECONDS.toNanos(15);

    private final Simulation world;
    private final SplittableRandom random;
    private final Host host;

    private record Heard(DatagramSocket from, byte[] bytes) {}

    private final Map<Route, DatagramSocket> nowhere = new HashMap<>();
    private final List<Heard> heard = new ArrayList<>();
    private final Map<Endpoint, byte[]> recordings = new LinkedHashMap<>();

    Adversary(Simulation world, SplittableRandom random) {
        this.world = world;
        this.random = random;
        this.host = new Host(world, -1, random.split());
    }

    /** The machine from which he attacks, and at which impostors answer. */
    Host host() {
        return host;
    }

    /** Answers a dialer in the peer's place: the flow has ended, he says, and cannot prove it. */
    void impersonate(Connection connection) {
        connection.acceptor().events(new Impostor(connection));
    }

    /** Something is written at the dialing end of a connection. */
    void hears(Endpoint speaker, ByteBuf bytes) {
        byte[] before = recordings.getOrDefault(speaker, new byte[0]);
        int more = Math.min(bytes.readableBytes(), RECORDED - before.length);
        if (more > 0) {
            byte[] all = Arrays.copyOf(before, before.length + more);
            bytes.getBytes(bytes.readerIndex(), all, before.length, more);
            recordings.put(speaker, all);
        }
    }

    /** A datagram leaves a dialing host. */
    void overhears(DatagramSocket speaker, ByteBuf datagram) {
        if (heard.size() < HEARD) {
            byte[] bytes = new byte[datagram.readableBytes()];
            datagram.getBytes(datagram.readerIndex(), bytes);
            heard.add(new Heard(speaker, bytes));
        }
    }

    /** Whether the beginning of what an application wrote can be read in what a dialing end sent. */
    boolean heard(Pattern pattern) {
        byte[] wanted = new byte[64];
        pattern.at(0, wanted.length).get(wanted);
        for (byte[] recording : recordings.values()) {
            for (int i = 0; i + wanted.length <= recording.length; i++) {
                if (Arrays.equals(recording, i, i + wanted.length, wanted, 0, wanted.length)) {
                    return true;
                }
            }
        }
        return false;
    }

    void attack(Schedule.FaultKind kind, Route route) {
        if (route.plan().datagrams()) {
            spoof(kind, route);
            return;
        }
        int carriers = kind == Schedule.FaultKind.FLOOD ? 10 : 2;
        for (int i = 0; i < carriers; i++) {
            byte[] bytes = bytes(kind);
            if (bytes.length == 0 && kind != Schedule.FaultKind.FLOOD) {
                return;
            }
            Host target = world.acceptorBehind(route);
            if (target.isDown() || target == host) {
                return;
            }
            Connection connection = world.open(route, host, target, null);
            world.log().add("adversary", connection + " sends " + bytes.length + " bytes, " + kind);
            new Attack(connection, kind).run(bytes);
        }
    }

    /** Sends datagrams that were heard, or like them, from an address that is not theirs. */
    private void spoof(Schedule.FaultKind kind, Route route) {
        Host target = world.acceptorBehind(route);
        for (int i = 0; i < SPOOFED && !heard.isEmpty() && target != host; i++) {
            Heard some = heard.get(random.nextInt(heard.size()));
            byte[] bytes = some.bytes().clone();
            boolean elsewhere = random.nextBoolean();
            if (kind != Schedule.FaultKind.REPLAY) {
                bytes[random.nextInt(Math.min(bytes.length, 64))] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(4) == 0) {
                bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
            }
            DatagramSocket.Address own = some.from().address();
            int type = bytes.length > HandshakeDatagram.HEADER ? bytes[HandshakeDatagram.HEADER] : 0;
            world.saw(Rule.COOKIE, elsewhere && bytes[0] == HandshakeDatagram.FORM && type == FrameType.HELLO);
            DatagramSocket.Address from = elsewhere ? new DatagramSocket.Address(nowhere(route), 0, i) : own;
            ByteBuf datagram = Unpooled.wrappedBuffer(bytes);
            target.receives(datagram, from);
            datagram.release();
        }
    }

    /** An address of his own on a route. */
    DatagramSocket.Address addressOn(Route route) {
        return new DatagramSocket.Address(nowhere(route), 0, 0);
    }

    /** An address that nobody has: what is sent there is lost. */
    private DatagramSocket nowhere(Route route) {
        DatagramSocket socket = nowhere.get(route);
        if (socket == null) {
            socket = world.openDatagrams(route, host);
            socket.close(CloseReason.of(CloseReason.Kind.LOCAL, "nobody is there"));
            nowhere.put(route, socket);
        }
        return socket;
    }

    private byte[] bytes(Schedule.FaultKind kind) {
        if (kind == Schedule.FaultKind.FLOOD) {
            return random.nextBoolean() ? new byte[0] : new byte[] {1, 0};
        }
        if (recordings.isEmpty()) {
            return new byte[0];
        }
        List<byte[]> all = List.copyOf(recordings.values());
        byte[] bytes = all.get(random.nextInt(all.size())).clone();
        if (kind == Schedule.FaultKind.FORGE) {
            if (random.nextInt(4) == 0) {
                bytes = new byte[1 + random.nextInt(300)];
                random.nextBytes(bytes);
            } else {
                for (int i = 0; i <= random.nextInt(3); i++) {
                    bytes[random.nextInt(Math.min(bytes.length, 400))] ^= (byte) (1 << random.nextInt(8));
                }
            }
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)) : bytes;
    }

    private final class Impostor implements CarrierEvents {
        private final Endpoint port;
        private final HandshakeReader reader = new HandshakeReader();

        Impostor(Connection connection) {
            port = connection.acceptor();
        }

        @Override
        public void received(ByteBuf bytes, long now) {
            byte[] message = port.isClosed() ? null : reader.read(bytes);
            bytes.skipBytes(bytes.readableBytes());
            if (message != null) {
                world.saw(Rule.PROVEN_REFUSAL, (message[0] & 0xFF) == FrameType.ATTACH);
                byte[] lie = new Refuse(RefuseCode.FLOW_ENDED, host.instance().id(), 0, 0, new byte[32]).encode();
                port.write(Unpooled.wrappedBuffer(lie));
                port.flush();
                port.close(CloseReason.of(CloseReason.Kind.LOCAL, "the impostor has lied"));
            }
        }

        @Override
        public void readComplete(long now) {
            // One lie is all.
        }

        @Override
        public void writable(long now) {
            // What he has to say fits.
        }

        @Override
        public void closed(CloseReason why, long now) {
            port.close(why);
        }
    }

    private final class Attack implements CarrierEvents {
        private final Connection connection;
        private final Schedule.FaultKind kind;
        private boolean ended;
        /** What he says when he is answered: an honest dialer waits for that. */
        private byte[] rest = new byte[0];

        Attack(Connection connection, Schedule.FaultKind kind) {
            this.connection = connection;
            this.kind = kind;
        }

        void run(byte[] bytes) {
            connection.dialer().events(this);
            boolean patient = bytes.length > Frames.HEADER && random.nextInt(4) > 0;
            int first = patient ? Frames.HEADER + ((bytes[2] & 0xff) << 8 | bytes[3] & 0xff) : bytes.length;
            say(Arrays.copyOf(bytes, Math.min(first, bytes.length)));
            rest = Arrays.copyOfRange(bytes, Math.min(first, bytes.length), bytes.length);
            Host target = connection.acceptor().host();
            long stalls = target.stalledInAll();
            world.timeline().after(PATIENCE, () -> judge(stalls));
        }

        private void say(byte[] words) {
            if (words.length > 0 && !ended) {
                connection.dialer().write(Unpooled.wrappedBuffer(words));
                connection.dialer().flush();
            }
        }

        private void judge(long stalls) {
            Host target = connection.acceptor().host();
            boolean fair = target.stalledInAll() == stalls;
            if (fair && !connection.acceptor().isClosed()) {
                world.violation(
                        Violation.Kind.INTRUSION,
                        connection + ": an adversary's carrier (" + kind + ") is still open after 15 s");
            }
            world.saw(
                    switch (kind) {
                        case REPLAY -> Rule.REPLAY;
                        case FORGE -> Rule.FORGERY;
                        default -> Rule.FLOOD;
                    });
            if (!ended) {
                connection.dialer().close(CloseReason.of(CloseReason.Kind.RESET, "the adversary leaves"));
            }
        }

        @Override
        public void received(ByteBuf bytes, long now) {
            bytes.skipBytes(bytes.readableBytes());
            byte[] words = rest;
            rest = new byte[0];
            say(words);
        }

        @Override
        public void readComplete(long now) {
            // He only wants to be let in.
        }

        @Override
        public void writable(long now) {
            // What he has to say fits.
        }

        @Override
        public void closed(CloseReason why, long now) {
            ended = true;
        }
    }
}
