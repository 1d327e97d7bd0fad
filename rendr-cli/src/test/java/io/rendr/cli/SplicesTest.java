// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SplicesTest {
    @Test
    void atTheSystemsLimitOfThreadsAConnectionIsRejected() {
        Splices splices = new Splices(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        assertThatThrownBy(() -> splices.threads().execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("unable to create native thread");
    }
}
