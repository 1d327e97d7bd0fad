// SPDX-License-Identifier: Apache-2.0
/**
 * A datagram carrier below its frames: packet numbers, what was lost, how much may be in flight, how large a datagram may
 * be. Pure; the same for every transport of datagrams.
 */
@NullMarked
package io.rendr.engine.link;

import org.jspecify.annotations.NullMarked;
