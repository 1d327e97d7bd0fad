// SPDX-License-Identifier: Apache-2.0
/**
 * What is known of one path: how fast it answers, whether it is alive, how good it is.
 *
 * <p>Pure: every method is told the time. {@link io.rendr.engine.path.RttEstimator} turns samples into RTO;
 * {@link io.rendr.engine.path.SentLog} remembers what a carrier was given until the peer reports it received;
 * {@link io.rendr.engine.path.DeliveryRate} derives from these reports how much may be in flight;
 * {@link io.rendr.engine.path.Liveness} judges silence, {@link io.rendr.engine.path.Quality} scores a path for selection
 * and {@link io.rendr.engine.path.Backoff} spaces redials. Start with {@code Liveness}.
 */
@NullMarked
package io.rendr.engine.path;

import org.jspecify.annotations.NullMarked;
