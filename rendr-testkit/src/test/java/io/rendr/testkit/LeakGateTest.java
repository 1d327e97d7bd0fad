// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.engine;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;

import io.netty.buffer.Unpooled;
import io.netty.util.ResourceLeakDetector;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class LeakGateTest {
    /** Held, or the logger and its setting could be collected. */
    private static final Logger CONSOLE = Logger.getLogger(ResourceLeakDetector.class.getName());

    @Test
    void aLeakFailsTheRunThoughEveryTestPassed() {
        CONSOLE.setUseParentHandlers(false); // the report is expected
        var run = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Leaks.class))
                .execute();
        CONSOLE.setUseParentHandlers(true);
        run.testEvents().assertStatistics(s -> s.succeeded(1).failed(0));
        run.containerEvents()
                .assertThatEvents()
                .haveExactly(1, event(engine(), finishedWithFailure(instanceOf(AssertionError.class))));
    }

    @Test
    void aRunWithoutALeakPasses() {
        Events events = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Releases.class))
                .execute()
                .allEvents();
        events.assertStatistics(s -> s.failed(0));
    }

    @ExtendWith(LeakGate.class)
    static class Leaks {
        @Test
        void leaks() {
            Unpooled.directBuffer(16).writeByte(1);
        }
    }

    @ExtendWith(LeakGate.class)
    static class Releases {
        @Test
        void releases() {
            Unpooled.directBuffer(16).writeByte(1).release();
        }
    }
}
