// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

import io.rendr.FlowId;
import io.rendr.InstanceId;

/**
 * What a dialer asks for in ATTACH.
 *
 * @param sealed whether the engine seals this carrier
 * @param flow the flow to attach to
 * @param instance the accepting runtime that holds it
 * @param pathId the path that this carrier serves, 0 to 2^31 - 1
 * @param carrierNo rises with every carrier of the path, 1 to 2^31 - 1
 * @param cid the connection id that datagrams to the dialer shall carry; 0 on stream carriers
 */
public record CarrierOffer(boolean sealed, FlowId flow, InstanceId instance, int pathId, int carrierNo, long cid) {}
