// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.engine.net.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InOrderTest {
    @Test
    void anExecutorThatRefusesOnceLosesNothing() {
        AtomicInteger calls = new AtomicInteger();
        Workers workers = new Workers(Pair.config()
                .callbackExecutor(body -> {
                    if (calls.getAndIncrement() == 0) {
                        throw new RejectedExecutionException("thrown by the test");
                    }
                    body.run();
                })
                .build());
        InOrder order = new InOrder(workers);
        List<String> heard = new ArrayList<>();
        order.call(() -> heard.add("first"));
        assertThat(heard).isEmpty();
        order.call(() -> heard.add("second"));
        assertThat(heard).containsExactly("first", "second");
        assertThat(workers.failures()).isEqualTo(1);
    }
}
