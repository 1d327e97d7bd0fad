// SPDX-License-Identifier: Apache-2.0
/** Short programs, one page each. */
@NullMarked
package io.rendr.examples;

import org.jspecify.annotations.NullMarked;
