// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

/** A connection of ours, whatever it carries. */
interface Steered {
    /** The same for its whole life. */
    Steering steering();
}
