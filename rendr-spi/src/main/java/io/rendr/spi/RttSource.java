// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

/** Ability of a carrier whose channel measures its round-trip time by itself, such as a TCP socket or QUIC. */
public interface RttSource {
    /** {@return the smoothed round-trip time in nanoseconds; -1 if it is not known yet. On the event loop only} */
    long rttNanos();
}
