// SPDX-License-Identifier: Apache-2.0
/**
 * Holds the shape of the engine: which package may use which, and what the pure core may not touch. Start at
 * {@link io.rendr.engine.architecture.EngineRules}; {@code EngineArchitectureTest} applies the rules to the engine,
 * {@code EngineRulesTest} shows that each of them can fail.
 */
@NullMarked
package io.rendr.engine.architecture;

import org.jspecify.annotations.NullMarked;
