// SPDX-License-Identifier: Apache-2.0
/**
 * The application's faces: the runtime, dialers, acceptors, connections. The only place that parks a thread.
 *
 * <p>{@link io.rendr.engine.conn.RuntimeFace} is what {@link io.rendr.Rendr#create()} returns; start there.
 * {@link io.rendr.engine.conn.StreamConnection} reads and writes the flow's buffers on the application's own thread and
 * waits at a {@link io.rendr.engine.conn.WaitPoint} when there is nothing to read or no room to write.
 */
@NullMarked
package io.rendr.engine.conn;

import org.jspecify.annotations.NullMarked;
