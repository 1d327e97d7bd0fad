// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a type or member whose shape may still change in a minor release, because what stands behind it has not yet
 * been proved by more than one implementation. Everything without this mark follows semantic versioning.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.FIELD, ElementType.CONSTRUCTOR})
public @interface Provisional {}
