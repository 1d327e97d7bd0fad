// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import java.net.SocketAddress;

/** The address of something that has none, such as a pipe: a text for people, equal if the text is. */
final class OpaqueAddress extends SocketAddress {
    private static final long serialVersionUID = 1L;

    /** What people see. */
    private final String text;

    OpaqueAddress(String text) {
        this.text = text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OpaqueAddress that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
