// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The fuzzers of the handshakes begin with recordings that are right to the last proof, and so get beyond it. */
class FuzzSeedsTest {
    @Test
    void theRecordingsOpenAFlow() {
        assertThat(AcceptanceTarget.seeds().subList(0, 4)).allMatch(AcceptanceTarget::opensAFlow);
        assertThat(DialingTarget.seeds().subList(0, 4)).allMatch(DialingTarget::opensAFlow);
    }

    @Test
    void andAnyOtherBitDoesNot() {
        byte[] seed = AcceptanceTarget.seeds().get(1);
        int confirmEnds = 1 + 4 + ((seed[3] & 0xff) << 8 | seed[4] & 0xff) + 4 + 32;
        for (int i = 1; i < confirmEnds; i++) {
            byte[] bad = seed.clone();
            bad[i] ^= 0x10;
            assertThat(AcceptanceTarget.opensAFlow(bad)).as("byte %d", i).isFalse();
        }
    }
}
