// SPDX-License-Identifier: Apache-2.0
/**
 * What an application compiles against: connections that survive the paths they travel on.
 *
 * <p>Start with {@link io.rendr.Rendr}, the runtime. From it come a {@link io.rendr.Dialer} (described by a
 * {@link io.rendr.DialerConfig}) and an {@link io.rendr.Acceptor} (an {@link io.rendr.AcceptorConfig}); both yield a
 * {@link io.rendr.StreamConn} or a {@link io.rendr.PacketConn}. A path is described by a {@link io.rendr.PathSpec}, how
 * several are used together by a {@link io.rendr.Mode} or a {@link io.rendr.Target}. {@link io.rendr.ConnAdmin} moves and
 * observes a live connection. What can go wrong on the network is an {@link java.io.IOException}, usually a
 * {@link io.rendr.RendrException}; a mistake in program or configuration is unchecked.
 *
 * <p>Threads: every object here is thread-safe. Callbacks run on the callback executor of the runtime, never on an event
 * loop and never under a lock. Blocking calls answer an interrupt with
 * {@link java.io.InterruptedIOException} and leave the connection open.
 */
@NullMarked
package io.rendr;

import org.jspecify.annotations.NullMarked;
