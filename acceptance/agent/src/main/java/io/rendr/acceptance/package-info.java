// SPDX-License-Identifier: Apache-2.0
/**
 * One end of the flows that the acceptance runs measure. {@link io.rendr.acceptance.Agent} takes commands, a
 * {@link io.rendr.acceptance.Flow} sends and receives over a {@link io.rendr.acceptance.Wire}, which is a connection of
 * ours or of what ours is compared with; all of them are used and measured the same way.
 */
@NullMarked
package io.rendr.acceptance;

import org.jspecify.annotations.NullMarked;
