// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import java.util.Map;

/**
 * A span of time in which something is measured: bytes that the far end received, CPU of both ends, and what others took
 * of the machine.
 *
 * @param bytes received at the far end
 * @param nanos the far end's time
 * @param nearCpu nanoseconds
 * @param farCpu nanoseconds
 * @param foreign cores that others used; NaN where it cannot be known
 */
record Window(long bytes, long nanos, long nearCpu, long farCpu, double foreign) {

    /** What is done meanwhile. */
    interface Body {
        void run() throws Exception;
    }

    static Window around(FarProcess far, Body body) throws Exception {
        long busy = Machine.busyNanos();
        long near = Machine.cpuNanos();
        Map<String, Long> from = far.ask("look");
        body.run();
        Map<String, Long> to = far.ask("look");
        long nearCpu = Machine.cpuNanos() - near;
        long farCpu = to.get("cpu") - from.get("cpu");
        long nanos = to.get("nanos") - from.get("nanos");
        double foreign =
                busy < 0 ? Double.NaN : Math.max(0, (double) (Machine.busyNanos() - busy - nearCpu - farCpu) / nanos);
        return new Window(to.get("received") - from.get("received"), nanos, nearCpu, farCpu, foreign);
    }

    /** Millions of bytes a second. */
    double rate() {
        return bytes * 1e3 / nanos;
    }

    /** CPU seconds of both ends for 10^9 bytes. */
    double cpuPerGigabyte() {
        return (nearCpu + farCpu) / (double) Math.max(1, bytes);
    }
}
