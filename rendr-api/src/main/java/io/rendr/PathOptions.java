// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.Map;

/**
 * The options of one transport in typed form. A transport that wants to spare its users the texts offers an
 * implementation with a builder; {@link PathSpec#of(String, PathOptions)} takes it.
 */
public interface PathOptions {
    /** {@return the name of the transport these options are for, such as {@code tcp}} */
    String transport();

    /** {@return the options as a URI would hold them, without percent encoding} */
    Map<String, String> toMap();
}
