// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.util.internal.PlatformDependent;
import io.rendr.RendrConfig;

/** The memory budget of a runtime: what was configured, or a quarter of the JVM's limit for direct memory. */
final class Budget {
    private static final int SHARE = 4;
    private static final long LEAST = 1 << 20;

    private Budget() {}

    static long of(RendrConfig config) {
        long configured = config.memoryBudget();
        return Math.max(LEAST, configured > 0 ? configured : PlatformDependent.maxDirectMemory() / SHARE);
    }
}
