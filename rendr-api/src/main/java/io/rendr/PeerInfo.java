// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.Objects;
import java.util.Set;

/**
 * What the other end told about itself.
 *
 * @param kind the name of its implementation, such as {@code rendr-java}; empty until it has been received
 * @param instanceId which running instance it is
 * @param capabilities names of {@link Capabilities}; empty until received
 * @param version the version of its implementation; empty until received
 */
public record PeerInfo(String kind, InstanceId instanceId, Set<String> capabilities, String version) {
    /** Copies the set. */
    public PeerInfo {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(instanceId, "instanceId");
        capabilities = Set.copyOf(capabilities);
        Objects.requireNonNull(version, "version");
    }
}
