// SPDX-License-Identifier: Apache-2.0
/**
 * Drives the pure core on event loops: carriers, timers, dialing, accepting, admission, the table of live flows.
 *
 * <p>{@link io.rendr.engine.net.Engine} is what a runtime shares; start there. A flow lives on one
 * {@link io.rendr.engine.net.HomeLoop}, which is the exclusion that the core asks for, and is driven by a
 * {@link io.rendr.engine.net.FlowDriver}. {@link io.rendr.engine.net.LocalCarrier} joins a carrier of that loop to the
 * core; {@link io.rendr.engine.net.RemoteCarrier} one that lives on another loop, handing over once per read batch.
 * {@link io.rendr.engine.net.Connect} is one attempt of a transport, {@link io.rendr.engine.net.Dial} the first
 * dial of a flow, {@link io.rendr.engine.net.Endpoint} one bound endpoint with its handshakes.
 */
@NullMarked
package io.rendr.engine.net;

import org.jspecify.annotations.NullMarked;
