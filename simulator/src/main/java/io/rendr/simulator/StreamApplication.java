// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.simulator.Schedule.AppPlan;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Writes and reads bytes. */
final class StreamApplication extends Application {
    private static final int PIECE = 64 * 1024;

    private final ByteBuffer scratch;

    StreamApplication(FlowEnd end, AppPlan plan) {
        super(end, plan);
        scratch = end.host().world().scratch();
    }

    @Override
    int write(int most) {
        int taken = flow().sendBuffer().append(mine().at(written(), Math.min(most, PIECE)));
        return taken == 0 ? NOTHING : taken;
    }

    @Override
    int read(int most) {
        scratch.clear();
        scratch.limit(Math.min(scratch.capacity(), most));
        int taken = flow().receiveBuffer().read(scratch);
        if (taken == 0) {
            return NOTHING;
        }
        scratch.flip();
        long wrong = theirs().mismatch(read(), scratch);
        if (wrong >= 0) {
            wrong("read a wrong byte at offset " + wrong);
        }
        long exists = end().peer().written();
        if (read() + taken > exists) {
            wrong("read up to " + (read() + taken) + ", its peer wrote only " + exists);
        }
        return taken;
    }

    @Override
    @Nullable
    String unread(Application reader) {
        return reader.read() == written() ? null : "wrote " + written() + " bytes, its peer read " + reader.read();
    }
}
