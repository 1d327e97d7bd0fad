// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.rendr.PathSpec;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The life of a flow can be read from the log, under its id. */
class FlowLogTest {
    private static final class Lines extends AppenderBase<ILoggingEvent> {
        final List<String> texts = new CopyOnWriteArrayList<>();

        @Override
        protected void append(ILoggingEvent event) {
            texts.add(event.getLevel() + " " + event.getFormattedMessage());
        }
    }

    @Test
    void movesStepsAndTheEndAreWrittenAtDebug() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("io.rendr.engine.net.FlowLog");
        Lines lines = new Lines();
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
        logger.setLevel(Level.DEBUG);
        try (Pair pair = Pair.open()) {
            PathSpec other = PathSpec.of(pair.acceptor.endpoints().get(0).toUri() + "?name=other");
            int to = pair.client.admin().addPath(other);
            pair.client.admin().migrate(to);
            pair.client.abort(7);
            pair.server.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            String flow = "DEBUG flow " + pair.client.flowId() + ": ";
            assertThat(lines.texts)
                    .anyMatch(line -> line.startsWith(flow + "path " + to + " (other) is STANDBY"))
                    .anyMatch(line -> line.startsWith(flow + "moved from path ")
                            && line.endsWith(" to path " + to + " (other) (EXPLICIT)"))
                    .anyMatch(line -> line.startsWith(flow + "ended, LOCAL: aborted here, code 7"));
        } finally {
            logger.detachAppender(lines);
            logger.setAdditive(true);
            logger.setLevel(null);
        }
    }
}
