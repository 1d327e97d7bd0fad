// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.FlowKind;
import java.time.Duration;

/** Asks a factory for one carrier. */
public interface DialRequest extends CarrierContext {
    /** {@return what the flow carries; a transport with several kinds of carrier may choose by it} */
    FlowKind flowKind();

    /** {@return how long the attempt may take; the engine gives up after it by itself} */
    Duration timeout();

    /** {@return which attempt at this path this is since it last worked, from 1} */
    int attempt();
}
