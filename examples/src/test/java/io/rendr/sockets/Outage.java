// SPDX-License-Identifier: Apache-2.0
package io.rendr.sockets;

import io.rendr.testkit.LinkConnects;
import io.rendr.testkit.LinkEmulator;
import java.util.List;

/** How all paths go at once. */
enum Outage {
    /** Nothing passes, and nobody is told. */
    SILENT {
        @Override
        void begin(List<LinkEmulator> links) {
            links.forEach(link -> link.blackHole(true));
        }

        @Override
        boolean isProven(List<LinkEmulator> links) {
            return links.stream().allMatch(link -> {
                var counters = link.counters();
                return counters.up().blackHoles() > 0
                        && counters.down().blackHoles() > 0
                        && counters.up().held() + counters.down().held() > 0;
            });
        }

        @Override
        void end(List<LinkEmulator> links) {
            links.forEach(link -> link.blackHole(false));
        }
    },
    /** Every connection is reset, and new ones are refused. */
    REFUSED {
        @Override
        void begin(List<LinkEmulator> links) {
            links.forEach(link -> {
                link.connects(LinkConnects.REFUSE);
                link.reset();
            });
        }

        @Override
        boolean isProven(List<LinkEmulator> links) {
            return links.stream().allMatch(link -> link.counters().resets() >= 2);
        }

        @Override
        void end(List<LinkEmulator> links) {
            links.forEach(link -> link.connects(LinkConnects.FORWARD));
        }
    };

    abstract void begin(List<LinkEmulator> links);

    /** Whether the counters of every link show that it happened. */
    abstract boolean isProven(List<LinkEmulator> links);

    abstract void end(List<LinkEmulator> links);
}
