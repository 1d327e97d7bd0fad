// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

/** What becomes of a connection through an emulated NAT whose mapping has expired. */
public enum NatExpiry {
    /** Whatever either end sends vanishes, for ever; both ends keep an open connection. */
    SILENT,
    /** Each end is reset when it sends, and learns nothing before. */
    RESET
}
