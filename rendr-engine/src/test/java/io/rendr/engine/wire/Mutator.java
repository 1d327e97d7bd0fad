// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Spoils messages in the ways that find bugs: bits, extreme bytes, cuts, repeats. The same seed spoils the same way. */
public final class Mutator {
    private static final int[] EXTREMES = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
    private final SplittableRandom random;

    public Mutator(long seed) {
        random = new SplittableRandom(seed);
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    public byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    public byte[] spoil(byte[] original) {
        byte[] b = original.clone();
        for (int n = below(4); n >= 0 && b.length > 0; n--) {
            int at = below(b.length);
            switch (below(6)) {
                case 0 -> b[at] ^= (byte) (1 << below(8));
                case 1 -> b[at] = (byte) EXTREMES[below(EXTREMES.length)];
                case 2 -> b = Arrays.copyOf(b, at);
                case 3 -> b = splice(b, at, bytes(1 + below(8)), at);
                case 4 -> b = splice(b, at, new byte[0], Math.min(b.length, at + 1 + below(8)));
                default -> b = splice(b, at, Arrays.copyOfRange(b, 0, at), at);
            }
        }
        return b;
    }

    private static byte[] splice(byte[] b, int from, byte[] middle, int to) {
        byte[] r = new byte[from + middle.length + b.length - to];
        System.arraycopy(b, 0, r, 0, from);
        System.arraycopy(middle, 0, r, from, middle.length);
        System.arraycopy(b, to, r, from + middle.length, b.length - to);
        return r;
    }
}
