// SPDX-License-Identifier: Apache-2.0
/** What a transport author compiles against. */
@NullMarked
package io.rendr.spi;

import org.jspecify.annotations.NullMarked;
