// SPDX-License-Identifier: Apache-2.0
/** Tests of the agent by itself; what it is for is run by {@code acceptance/run}. */
@NullMarked
package io.rendr.acceptance;

import org.jspecify.annotations.NullMarked;
