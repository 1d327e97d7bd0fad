// SPDX-License-Identifier: Apache-2.0
/** Runs every example. */
@NullMarked
package io.rendr.examples;

import org.jspecify.annotations.NullMarked;
