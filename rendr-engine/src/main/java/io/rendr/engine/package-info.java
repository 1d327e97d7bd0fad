// SPDX-License-Identifier: Apache-2.0
/**
 * The runtime behind the API. {@link io.rendr.engine.EngineProvider} is what an application gets without knowing,
 * {@link io.rendr.engine.RendrModule} what an embedder installs into a Guice injector of his own; nothing else of this
 * module is for use from outside.
 *
 * <p>To understand the engine, follow one byte: {@code conn.StreamConnection}, {@code memory.SendBuffer},
 * {@code flow.Flow}, {@code net.LocalCarrier}, and up again on the other side.
 */
@NullMarked
package io.rendr.engine;

import org.jspecify.annotations.NullMarked;
