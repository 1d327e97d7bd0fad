// SPDX-License-Identifier: Apache-2.0
/**
 * What a flow promises, shown over real sockets: two runtimes of this process, the TCP transport between them, and links
 * that break. Start with {@link io.rendr.sockets.Peers}. What has to do with time is asserted here only as far as it
 * holds on a machine of any speed; the classes with a {@code main} measure the rest, for {@code acceptance/run}.
 */
@NullMarked
package io.rendr.sockets;

import org.jspecify.annotations.NullMarked;
