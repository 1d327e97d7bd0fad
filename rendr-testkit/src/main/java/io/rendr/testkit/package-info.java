// SPDX-License-Identifier: Apache-2.0
/** Published help for testing: transport contract, mem:// transport, link emulator. */
@NullMarked
package io.rendr.testkit;

import org.jspecify.annotations.NullMarked;
