// SPDX-License-Identifier: Apache-2.0
/**
 * The policy tree: which carrier takes which bytes next.
 *
 * <p>Nothing is pushed. A carrier with room asks the tree ({@link io.rendr.engine.policy.Node#next}); groups differ only
 * in how they hand a {@link io.rendr.engine.policy.Feed}, a cursor over what the peer does not have, down to their
 * children. A {@link io.rendr.engine.policy.Selector} hands its feed to one child. A bond would let all children draw
 * from it, a race would give each child one of its own: a new policy is a new {@code Node}. Start with {@code Node}.
 */
@NullMarked
package io.rendr.engine.policy;

import org.jspecify.annotations.NullMarked;
