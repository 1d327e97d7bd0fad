// SPDX-License-Identifier: Apache-2.0
/**
 * Short programs, a page each, that are run by tests. Start with {@link io.rendr.examples.Hello}, which the README shows;
 * then {@link io.rendr.examples.PathChanges}, which is what this library is for.
 */
@NullMarked
package io.rendr.examples;

import org.jspecify.annotations.NullMarked;
