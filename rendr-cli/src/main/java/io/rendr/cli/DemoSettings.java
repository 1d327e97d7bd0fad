// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.testkit.LinkShape;
import java.time.Duration;
import java.util.List;

/**
 * What the demonstration does.
 *
 * @param bytes payload of the transfer; it goes on beyond that until all faults are over
 * @param rate bytes per second of each link, 0 = unlimited
 * @param faults what befalls the path in use, in order, spread over the transfer
 */
record DemoSettings(long bytes, long rate, List<Fault> faults) {
    /** Each kind once on the way, with a lasting one between two short ones. */
    static final List<Fault> ALL_FAULTS =
            List.of(Fault.BLACK_HOLE, Fault.RESET, Fault.BLACK_HOLE_UP, Fault.FIN, Fault.BLACK_HOLE_DOWN, Fault.STALL);

    /** How long no path passes anything at all, at the end. */
    static final Duration BLACKOUT = Duration.ofMillis(1500);

    private static final Duration DELAY = Duration.ofMillis(5);

    DemoSettings {
        faults = List.copyOf(faults);
    }

    /** Each way of a link: with it a round trip takes 10 ms. */
    LinkShape shape() {
        return LinkShape.UNSHAPED.withDelay(DELAY).withRate(rate);
    }

    /** How much of the transfer is done when a fault begins: they are spread evenly, the blackout comes last. */
    long startOf(int fault) {
        return bytes * (fault + 1) / (faults.size() + 2);
    }
}
