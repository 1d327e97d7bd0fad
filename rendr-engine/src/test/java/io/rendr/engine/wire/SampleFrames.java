// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.MigrationCause;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One of every frame, and of every shape a frame can take: the source of the golden vectors. */
final class SampleFrames {
    private SampleFrames() {}

    static Map<String, byte[]> all() {
        Map<String, byte[]> f = new LinkedHashMap<>();
        put(f, "data", b -> data(b, 0, "hello", false));
        put(f, "data-fin", b -> data(b, 5, ", world", true));
        put(f, "data-fin-empty", b -> data(b, 12, "", true));
        put(f, "data-far", b -> data(b, Frames.MAX_OFFSET - 3, "end", false));
        put(f, "packet", b -> packet(b, 7, "a packet"));
        put(f, "packet-empty", b -> packet(b, 8, ""));
        put(f, "ack", b -> Frames.ack(b, new Ack(65_536, 1_114_112, 32_768, 0)));
        put(f, "ack-ranges", b -> Frames.ack(b, new Ack(1000, 9000, 500, 65_535, 2000, 3000, 3001, 4096)));
        put(f, "ack-max", b -> Frames.ack(b, new Ack(1, 5000, 0, 3, ranges(AckView.MAX_RANGES))));
        put(f, "blocked", b -> Frames.blocked(b, 1_114_112, 1_114_112));
        put(f, "ping", b -> Frames.ping(b, 0x0102_0304_0506_0708L));
        put(f, "pong", b -> Frames.pong(b, 0x0102_0304_0506_0708L, 150, 123_456_789));
        put(f, "rx", b -> Frames.rx(b, 5_000_000_000L, 24_999));
        put(f, "pack", b -> Frames.pack(b, new Pack(100, 3000, 90, 101)));
        put(
                f,
                "pack-ranges",
                b -> Frames.pack(
                        b,
                        new Pack(
                                5_000_000_000L,
                                0,
                                4_999_999_999L,
                                5_000_000_001L,
                                4_999_000_010L,
                                4_999_000_020L,
                                4_999_000_000L,
                                4_999_000_009L)));
        put(f, "challenge", b -> Frames.challenge(b, 0x1122_3344_5566_7788L));
        put(f, "response", b -> Frames.response(b, 0x1122_3344_5566_7788L));
        put(f, "close", Frames::close);
        put(f, "padding", b -> Frames.padding(b, 9));
        put(
                f,
                "policy-leaf",
                b -> Frames.policy(b, new Policy(1, MigrationCause.EXPLICIT, new Policy.Leaf("lan", 0, false, true))));
        put(f, "policy-tree", b -> Frames.policy(b, tree()));
        put(f, "path-state", b -> Frames.pathState(b, 2, 9, Frames.PATH_DEAD));
        put(f, "stop", b -> Frames.stop(b, AbortCode.CLOSED));
        put(f, "abort", b -> Frames.abort(b, 42));
        put(f, "detach", b -> Frames.detach(b, 3));
        put(f, "bye", Frames::bye);
        put(f, "accepted", Frames::accepted);
        put(f, "credit-return", b -> Frames.creditReturn(b, 1, 70_000));
        put(f, "forward", b -> Frames.forward(b, 70_000));
        put(f, "info", b -> Frames.info(b, info()));
        put(f, "info-bare", b -> Frames.info(b, new Info("", List.of(), "", Map.of())));
        return f;
    }

    static Policy tree() {
        return new Policy(
                7,
                MigrationCause.QUALITY,
                new Policy.Selector(
                        "root",
                        true,
                        250,
                        2_000,
                        5_000,
                        30_000,
                        50,
                        List.of(
                                new Policy.Bond(
                                        "wires",
                                        3_000,
                                        List.of(
                                                new Policy.Leaf("lan", 0, false, true),
                                                new Policy.Leaf("dsl", 1, false, true))),
                                new Policy.Race("air", List.of(new Policy.Leaf("wi-fi", 2, false, false))),
                                new Policy.Leaf("lte", 3, true, false))));
    }

    static Info info() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("tenant", "blue");
        metadata.put("note", "gr\u00fc\u00dfe\n");
        return new Info("rendr", List.of("l7", "packet_mode"), "0.1.0", metadata);
    }

    static void data(ByteBuf out, long offset, String text, boolean fin) {
        byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
        Frames.dataHeader(out, offset, fin, payload.length);
        out.writeBytes(payload);
    }

    static void packet(ByteBuf out, long seq, String text) {
        byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
        Frames.packetHeader(out, seq, payload.length);
        out.writeBytes(payload);
    }

    private static void put(Map<String, byte[]> frames, String name, Consumer<ByteBuf> writer) {
        frames.put(name, bytes(writer));
    }

    static byte[] bytes(Consumer<ByteBuf> writer) {
        ByteBuf out = Unpooled.buffer();
        writer.accept(out);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }

    private static long[] ranges(int n) {
        long[] r = new long[2 * n];
        for (int i = 0; i < n; i++) {
            r[2 * i] = 100L * i + 10;
            r[2 * i + 1] = 100L * i + 20;
        }
        return r;
    }

    record Ack(long cum, long limit, long consumed, int returns, long... bounds) implements AckView {
        @Override
        public int rangeCount() {
            return bounds.length / 2;
        }

        @Override
        public long rangeStart(int i) {
            return bounds[2 * i];
        }

        @Override
        public long rangeEnd(int i) {
            return bounds[2 * i + 1];
        }
    }

    record Pack(long largest, int delayMicros, long... bounds) implements PackView {
        @Override
        public int rangeCount() {
            return bounds.length / 2;
        }

        @Override
        public long rangeStart(int i) {
            return bounds[2 * i];
        }

        @Override
        public long rangeEnd(int i) {
            return bounds[2 * i + 1];
        }
    }
}
