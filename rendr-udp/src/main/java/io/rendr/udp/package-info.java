// SPDX-License-Identifier: Apache-2.0
/**
 * What transports over UDP share: {@link io.rendr.udp.UdpTuning} sets what a socket of theirs needs, {@link
 * io.rendr.udp.BufferCheck} tells when the kernel grants less. A helper of rendr's own transports: it may change with any version.
 */
@NullMarked
package io.rendr.udp;

import org.jspecify.annotations.NullMarked;
