// SPDX-License-Identifier: Apache-2.0
/** The pure core on a virtual clock over a modelled network. */
@NullMarked
package io.rendr.simulator;

import org.jspecify.annotations.NullMarked;
