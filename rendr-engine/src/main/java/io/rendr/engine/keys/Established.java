// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import io.rendr.engine.wire.FlowAnswer;
import io.rendr.engine.wire.FlowOffer;

/**
 * What a confirmed HELLO leaves behind, the same at both ends.
 *
 * @param secrets for the life of the flow
 * @param keys of the first carrier
 * @param offer what the dialer asked for
 * @param answer what was agreed
 */
public record Established(FlowSecrets secrets, CarrierKeys keys, FlowOffer offer, FlowAnswer answer) {}
