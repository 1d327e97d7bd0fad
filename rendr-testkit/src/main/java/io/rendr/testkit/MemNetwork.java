// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What {@code mem://} addresses are looked up in: a set of links by name. {@link #shared()} is the one of transports that were found by name; a
 * test that wants to be alone makes its own and gives it to a {@link MemTransport}. Thread-safe.
 */
public final class MemNetwork {

    private static final MemNetwork SHARED = new MemNetwork();

    private final Map<String, MemLink> links = new ConcurrentHashMap<>();

    /** A network without any link. */
    public MemNetwork() {}

    /** The network of this process. */
    public static MemNetwork shared() {
        return SHARED;
    }

    /** The link that paths to {@code mem://name} use, whether or not somebody listens there. */
    public MemLink link(String name) {
        return links.computeIfAbsent(name, MemLink::new);
    }
}
