// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.engine.wire.Frames;
import org.junit.jupiter.api.Test;

class StreamLinkTest {
    @Test
    void recordsGrowWhenTheCipherIsSurelyCompiled() {
        int first = 16 * 1024 - Frames.DATA_HEADER;
        assertThat(StreamLink.maxPayload(true, 0)).isEqualTo(first);
        assertThat(StreamLink.maxPayload(true, (256L << 20) - 1)).isEqualTo(first);
        assertThat(StreamLink.maxPayload(true, 256L << 20)).isEqualTo(Frames.MAX_DATA_PAYLOAD);
        assertThat(StreamLink.maxPayload(false, 0)).isEqualTo(Frames.MAX_DATA_PAYLOAD);
    }
}
