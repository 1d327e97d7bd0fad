// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

/** Shows a running demonstration. Events come from any thread, looks from one. */
interface DemoView {
    /** How often to call {@link #show}. */
    long PERIOD_MILLIS = 200;

    /**
     * Something happened that is worth a line.
     *
     * @param nanos since the demonstration began, as in {@link DemoStatus#nanos}
     */
    void event(long nanos, String text);

    /** Shows how it stands. */
    void show(DemoStatus status);
}
