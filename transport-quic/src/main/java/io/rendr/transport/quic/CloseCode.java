// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.handler.codec.quic.QuicTransportError;

/**
 * What the CONNECTION_CLOSE frames mean that the ends of a path send each other: codes of the transport (RFC 9000 section 20.1).
 *
 * <p>None of the application's: while the handshake is not confirmed those may not be sent as such (RFC 9000 section 10.2.3), and
 * the codec, closed with one then, may send acknowledgements of the handshake without end, on the event loop, where a probe of
 * the handshake is due.
 */
final class CloseCode {
    /** All that the other end sent until its FIN has been read, or there was nothing to send. */
    static final int DONE = (int) QuicTransportError.NO_ERROR.code();
    /** Cut: what was under way is lost. */
    static final int CUT = (int) QuicTransportError.APPLICATION_ERROR.code();
    /** There are no carriers to be had here, now. */
    static final int REFUSED = (int) QuicTransportError.CONNECTION_REFUSED.code();

    private CloseCode() {}
}
