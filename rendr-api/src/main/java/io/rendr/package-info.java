// SPDX-License-Identifier: Apache-2.0
/** What an application compiles against. */
@NullMarked
package io.rendr;

import org.jspecify.annotations.NullMarked;
