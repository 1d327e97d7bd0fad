// SPDX-License-Identifier: Apache-2.0
/** Plain TCP paths. */
@NullMarked
package io.rendr.transport.tcp;

import org.jspecify.annotations.NullMarked;
