// SPDX-License-Identifier: Apache-2.0
/**
 * What a program that uses or extends rendr is tested with.
 *
 * <ul>
 *   <li>{@link io.rendr.testkit.TransportContract}: what every transport of streams has to hold, as numbered tests to extend. Under it
 *       {@link io.rendr.testkit.TransportRig}, which stands in for the engine, and {@link io.rendr.testkit.CarrierProbe}, which drives a carrier and
 *       notes every rule that it breaks.
 *   <li>{@link io.rendr.testkit.FlowContract}: what streams and packet flows have to do over a transport, the same numbers continued, with the engine.
 *   <li>{@link io.rendr.testkit.LinkEmulator}: a TCP link between two real sockets that can be slowed, stalled, cut and healed, and proves by
 *       counters that it was.
 *   <li>{@link io.rendr.testkit.MemTransport}: {@code mem://name}, paths without a socket, with faults.
 *   <li>{@link io.rendr.testkit.LeakGuard}: fails what leaves threads, descriptors or buffers behind.
 * </ul>
 *
 * Start reading at the one you need; they stand alone.
 */
@NullMarked
package io.rendr.testkit;

import org.jspecify.annotations.NullMarked;
