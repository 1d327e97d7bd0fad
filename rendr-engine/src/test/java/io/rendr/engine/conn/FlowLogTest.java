// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.rendr.PathSpec;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The life of a flow can be read from the log, under its id. */
class FlowLogTest {
    @Test
    void movesStepsAndTheEndAreWrittenAtDebug() throws Exception {
        try (LogLines lines = LogLines.of("io.rendr.engine.net.FlowLog", Level.DEBUG);
                Pair pair = Pair.open()) {
            PathSpec other = PathSpec.of(pair.acceptor.endpoints().get(0).toUri() + "?name=other");
            int to = pair.client.admin().addPath(other);
            pair.client.admin().migrate(to);
            pair.client.abort(7);
            pair.server.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            String flow = "DEBUG flow " + pair.client.flowId() + ": ";
            assertThat(lines.texts())
                    .anyMatch(line -> line.startsWith(flow + "path " + to + " (other) is STANDBY"))
                    .anyMatch(line -> line.startsWith(flow + "moved from path ")
                            && line.endsWith(" to path " + to + " (other) (EXPLICIT)"))
                    .anyMatch(line -> line.startsWith(flow + "ended, LOCAL: aborted here, code 7"));
        }
    }
}
