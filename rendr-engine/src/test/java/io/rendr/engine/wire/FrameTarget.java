// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.engine.fuzz.Fuzzing;
import java.util.ArrayList;
import java.util.List;

/** Frames, cut where the first byte says. */
public final class FrameTarget {
    private FrameTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Fuzzing.bounded(input, FrameTarget::decode);
    }

    private static void decode(byte[] input) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        int cut = 1 + (in.isReadable() ? in.readUnsignedByte() : 0);
        FrameDecoder decoder = new FrameDecoder();
        Recorder recorder = new Recorder();
        try {
            while (in.isReadable()) {
                decoder.decode(in.readSlice(Math.min(cut, in.readableBytes())), recorder);
                if (decoder.heldCapacity() > Math.max(64, 2 * in.readerIndex())) {
                    throw new AssertionError(
                            in.readerIndex() + " bytes made the decoder keep " + decoder.heldCapacity());
                }
            }
        } catch (WireException e) {
            recorder.lines();
        }
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] frame : Fuzzing.golden("frames.txt").values()) {
            seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) 200}, frame)));
            seeds.add(Fuzzing.joined(List.of(new byte[] {2}, frame)));
        }
        seeds.add(Fuzzing.joined(Fuzzing.golden("frames.txt").values()));
        return seeds;
    }
}
