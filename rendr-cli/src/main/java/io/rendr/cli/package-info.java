// SPDX-License-Identifier: Apache-2.0
/** The rendr command. */
@NullMarked
package io.rendr.cli;

import org.jspecify.annotations.NullMarked;
