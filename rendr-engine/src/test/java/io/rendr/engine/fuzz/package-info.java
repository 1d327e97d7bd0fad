// SPDX-License-Identifier: Apache-2.0
/**
 * What fuzzing needs. A target is a class of the package that it tests, with two static methods:
 * {@code fuzzerTestOneInput(byte[])}, as Jazzer calls it, and {@code seeds()}. {@link io.rendr.engine.fuzz.Fuzzing} lists
 * the targets; {@link io.rendr.engine.fuzz.FuzzTest} gives each of them some thousand inputs in every build, {@code
 * fuzz/run} as many as there is time for.
 */
@NullMarked
package io.rendr.engine.fuzz;

import org.jspecify.annotations.NullMarked;
