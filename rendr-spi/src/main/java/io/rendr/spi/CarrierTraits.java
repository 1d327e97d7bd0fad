// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is true of a carrier for its whole life.
 *
 * @param security what it does against listeners and impostors by itself
 * @param lossless whether it repairs loss by itself; true for every stream
 * @param congestionControlled whether it controls congestion by itself; true for every stream
 * @param fateGroup what it dies together with, such as the name of an interface or of a helper process; {@code null} if
 *     unknown. The path option {@code fate} wins over it
 * @param capabilities names of {@link io.rendr.Capabilities} that it adds
 * @param peer the verified identity of the peer, such as the subject of its certificate; {@code null} if none, or
 *     if it is not known yet when the carrier is handed over
 */
public record CarrierTraits(
        ChannelSecurity security,
        boolean lossless,
        boolean congestionControlled,
        @Nullable String fateGroup,
        Set<String> capabilities,
        @Nullable String peer) {
    /** A plain byte stream, such as TCP. */
    public static final CarrierTraits STREAM =
            new CarrierTraits(ChannelSecurity.NONE, true, true, null, Set.of(), null);

    /** Plain datagrams, such as UDP: lossy, without congestion control. */
    public static final CarrierTraits DATAGRAMS =
            new CarrierTraits(ChannelSecurity.NONE, false, false, null, Set.of(), null);

    /** Copies the set. */
    public CarrierTraits {
        Objects.requireNonNull(security, "security");
        capabilities = Set.copyOf(capabilities);
    }

    /**
     * The same with another security.
     *
     * @param level the security
     * @param verifiedPeer the verified identity of the peer; {@code null} if none
     * @return new traits
     */
    public CarrierTraits withSecurity(ChannelSecurity level, @Nullable String verifiedPeer) {
        return new CarrierTraits(level, lossless, congestionControlled, fateGroup, capabilities, verifiedPeer);
    }

    /**
     * The same with another fate group.
     *
     * @param group what the carrier dies together with; {@code null} if unknown
     * @return new traits
     */
    public CarrierTraits withFateGroup(@Nullable String group) {
        return new CarrierTraits(security, lossless, congestionControlled, group, capabilities, peer);
    }

    /**
     * The same with other capabilities.
     *
     * @param names names of {@link io.rendr.Capabilities}
     * @return new traits
     */
    public CarrierTraits withCapabilities(Set<String> names) {
        return new CarrierTraits(security, lossless, congestionControlled, fateGroup, names, peer);
    }
}
