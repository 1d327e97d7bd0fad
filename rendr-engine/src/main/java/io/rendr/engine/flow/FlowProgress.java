// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

/** How far a flow has come in its two spaces of offsets. Read under the flow's exclusion. */
public final class FlowProgress {
    private final Sender sender;
    private final Receiver receiver;

    FlowProgress(Sender sender, Receiver receiver) {
        this.sender = sender;
        this.receiver = receiver;
    }

    /** Payload bytes that the peer does not hold yet. */
    public long queued() {
        return sender.queued();
    }

    /** The offset up to which payload was sent. */
    public long sent() {
        return sender.highestSent();
    }

    /** The offset up to which the peer acknowledged, or this end gave up. */
    public long settled() {
        return sender.cum();
    }

    /** The offset up to which this end granted room. */
    public long granted() {
        return receiver.limit();
    }

    /** The offset up to which nothing is missing here that the peer still sends. */
    public long arrived() {
        return receiver.arrived();
    }

    /** Whether all has come that lies at the offsets from {@code start} to {@code end}, beyond {@link #arrived}. */
    public boolean has(long start, long end) {
        return receiver.early().firstAbsent(start) >= end;
    }
}
