// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.engine.keys.CarrierKeys;
import io.rendr.engine.keys.RecordOpener;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.path.DeliveryRate;
import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.PackView;
import io.rendr.engine.wire.WireException;
import org.jspecify.annotations.Nullable;

/**
 * A stream carrier. Each end counts the frame bytes it received and reports the count ({@code RX}). Only these reports say
 * what is in flight; a write that succeeded says nothing.
 */
final class StreamLink extends Link {
    /**
     * Bytes that arrive before a receipt is sent at once instead of within 25 ms. More than lie between two
     * acknowledgements, which take a receipt along, so that it rarely goes alone.
     */
    private static final int RECEIPT_EVERY = 512 * 1024;

    /** However little room a carrier has, a batch is worth its overhead. */
    private static final int MIN_BATCH = 4 * 1024;

    /**
     * Payload of a DATA frame on a sealed carrier, where it makes a record: 16 KiB as in TLS, since the JVM compiles its
     * AES-GCM after so many calls, and crawls before.
     */
    private static final int FIRST_SEALED_PAYLOAD = 16 * 1024 - Frames.DATA_HEADER;

    /**
     * Bytes after which a sealed carrier makes records as large as frames may be. Whatever is compiled is so by then, and
     * each call of the cipher costs a kilobyte of objects of the JDK.
     */
    private static final long COMPILED = 256 << 20;

    /** While a carrier is young its sender feels its way: every read batch is reported at once. */
    private static final int YOUNG = 512 * 1024;

    private final CarrierPort port;
    private final @Nullable RecordOpener opener;
    private final FrameOutput output;
    private final boolean sealed;
    private final DeliveryRate rate = new DeliveryRate();

    /** Bytes of all batches that were finished. */
    private long sent;

    private long peerReceived;
    private long received;
    private long reported;
    private boolean receiptOwed;
    private long receiptAt = Long.MAX_VALUE;
    private boolean unfinished;

    StreamLink(Flow flow, FlowPath path, int carrierNo, CarrierPort port, CarrierKeys keys, long now) {
        super(flow, path, carrierNo, port, now);
        this.port = port;
        RecordScratch scratch = flow.host().scratch();
        this.opener = keys.sealed() ? keys.opener(scratch) : null;
        this.output = new FrameOutput(flow.instance().allocator(), keys.sealed() ? keys.sealer(scratch) : null);
        this.sealed = keys.sealed();
    }

    DeliveryRate rate() {
        return rate;
    }

    @Override
    long eta() {
        return rate.timeFor(log().payload(), path().rtt()) + path().rtt().min() / 2;
    }

    @Override
    double pace() {
        return rate.rate();
    }

    @Override
    long drainTime(long bytes) {
        return rate.drainTime(bytes, path().rtt()) + path().rtt().min() / 2;
    }

    // ---- in

    @Override
    public void received(ByteBuf bytes, long at) {
        if (!isOpen()) {
            return;
        }
        heard(at);
        try {
            if (opener == null) {
                take(bytes);
            } else {
                ByteBuf plain = opener.next(bytes);
                while (plain != null && isOpen()) {
                    take(plain);
                    if (isOpen()) {
                        endRecord();
                    }
                    plain = isOpen() ? opener.next(bytes) : null;
                }
            }
        } catch (WireException e) {
            broken(e, at);
        }
    }

    private void take(ByteBuf plain) {
        received += plain.readableBytes();
        decode(plain);
    }

    @Override
    public void readComplete(long at) {
        if (isOpen()) {
            health().heard(log(), received, at);
        }
        super.readComplete(at);
    }

    @Override
    void ping(long id) {
        owePong(id);
    }

    @Override
    void oweReceipt() {
        receiptOwed = true;
        if (received < YOUNG || received - reported >= RECEIPT_EVERY) {
            receiptAt = now();
        } else if (receiptAt == Long.MAX_VALUE) {
            receiptAt = now() + RttEstimator.REPORT_DELAY;
        }
    }

    @Override
    void pong(long id, int holdMicros, long rx) {
        receipt(rx, holdMicros);
        health().answered(id, MICROSECONDS.toNanos(holdMicros), log().payload(), rx, now());
    }

