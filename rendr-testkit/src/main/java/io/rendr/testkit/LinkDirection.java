// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

/** A direction of an emulated link, seen from the end that connected to it. */
public enum LinkDirection {
    /** From the client that connected to the link, to the target. */
    UP,
    /** From the target, back to the client. */
    DOWN
}
