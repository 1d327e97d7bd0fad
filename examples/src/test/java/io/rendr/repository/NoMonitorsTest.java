// SPDX-License-Identifier: Apache-2.0
package io.rendr.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class NoMonitorsTest {
    @TestFactory
    List<DynamicTest> noModuleUsesAnObjectMonitor() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String module : Modules.names()) {
            tests.add(DynamicTest.dynamicTest(module, () -> {
                var classes = Modules.classes(module);
                assertThat(classes).as("classes of " + module).isNotEmpty();
                List<String> found = new ArrayList<>();
                classes.values().forEach(c -> found.addAll(MonitorScan.of(c)));
                assertThat(found)
                        .as("use ReentrantLock, LockSupport or atomics in place of a monitor")
                        .isEmpty();
            }));
        }
        return tests;
    }

    @Test
    void theScanFindsEveryKindOfMonitor() throws IOException {
        assertThat(scan(WithMonitors.class))
                .extracting(line -> line.substring(line.lastIndexOf('.', line.indexOf(':')) + 1))
                .containsExactlyInAnyOrder(
                        "method: synchronized method",
                        "staticMethod: synchronized method",
                        "block: synchronized block",
                        "waits: Object.wait",
                        "wakes: Object.notifyAll",
                        "lambda$inLambda$0: synchronized block");
        assertThat(scan(WithoutMonitors.class)).isEmpty();
    }

    private static List<String> scan(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getName().replaceFirst(".*\\.", "") + ".class")) {
            assertThat(in).isNotNull();
            return MonitorScan.of(in.readAllBytes());
        }
    }

    static final class WithMonitors {
        private int n;

        synchronized void method() {
            n++;
        }

        static synchronized void staticMethod() {}

        void block() {
            synchronized (this) {
                n++;
            }
        }

        void waits() throws InterruptedException {
            wait(1);
        }

        void wakes() {
            notifyAll();
        }

        Runnable inLambda() {
            return () -> {
                synchronized (this) {
                    n++;
                }
            };
        }
    }

    interface Notifies {
        void notify(String s);
    }

    static final class WithoutMonitors {
        void calls(Notifies n) {
            n.notify("a method of that name, but not Object's");
        }
    }
}
