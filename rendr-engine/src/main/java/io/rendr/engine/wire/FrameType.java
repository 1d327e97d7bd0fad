// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.wire;

/**
 * The type byte of every frame of version 1.
 *
 * <p>0x01-0x07 open a carrier and are illegal once it is confirmed. An unknown type below {@link #FIRST_SKIPPABLE} is
 * a protocol error of its carrier; one at or above it is skipped.
 */
public final class FrameType {
    public static final int HELLO = 0x01;
    public static final int HELLO_ACK = 0x02;
    public static final int CONFIRM = 0x03;
    public static final int ATTACH = 0x04;
    public static final int ATTACH_ACK = 0x05;
    public static final int REFUSE = 0x06;
    public static final int RETRY = 0x07;

    public static final int DATA = 0x10;
    public static final int PACKET = 0x11;
    public static final int ACK = 0x12;
    public static final int BLOCKED = 0x13;

    public static final int PING = 0x20;
    public static final int PONG = 0x21;
    public static final int RX = 0x22;
    public static final int PACK = 0x23;
    public static final int CHALLENGE = 0x24;
    public static final int RESPONSE = 0x25;
    public static final int CLOSE = 0x26;

    public static final int POLICY = 0x30;
    public static final int PATH_STATE = 0x31;
    public static final int STOP = 0x32;
    public static final int ABORT = 0x33;
    public static final int DETACH = 0x34;
    public static final int BYE = 0x35;
    public static final int INFO = 0x36;
    public static final int ACCEPTED = 0x37;
    public static final int CREDIT_RETURN = 0x38;
    public static final int FORWARD = 0x39;

    /** An extension that every receiver skips. */
    public static final int PADDING = 0xff;

    /** Unknown types from here to 0xff are extensions that a receiver skips. */
    public static final int FIRST_SKIPPABLE = 0x80;

    private FrameType() {}

    /** Whether {@code type} belongs to the handshake, which is over once a carrier is confirmed. */
    public static boolean isHandshake(int type) {
        return type >= HELLO && type <= RETRY;
    }
}
