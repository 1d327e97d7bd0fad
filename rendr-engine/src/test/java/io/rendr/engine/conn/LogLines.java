// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What a logger writes until this is closed, instead of where it writes otherwise. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger;
    private final List<String> texts = new CopyOnWriteArrayList<>();

    private LogLines(Logger logger) {
        this.logger = logger;
    }

    static LogLines of(String name, Level level) {
        Logger logger = (Logger) LoggerFactory.getLogger(name);
        LogLines lines = new LogLines(logger);
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
        logger.setLevel(level);
        return lines;
    }

    /** Level and text of each line so far. */
    List<String> texts() {
        return texts;
    }

    @Override
    protected void append(ILoggingEvent event) {
        texts.add(event.getLevel() + " " + event.getFormattedMessage());
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setAdditive(true);
        logger.setLevel(null);
    }
}
