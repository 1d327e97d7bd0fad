// SPDX-License-Identifier: Apache-2.0
/**
 * Checks over all modules at once. They live here because this module comes last in the build and sees the others.
 * Start at {@link io.rendr.repository.Modules}, which finds what there is to check.
 */
@NullMarked
package io.rendr.repository;

import org.jspecify.annotations.NullMarked;
