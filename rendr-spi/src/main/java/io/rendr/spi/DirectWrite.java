// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.Provisional;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Ability of a carrier that can be written from any thread without going through its event loop. The caller sees to it that
 * nothing else writes at the same time, and that nothing is {@linkplain Carrier#queued() queued}.
 */
@Provisional
public interface DirectWrite {
    /**
     * Gives the channel what it takes at once.
     *
     * @param src a direct buffer
     * @return bytes taken; 0 if there is no room
     * @throws IOException if the channel has failed; the listener hears of it as usual
     */
    int tryWrite(ByteBuffer src) throws IOException;
}
