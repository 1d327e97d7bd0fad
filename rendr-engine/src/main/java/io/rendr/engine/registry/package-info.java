// SPDX-License-Identifier: Apache-2.0
/**
 * Transports by name.
 *
 * <p>{@link io.rendr.engine.registry.TransportRegistry} answers which transport a path means, and when there is none says
 * everything a person needs to put that right. {@link io.rendr.engine.registry.Discovery} finds transports on the class
 * or module path, and passes over what is broken instead of failing with it. Start with the registry.
 */
@NullMarked
package io.rendr.engine.registry;

import org.jspecify.annotations.NullMarked;
