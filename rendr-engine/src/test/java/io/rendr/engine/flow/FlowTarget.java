// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.fuzz.Fuzzing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Frames of a peer that has proved itself and keeps to no rule, in the middle of a flow; the first byte chooses the pieces,
 * and the end that hears them.
 */
public final class FlowTarget {
    private FlowTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            Fuzzing.bounded(input, FlowTarget::hear);
        }
    }

    private static void hear(byte[] input) {
        try (FuzzHosts hosts = new FuzzHosts(false)) {
            hosts.accept().dial();
            hosts.world.run(50 * TwoHosts.MS);
            if (hosts.world.dialer.flow == null || hosts.world.acceptor.flow == null) {
                throw new IllegalStateException("no flow");
            }
            TwoHosts.End end = (input[0] & 1) == 0 ? hosts.acceptor() : hosts.dialer();
            hosts.arrive(end, Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xfe));
            hosts.world.run(2_000 * TwoHosts.MS);
        }
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (byte[] frame : Fuzzing.golden("frames.txt").values()) {
            if (frame.length < 300) {
                seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) 0xfe}, frame)));
                seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) 0xff}, frame)));
            }
        }
        return seeds;
    }
}
