// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whatever the bytes, a decoder fails with a {@link WireException} or not at all, and keeps no more than came. */
class FrameFuzzTest {
    private static final int ROUNDS = 40_000;
    private final List<byte[]> samples = new ArrayList<>(SampleFrames.all().values());
    private final Set<WireException.Reason> seen = EnumSet.noneOf(WireException.Reason.class);
    private int frames;

    @Test
    void spoiledFrames() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Mutator m = new Mutator(seed);
            ByteBuf all = Unpooled.buffer();
            for (int n = m.below(4); n >= 0; n--) {
                byte[] sample = samples.get(m.below(samples.size()));
                all.writeBytes(m.below(3) == 0 ? sample : m.spoil(sample));
            }
            decode(seed, all, m);
        }
        assertThat(seen)
                .contains(
                        WireException.Reason.BAD_FLAGS,
                        WireException.Reason.BAD_LENGTH,
                        WireException.Reason.BAD_VALUE,
                        WireException.Reason.HANDSHAKE_FRAME,
                        WireException.Reason.UNKNOWN_TYPE);
        assertThat(frames).isGreaterThan(ROUNDS / 2);
    }

    @Test
    void noise() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            Mutator m = new Mutator(seed);
            decode(seed, Unpooled.wrappedBuffer(m.bytes(m.below(200))), m);
        }
    }

    @Test
    void aLengthAloneSetsNothingAside() {
        FrameDecoder decoder = new FrameDecoder();
        decoder.decode(
                Unpooled.buffer().writeInt(FrameType.PACKET << 24 | 8 + Frames.MAX_PACKET_PAYLOAD), new Recorder());
        assertThat(decoder.heldCapacity()).isLessThanOrEqualTo(64);
    }

    private void decode(int seed, ByteBuf all, Mutator m) {
        Recorder recorder = new Recorder();
        FrameDecoder decoder = new FrameDecoder();
        try {
            while (all.isReadable()) {
                decoder.decode(all.readSlice(1 + m.below(all.readableBytes())), recorder);
                assertThat(decoder.heldCapacity()).isLessThanOrEqualTo(Math.max(64, 2 * all.readerIndex()));
            }
        } catch (WireException e) {
            seen.add(e.reason());
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
        frames += recorder.lines().size();
    }
}
