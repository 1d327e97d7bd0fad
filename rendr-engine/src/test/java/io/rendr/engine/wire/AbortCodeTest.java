// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AbortCodeTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 403, 65_535, -1, -4, -65_535})
    void aRefusalKeepsItsCode(int code) {
        int wire = AbortCode.refused(code);
        assertThat(AbortCode.isRefusal(wire)).isTrue();
        assertThat(AbortCode.refusal(wire)).isEqualTo(code);
        assertThat(AbortCode.isApplication(wire)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 42, Integer.MAX_VALUE, AbortCode.LINGER_EXPIRED, AbortCode.CLOSED, 0x8003_0000, -1})
    void otherCodesAreNoRefusals(int code) {
        assertThat(AbortCode.isRefusal(code)).isFalse();
    }

    @Test
    void aRefusalHasSixteenBits() {
        assertThatThrownBy(() -> AbortCode.refused(-65_536)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> AbortCode.refused(65_536)).isInstanceOf(IllegalArgumentException.class);
    }
}
