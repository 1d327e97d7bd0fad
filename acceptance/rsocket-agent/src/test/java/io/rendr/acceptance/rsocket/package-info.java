// SPDX-License-Identifier: Apache-2.0
/** Tests of the agent that speaks RSocket. */
@NullMarked
package io.rendr.acceptance.rsocket;

import org.jspecify.annotations.NullMarked;
