// SPDX-License-Identifier: Apache-2.0
/** Tests of the command: what it says, and what it carries over links that break. */
@NullMarked
package io.rendr.cli;

import org.jspecify.annotations.NullMarked;
