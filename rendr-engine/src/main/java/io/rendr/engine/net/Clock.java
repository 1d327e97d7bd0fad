// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

/** The engine's time: nanoseconds from an arbitrary moment, never going back. */
public final class Clock {
    private Clock() {}

    public static long now() {
        return System.nanoTime();
    }
}
