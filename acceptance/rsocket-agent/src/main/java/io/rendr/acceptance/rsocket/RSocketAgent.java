// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance.rsocket;

import io.rendr.acceptance.Agent;
import java.io.IOException;
import java.util.Map;

/** An {@link Agent} with two more kinds of flows: {@code rsocket}, and {@code rsocket-tuned}. */
public final class RSocketAgent {
    private RSocketAgent() {}

    /**
     * Runs until standard input ends.
     *
     * @param args none
     * @throws IOException if standard input cannot be read
     */
    public static void main(String[] args) throws IOException {
        agent().serve();
    }

    static Agent agent() {
        return new Agent(Map.of(
                "rsocket", () -> new RSocketKind(RSocketKind.Tuning.DEFAULTS),
                "rsocket-tuned", () -> new RSocketKind(RSocketKind.Tuning.FAST)));
    }
}
