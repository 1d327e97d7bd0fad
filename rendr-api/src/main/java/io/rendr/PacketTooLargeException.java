// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import org.jspecify.annotations.Nullable;

/**
 * A packet is larger than the flow carries, and nothing was sent; or larger than the buffer given to
 * {@link PacketConn#receive}, and it waits for a larger one. The connection stays usable.
 */
@Provisional
public final class PacketTooLargeException extends RendrException {
    private static final long serialVersionUID = 1L;

    /** Size of the packet. */
    private final int size;

    /** Size that would work. */
    private final int limit;

    /**
     * Creates the exception.
     *
     * @param flowId the flow; {@code null} if unknown
     * @param size size of the packet in bytes
     * @param limit the largest size that works, in bytes
     */
    public PacketTooLargeException(@Nullable FlowId flowId, int size, int limit) {
        super(flowId, "a packet of " + size + " bytes does not fit: the limit here is " + limit + " bytes", null);
        this.size = size;
        this.limit = limit;
    }

    /** {@return size of the packet in bytes} */
    public int size() {
        return size;
    }

    /** {@return the largest size that works, in bytes} */
    public int limit() {
        return limit;
    }
}
