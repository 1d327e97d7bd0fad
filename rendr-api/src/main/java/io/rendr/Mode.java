// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** The flat form of a policy: one group over a list of paths. Trees of groups are a {@link Target}. */
public enum Mode {
    /** One path carries, the others stand by; quality may move the flow. A {@link Target.Selector}. */
    PRIME,
    /** Every path carries everything, the first copy wins. A {@link Target.Race}. */
    RACE,
    /** The paths share the load and their rates add up. A {@link Target.Bond}. */
    BOND;

    /**
     * Whether a live connection may go from this mode to {@code next} in one step. All changes are allowed but those
     * between {@link #RACE} and {@link #BOND}, which have to pass through {@link #PRIME}.
     *
     * @param next the wanted mode
     * @return whether {@link Conn#setMode(Mode)} accepts it
     */
    public boolean canChangeTo(Mode next) {
        return this == next || this == PRIME || next == PRIME;
    }
}
