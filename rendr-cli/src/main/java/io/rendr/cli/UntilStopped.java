// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import java.util.concurrent.CountDownLatch;

/** Keeps a command running until the process is told to end, and then ends it in order. */
final class UntilStopped {
    private UntilStopped() {}

    /**
     * Waits for SIGTERM, SIGINT or an interrupt, and runs {@code stop} before the process is gone.
     *
     * @param stop brief: the process waits for it
     */
    static void run(Runnable stop) {
        CountDownLatch stopped = new CountDownLatch(1);
        Thread hook = new Thread(
                () -> {
                    stop.run();
                    stopped.countDown();
                },
                "rendr-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Runtime.getRuntime().removeShutdownHook(hook);
            stop.run();
        }
    }
}
