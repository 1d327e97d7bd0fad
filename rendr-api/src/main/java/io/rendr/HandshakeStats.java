// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * What came in at the acceptors of a runtime, counted since it began.
 *
 * @param open handshakes under way now
 * @param confirmed carriers that proved themselves and were given to their flow
 * @param refused carriers that were not let in, by cause; every cause is present
 * @param acceptPauses times that an endpoint stopped accepting for a moment because the system refused it a connection,
 *     usually for want of descriptors
 */
public record HandshakeStats(int open, long confirmed, Map<HandshakeRefusal, Long> refused, long acceptPauses) {
    /** Copies the map and puts zero for each cause that is missing. */
    public HandshakeStats {
        EnumMap<HandshakeRefusal, Long> all = new EnumMap<>(HandshakeRefusal.class);
        for (HandshakeRefusal cause : HandshakeRefusal.values()) {
            all.put(cause, refused.getOrDefault(cause, 0L));
        }
        refused = Collections.unmodifiableMap(all);
    }

    /**
     * How many carriers were not let in for one cause.
     *
     * @param cause the cause
     * @return the count
     */
    public long refused(HandshakeRefusal cause) {
        return refused.getOrDefault(cause, 0L);
    }

    /** {@return carriers that were not let in, all causes together} */
    public long totalRefused() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }
}
