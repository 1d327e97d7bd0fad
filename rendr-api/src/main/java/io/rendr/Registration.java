// SPDX-License-Identifier: Apache-2.0
package io.rendr;

/** A listener that was added. Closing it removes the listener; a call that is already running may still end later. */
public interface Registration extends AutoCloseable {
    /** Removes the listener. Further calls have no effect. */
    @Override
    void close();
}
