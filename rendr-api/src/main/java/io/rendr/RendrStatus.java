// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.Objects;
import java.util.Set;

/**
 * One look at a runtime.
 *
 * @param instanceId this runtime
 * @param capabilities what it can do, see {@link Capabilities}
 * @param flows how many flows live now
 * @param maxFlows how many it admits; new ones beyond are refused
 * @param bufferedBytes bytes of the memory budget in use
 * @param memoryBudget the budget in bytes
 * @param handshakes what came in at its acceptors, and what was not let in
 */
public record RendrStatus(
        InstanceId instanceId,
        Set<String> capabilities,
        int flows,
        int maxFlows,
        long bufferedBytes,
        long memoryBudget,
        HandshakeStats handshakes) {
    /** Copies the set. */
    public RendrStatus {
        Objects.requireNonNull(instanceId, "instanceId");
        capabilities = Set.copyOf(capabilities);
        Objects.requireNonNull(handshakes, "handshakes");
    }
}
