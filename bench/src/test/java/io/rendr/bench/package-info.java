// SPDX-License-Identifier: Apache-2.0
/** That every benchmark starts and produces figures; none of them is judged here. */
@NullMarked
package io.rendr.bench;

import org.jspecify.annotations.NullMarked;
