// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

/** What the CONNECTION_CLOSE frames of applications mean that the ends of a path send each other (RFC 9000 section 20.2). */
final class CloseCode {
    /** All that the other end sent until its FIN has been read, or there was nothing to send. */
    static final int DONE = 0;
    /** Cut: what was under way is lost. */
    static final int CUT = 1;
    /** There are no carriers to be had here, now. */
    static final int REFUSED = 2;

    private CloseCode() {}
}
