// SPDX-License-Identifier: Apache-2.0
/**
 * An acceptance agent that also speaks RSocket with resume, the one Java library that carries a stream over the loss of its
 * connection; a jar of its own, so that what RSocket needs is nowhere near ours. Start reading at {@code RSocketWire}.
 */
@NullMarked
package io.rendr.acceptance.rsocket;

import org.jspecify.annotations.NullMarked;