    @Override
    void receipt(long rx, int holdMicros) {
        if (rx > sent) {
            throw new WireException(WireException.Reason.BAD_VALUE, "receipt of " + rx + " bytes, sent were " + sent);
        }
        if (rx <= peerReceived) {
            return;
        }
        rate.received(rx - peerReceived, path().rtt(), now());
        peerReceived = rx;
        health().carried(rx);
        long owedSince = log().isEmpty() ? now() : log().oldestSentAt();
        long newest = log().confirm(rx, confirmedEntries());
        if (newest != Long.MIN_VALUE) {
            if (health().wasAwakeSince(newest)) {
                path().rtt().sample(now() - newest - MICROSECONDS.toNanos(holdMicros));
            }
            health().confirmed(owedSince, now());
        }
    }

    @Override
    void receipt(PackView pack) {
        throw unexpected("PACK");
    }

    @Override
    void challenge(long data) {
        throw unexpected("CHALLENGE");
    }

    @Override
    void response(long data) {
        throw unexpected("RESPONSE");
    }

    @Override
    void peerClosed() {
        throw unexpected("CLOSE");
    }

    private static WireException unexpected(String frame) {
        return new WireException(WireException.Reason.UNEXPECTED, frame + " on a stream carrier");
    }

    // ---- out

    /**
     * A flush may make room again, and does not say so, because it is called from here; other flows on the same loop get
     * their turn after {@link #TURN} bytes.
     */
    @Override
    void fill() {
        unfinished = false;
        long budget = TURN;
        boolean room = true;
        while (isOpen() && room) {
            long written = writeBatches();
            if (written == 0) {
                return;
            }
            port.flush();
            budget -= written;
            room = port.credit() > 0;
            if (room && budget <= 0) {
                unfinished = true;
                return;
            }
        }
    }

    /** Writes batches while the carrier has room; returns the bytes handed to it. */
    private long writeBatches() {
        long written = 0;
        int credit;
        while (isOpen() && (credit = port.credit()) > 0) {
            int size = Math.min(rate.batchSize(), Math.max(credit, MIN_BATCH));
            boolean payload = mayCarryPayload() && findRange(size);
            if (!payload && !controlDue() && now() < receiptAt) {
                break;
            }
            int frame = rate.frameSize(maxPayload(sealed, sent));
            output.begin((payload ? room(size, frame) : 0) + Frames.MAX_ACK, frame, port.gathers());
            writeReceipt();
            writeControl(output);
            while (payload) {
                if (log().isEmpty()) {
                    rate.begins(now());
                }
                writeData(output);
                payload = output.size() < size && mayCarryPayload() && findRange(size);
            }
            int frames = output.size();
            int bytes = output.finish(port);
            if (bytes == 0) {
                break;
            }
            sent += frames;
            path().wireSent(frames);
            written += bytes;
        }
        return written;
    }

    /** What the DATA frames of a batch take at most: the last one may go beyond the size, or there is but one. */
    private int room(int size, int frame) {
        long waiting = flow().sender().sendableEnd() - next().start();
        return Frames.DATA_HEADER + (waiting <= frame ? (int) waiting : size + frame);
    }

    private boolean mayCarryPayload() {
        return flow().closing().carriesPayload() && log().payload() < rate.inFlightCap();
    }

    /** The most payload of one frame, on a carrier that has sent {@code sent} bytes. */
    static int maxPayload(boolean sealed, long sent) {
        return sealed && sent < COMPILED ? FIRST_SEALED_PAYLOAD : Frames.MAX_DATA_PAYLOAD;
    }

    /** A packet is carried whole however large it is. */
    private boolean findRange(int batch) {
        int max = rate.frameSize(Math.min(batch, maxPayload(sealed, sent)));
        boolean found = nextRange(Math.max(max, flow().sender().unit()));
        if (!found) {
            rate.applicationLimited();
        }
        return found;
    }

    private void writeReceipt() {
        if (isPongOwed()) {
            writePong(output, received);
        } else if (receiptOwed) {
            Frames.rx(output.frame(Frames.RX), received, micros(now() - receivedAt()));
        } else {
            return;
        }
        reported = received;
        receiptOwed = false;
        receiptAt = Long.MAX_VALUE;
    }

    @Override
    long logged() {
        return sent + output.size();
    }

    @Override
    long probeEnd() {
        return sent + output.size() + Frames.PING;
    }

    // ---- time

    /** A receipt that is due already waits for room. */
    @Override
    long deadline(long at) {
        if (unfinished) {
            return at;
        }
        return Math.min(receiptAt > at ? receiptAt : Long.MAX_VALUE, health().deadline(log(), at));
    }

    @Override
    void release() {
        output.close();
        if (opener != null) {
            opener.destroy();
        }
    }
}
