// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.fuzz.Fuzzing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a dialer says from its first byte on. With the seeds, which are right to the last proof, the acceptor gets as far as
 * a flow; the first byte chooses the pieces, and whether there is a pre-shared key.
 */
public final class AcceptanceTarget {
    private AcceptanceTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            Fuzzing.bounded(input, AcceptanceTarget::accept);
        }
    }

    private static void accept(byte[] input) {
        opensAFlow(input);
    }

    /** Whether the bytes make a flow. */
    static boolean opensAFlow(byte[] input) {
        try (FuzzHosts hosts = new FuzzHosts((input[0] & 1) != 0)) {
            hosts.accept();
            FuzzHosts.drawAsDialer(hosts.world.random);
            hosts.arrive(hosts.acceptor(), Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xfe));
            return hosts.world.acceptor.flow != null;
        }
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int first : new int[] {0xfe, 0xff, 40, 41}) {
            try (FuzzHosts hosts = new FuzzHosts((first & 1) != 0)) {
                hosts.accept().dial();
                seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) first}, hosts.recordTo(hosts.acceptor()))));
            }
        }
        for (byte[] message : Fuzzing.golden("handshakes.txt").values()) {
            seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) 0xff}, message)));
        }
        return seeds;
    }
}
