// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.net.SocketAddress;
import java.util.Objects;

/** The address of an end of a {@code mem://} connection; equal if the text is. */
final class MemAddress extends SocketAddress {
    private static final long serialVersionUID = 1L;

    private final String name;

    MemAddress(String name) {
        this.name = Objects.requireNonNull(name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MemAddress that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return "mem://" + name;
    }
}
