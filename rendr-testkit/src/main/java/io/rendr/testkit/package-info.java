// SPDX-License-Identifier: Apache-2.0
/**
 * What a program that uses or extends rendr is tested with. {@link io.rendr.testkit.LinkEmulator} puts a TCP link that can be slowed, stalled, cut
 * and healed between two real sockets, and proves by counters that it did. Start reading there.
 */
@NullMarked
package io.rendr.testkit;

import org.jspecify.annotations.NullMarked;
