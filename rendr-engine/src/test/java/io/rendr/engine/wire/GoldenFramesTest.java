// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Every byte of every frame, as it was when the vectors were last written on purpose. */
class GoldenFramesTest {
    @Test
    void framesAreAsRecorded() throws IOException {
        Golden.vectors("frames.txt", SampleFrames.all());
    }
}
