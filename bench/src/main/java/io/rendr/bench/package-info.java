// SPDX-License-Identifier: Apache-2.0
/**
 * How fast rendr is beside what it is measured against, and what it costs. Every figure is taken in turns with that of its
 * baseline, as pairs of one round, and shows how much of the machine was taken by others meanwhile.
 *
 * <p>Start with {@link io.rendr.bench.Main}, which knows the benchmarks; {@link io.rendr.bench.Far} is the other end, in a
 * JVM of its own.
 */
@NullMarked
package io.rendr.bench;

import org.jspecify.annotations.NullMarked;
