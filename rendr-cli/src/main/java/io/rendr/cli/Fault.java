// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.testkit.LinkCounters;
import io.rendr.testkit.LinkDirection;
import io.rendr.testkit.LinkEmulator;
import java.time.Duration;

/** One way in which a link fails. */
enum Fault {
    /** Nothing passes any more, either way, and nobody is told. */
    BLACK_HOLE("black hole", true) {
        @Override
        void begin(LinkEmulator link) {
            link.blackHole(true);
        }

        @Override
        boolean proven(LinkCounters before, LinkCounters after) {
            return caught(before, after, LinkDirection.UP) && caught(before, after, LinkDirection.DOWN);
        }
    },
    /** Nothing passes from the client to the server any more. */
    BLACK_HOLE_UP("black hole up", true) {
        @Override
        void begin(LinkEmulator link) {
            link.blackHole(LinkDirection.UP, true);
        }

        @Override
        boolean proven(LinkCounters before, LinkCounters after) {
            return caught(before, after, LinkDirection.UP);
        }
    },
    /** Nothing passes from the server to the client any more. */
    BLACK_HOLE_DOWN("black hole down", true) {
        @Override
        void begin(LinkEmulator link) {
            link.blackHole(LinkDirection.DOWN, true);
        }

        @Override
        boolean proven(LinkCounters before, LinkCounters after) {
            return caught(before, after, LinkDirection.DOWN);
        }
    },
    /** Every connection is reset at both ends. */
    RESET("reset", false) {
        @Override
        void begin(LinkEmulator link) {
            link.reset();
        }

        @Override
        boolean proven(LinkCounters before, LinkCounters after) {
            return after.resets() >= before.resets() + 2;
        }
    },
    /** Every connection is ended in order at both ends, as an idle balancer does it. */
    FIN("end of stream", false) {
        @Override
        void begin(LinkEmulator link) {
            link.fin();
        }

        @Override
        boolean proven(LinkCounters before, LinkCounters after) {
            return after.up().fins() > before.up().fins()
                    && after.down().fins() > before.down().fins();
        }
    },
    /** A black hole that nobody has to lift, such as the scan of a wireless card. */
    STALL("stall", true) {
        @Override
        void begin(LinkEmulator link) {
            link.stall(LENGTH_OF_STALL);
        }

        @Override
        boolean proven(LinkCounters before, LinkCounters after) {
            return caught(before, after, LinkDirection.UP) || caught(before, after, LinkDirection.DOWN);
        }
    };

    /** It lifts by itself then, or when it is ended; a transfer is expected to leave long before. */
    private static final Duration LENGTH_OF_STALL = Duration.ofSeconds(10);

    private final String title;
    private final boolean lasting;

    Fault(String title, boolean lasting) {
        this.title = title;
        this.lasting = lasting;
    }

    /** For people. */
    String title() {
        return title;
    }

    /** Whether it goes on until it is ended. */
    boolean isLasting() {
        return lasting;
    }

    /** Breaks the link. */
    abstract void begin(LinkEmulator link);

    /** Puts the link right; what broke at once has nothing to put right. */
    void end(LinkEmulator link) {
        if (lasting) {
            link.blackHole(false);
        }
    }

    /** Whether the counters of the link show that a black hole began between, whether it hit traffic or not. */
    boolean began(LinkCounters before, LinkCounters after) {
        return after.up().blackHoles() > before.up().blackHoles()
                || after.down().blackHoles() > before.down().blackHoles();
    }

    /** Whether the counters of the link show that this happened between, and that it hit traffic. */
    abstract boolean proven(LinkCounters before, LinkCounters after);

    private static boolean caught(LinkCounters before, LinkCounters after, LinkDirection direction) {
        return after.way(direction).blackHoles() > before.way(direction).blackHoles()
                && after.way(direction).held() > before.way(direction).held();
    }
}
