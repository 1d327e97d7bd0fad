// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.engine.fuzz.Fuzzing;
import io.rendr.engine.wire.WireException;
import java.util.ArrayList;
import java.util.List;

/** Sealed records, cut where the first byte says. */
public final class RecordTarget {
    private static final RecordScratch SCRATCH = new RecordScratch();

    private RecordTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        Fuzzing.bounded(input, RecordTarget::open);
    }

    private static void open(byte[] input) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        int cut = 1 + (in.isReadable() ? in.readUnsignedByte() : 0);
        RecordOpener opener = new RecordOpener(Handshakes.count(1, 32), SCRATCH);
        try {
            while (in.isReadable()) {
                ByteBuf slice = in.readSlice(Math.min(cut, in.readableBytes()));
                while (opener.next(slice) != null) {
                    continue;
                }
            }
        } catch (WireException e) {
            return;
        } finally {
            opener.destroy();
        }
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int cut : new int[] {0, 1, 30, 255}) {
            RecordSealer sealer = new RecordSealer(Handshakes.count(1, 32), SCRATCH);
            ByteBuf wire = Unpooled.buffer().writeByte(cut);
            for (int n = 1; n < 70; n += 23) {
                sealer.seal(Unpooled.wrappedBuffer(Handshakes.count(n, n)), wire);
            }
            byte[] seed = new byte[wire.readableBytes()];
            wire.readBytes(seed);
            seeds.add(seed);
        }
        return seeds;
    }
}
