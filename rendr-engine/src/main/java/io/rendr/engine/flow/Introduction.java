// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Info;
import org.jspecify.annotations.Nullable;

/** What both ends tell each other about themselves, in the INFO slot of the first batch. */
final class Introduction {
    private final FlowHost host;
    private @Nullable Info peer;

    Introduction(Info own, FlowHost host, Slots slots) {
        this.host = host;
        slots.add(new Slot.Value() {
                    @Override
                    public int size() {
                        return Frames.MAX_INFO;
                    }

                    @Override
                    public void write(ByteBuf out) {
                        Frames.info(out, own);
                    }
                })
                .touch();
    }

    void heard(Info info) {
        // Only the first counts: admission decides on it.
        if (peer == null) {
            peer = info;
            host.introduced();
        }
    }

    @Nullable
    Info peer() {
        return peer;
    }
}
