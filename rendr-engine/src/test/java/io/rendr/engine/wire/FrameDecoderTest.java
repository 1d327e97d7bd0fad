// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.engine.wire.WireException.Reason;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameDecoderTest {
    private static byte[] session() {
        return SampleFrames.bytes(b -> SampleFrames.all().values().forEach(b::writeBytes));
    }

    private static List<String> decode(byte[] bytes, int... cuts) {
        Recorder recorder = new Recorder();
        try (FrameDecoder decoder = new FrameDecoder()) {
            int from = 0;
            for (int cut : cuts) {
                decoder.decode(Unpooled.wrappedBuffer(bytes, from, cut - from), recorder);
                from = cut;
            }
            ByteBuf rest = Unpooled.wrappedBuffer(bytes, from, bytes.length - from);
            decoder.decode(rest, recorder);
            assertThat(rest.isReadable()).isFalse();
            assertThat(decoder.atFrameBoundary()).isTrue();
        }
        return recorder.lines();
    }

    private static Reason reason(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        List<Reason> seen = new ArrayList<>();
        for (int cut = 0; cut <= bytes.length; cut++) {
            try {
                decode(bytes, cut);
                throw new AssertionError("accepted " + hex);
            } catch (WireException e) {
                seen.add(e.reason());
            }
        }
        assertThat(seen).as("the same failure at every cut").containsOnly(seen.get(0));
        return seen.get(0);
    }

    @Test
    void readsWhatFramesWrote() {
        assertThat(decode(session()))
                .contains(
                        "data 0 68656c6c6f2c20776f726c64 fin",
                        "data 12  fin",
                        "data 4611686018427387901 656e64",
                        "packet 7 61207061636b6574",
                        "packet 8 ",
                        "ack cum=65536 limit=1114112 consumed=32768 returns=0",
                        "ack cum=1000 limit=9000 consumed=500 returns=65535 [2000,3000) [3001,4096)",
                        "blocked limitSeen=1114112 highestSent=1114112",
                        "ping 72623859790382856",
                        "pong 72623859790382856 hold=150 rx=123456789",
                        "rx 5000000000 hold=24999",
                        "challenge 1234605616436508552",
                        "response 1234605616436508552",
                        "close",
                        "pack largest=100 delay=3000 [90,101)",
                        "pack largest=5000000000 delay=0 [4999999999,5000000001) [4999000010,4999000020) [4999000000,4999000009)",
                        "policy " + SampleFrames.tree(),
                        "pathState path=2 carrier=9 state=2",
                        "stop " + AbortCode.CLOSED,
                        "abort 42",
                        "detach 3",
                        "bye",
                        "accepted",
                        "creditReturn 1 limit=70000",
                        "forward 70000",
                        "info " + SampleFrames.info());
    }

    @Test
    void readsTheSameAtEveryCut() {
        byte[] bytes = session();
        List<String> whole = decode(bytes);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(decode(bytes, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @Test
    void readsTheSameByteByByte() {
        byte[] bytes = session();
        int[] cuts = new int[bytes.length];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = i;
        }
        assertThat(decode(bytes, cuts)).isEqualTo(decode(bytes));
    }

    @Test
    void payloadIsHandedOnBeforeTheFrameIsWhole() {
        Recorder recorder = new Recorder();
        FrameDecoder decoder = new FrameDecoder();
        ByteBuf in = Unpooled.buffer();
        Frames.dataHeader(in, 1000, true, 64_000);
        in.writeZero(10);
        decoder.decode(in, recorder);
        assertThat(recorder.lines()).containsExactly("data 1000 " + "00".repeat(10));
        assertThat(decoder.atFrameBoundary()).isFalse();
        assertThatThrownBy(decoder::endRecord)
                .isInstanceOfSatisfying(
                        WireException.class, e -> assertThat(e.reason()).isEqualTo(Reason.FRAME_SPANS_RECORDS));
    }

    @Test
    void extensionFramesAreSkippedHoweverLong() {
        byte[] bytes = SampleFrames.bytes(b -> {
            b.writeInt(0x80ff_ffff).writeZero(0xffff);
            Frames.bye(b);
            b.writeInt(0xff00_0000);
            Frames.accepted(b);
        });
        assertThat(decode(bytes)).containsExactly("bye", "accepted");
        assertThat(decode(bytes, 3, 5, 60_000)).containsExactly("bye", "accepted");
    }

    @ParameterizedTest
    @CsvSource({
        "UNKNOWN_TYPE,    00000000",
        "UNKNOWN_TYPE,    14000000",
        "UNKNOWN_TYPE,    7f000000",
        "HANDSHAKE_FRAME, 01000000",
        "HANDSHAKE_FRAME, 03000020",
        "HANDSHAKE_FRAME, 07000000",
        "BAD_FLAGS,       10020009 0000000000000000 00",
        "BAD_FLAGS,       20010008 0000000000000000",
        "BAD_LENGTH,      10000008 0000000000000000",
        "BAD_LENGTH,      10010007 00000000000000",
        "BAD_LENGTH,      1000fc09 0000000000000000",
        "BAD_VALUE,       10000009 8000000000000000 00",
        "BAD_VALUE,       10000009 4000000000000000 00",
        "BAD_LENGTH,      1100fc09 0000000000000000",
        "BAD_LENGTH,      11000007 00000000000000",
        "BAD_LENGTH,      20002001 0000000000000000",
        "BAD_LENGTH,      20000007 00000000000000",
        "BAD_LENGTH,      22000008 0000000000000000",
        "BAD_LENGTH,      2200000d 0000000000000000 00000000 00",
        "BAD_VALUE,       2200000c 0000000000000000 80000000",
        "BAD_LENGTH,      12000019 00000000000000000000000000000000000000000000000000",
        // a range that begins at cum, one that is empty, one too many bytes
        "BAD_VALUE, 1200002a 0000000000000005 0000000000000009 0000000000000000 0000 0000000000000005 0000000000000006",
        "BAD_VALUE, 1200002a 0000000000000005 0000000000000009 0000000000000000 0000 0000000000000007 0000000000000007",
        "BAD_LENGTH, 1200001b 0000000000000005 0000000000000009 0000000000000000 0000 00",
        "BAD_VALUE,       2300000c 0000000000000005 00000000",
        "BAD_VALUE,       23000014 0000000000000005 00000000 00000001 00000001",
        "BAD_VALUE,       23000014 0000000000000005 00000000 00000000 00000007",
        "BAD_VALUE,       31000009 00000000 00000000 03",
        "BAD_LENGTH,      35000001 00",
        "BAD_LENGTH,      37000001 00",
        "BAD_LENGTH,      32000003 000000",
        "BAD_VALUE,       34000004 ffffffff",
        "BAD_LENGTH,      360003e9",
        "BAD_VALUE,       36000004 00 00 21 00",
        "BAD_VALUE,       36000005 01 0a 00 00 00",
        "BAD_VALUE,       36000005 01 ff 00 00 00",
        "BAD_LENGTH,      36000004 09 00 00 00",
        "BAD_VALUE,       3600000a 00 00 00 02 00 0000 00 0000",
        "BAD_VALUE,       30000007 00000001 00 04 00",
        "BAD_VALUE,       30000007 00000001 03 00 00",
        "BAD_LENGTH,      30000006 00000001 00 00",
        "BAD_VALUE,       30000008 00000001 00 02 00 00",
        "BAD_VALUE,       30000011 00000001 00 02 00 01 02 00 01 02 00 01 02 00 01",
        "BAD_VALUE,       30000016 00000001 00 02 00 02 00 00 00000007 00 00 00 00000007 02",
    })
    void refusesWhatBreaksALayout(Reason expected, String hex) {
        assertThat(reason(hex)).isEqualTo(expected);
    }
}
