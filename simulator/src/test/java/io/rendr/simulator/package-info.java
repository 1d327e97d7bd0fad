// SPDX-License-Identifier: Apache-2.0
/** Fixed seeds, named scenarios, and proof that the judge can say no. Start with {@code SeedsTest}. */
@NullMarked
package io.rendr.simulator;

import org.jspecify.annotations.NullMarked;
