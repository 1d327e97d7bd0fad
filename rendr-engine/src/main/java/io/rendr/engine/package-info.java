// SPDX-License-Identifier: Apache-2.0
/** The runtime behind the API. */
@NullMarked
package io.rendr.engine;

import org.jspecify.annotations.NullMarked;
