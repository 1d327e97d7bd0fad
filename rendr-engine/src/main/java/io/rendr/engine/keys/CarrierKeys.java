// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.keys;

import org.jspecify.annotations.Nullable;

/** The keys of one carrier, one secret per direction, or none if the carrier is not sealed. Not thread-safe. */
public final class CarrierKeys {
    private byte @Nullable [] send;
    private byte @Nullable [] receive;
    private final boolean sealed;

    CarrierKeys(byte[] send, byte[] receive) {
        this.send = send;
        this.receive = receive;
        this.sealed = true;
    }

    private CarrierKeys() {
        this.sealed = false;
    }

    static CarrierKeys unsealed() {
        return new CarrierKeys();
    }

    /** Whether the frames of this carrier travel in sealed records. */
    public boolean sealed() {
        return sealed;
    }

    /**
     * What seals the outgoing side. It takes the secret over, so there is one per carrier.
     *
     * @throws IllegalStateException if the carrier is not sealed, or this was called before
     */
    public RecordSealer sealer(RecordScratch scratch) {
        byte[] secret = taken(send);
        send = null;
        return new RecordSealer(secret, scratch);
    }

    /**
     * What opens the incoming side. It takes the secret over, so there is one per carrier.
     *
     * @throws IllegalStateException if the carrier is not sealed, or this was called before
     */
    public RecordOpener opener(RecordScratch scratch) {
        byte[] secret = taken(receive);
        receive = null;
        return new RecordOpener(secret, scratch);
    }

    /** What makes the packets of a carrier of datagrams, sealed if its frames are; once, as {@link #sealer}. */
    public PacketEncoder packetEncoder(RecordScratch scratch) {
        if (!sealed) {
            return new PlainPacketEncoder(scratch);
        }
        byte[] secret = taken(send);
        send = null;
        return new PacketSealer(new TrafficKeys(secret), scratch);
    }

    /** What reads the packets of a carrier of datagrams; once, as {@link #opener}. */
    public PacketDecoder packetDecoder(RecordScratch scratch) {
        if (!sealed) {
            return new PlainPacketDecoder(scratch);
        }
        byte[] secret = taken(receive);
        receive = null;
        return new PacketOpener(secret, scratch);
    }

    private static byte[] taken(byte @Nullable [] secret) {
        if (secret == null) {
            throw new IllegalStateException("the carrier is not sealed, or its keys are in use");
        }
        return secret;
    }

    /** Overwrites what no sealer or opener has taken. */
    public void destroy() {
        KeySchedule.wipe(send);
        KeySchedule.wipe(receive);
        send = null;
        receive = null;
    }
}
