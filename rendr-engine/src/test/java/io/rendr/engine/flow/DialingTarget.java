// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.rendr.engine.fuzz.Fuzzing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What an acceptor answers, from its first byte on; the first byte of the input is as in {@link AcceptanceTarget}. */
public final class DialingTarget {
    private DialingTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 0) {
            Fuzzing.bounded(input, DialingTarget::dial);
        }
    }

    private static void dial(byte[] input) {
        opensAFlow(input);
    }

    /** Whether the bytes make a flow. */
    static boolean opensAFlow(byte[] input) {
        try (FuzzHosts hosts = new FuzzHosts((input[0] & 1) != 0)) {
            hosts.dial();
            hosts.arrive(hosts.dialer(), Arrays.copyOfRange(input, 1, input.length), 1 + (input[0] & 0xfe));
            return hosts.world.dialer.flow != null;
        }
    }

    public static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int first : new int[] {0xfe, 0xff, 40, 41}) {
            try (FuzzHosts hosts = new FuzzHosts((first & 1) != 0)) {
                hosts.accept().dial();
                seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) first}, hosts.recordTo(hosts.dialer()))));
            }
        }
        for (byte[] message : Fuzzing.golden("handshakes.txt").values()) {
            seeds.add(Fuzzing.joined(List.of(new byte[] {(byte) 0xff}, message)));
        }
        return seeds;
    }
}
