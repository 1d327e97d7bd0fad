// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import io.rendr.engine.memory.RangeSet;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.simulator.Schedule.AppPlan;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends and receives packets of many sizes. Each begins with its number, from which its size and its content follow; those
 * without a byte are only counted.
 */
final class PacketApplication extends Application {
    /** The largest packet, of a common size on the Internet. */
    static final int LARGEST = 1_400;

    private static final int NUMBER = 4;
    /** Of so many packets one has no byte, and one is as large as can be. */
    private static final int SPECIAL = 16;

    private final ByteBuffer packet = ByteBuffer.allocate(LARGEST);
    private final RangeSet received = new RangeSet();
    /** Where each packet lies in the flow. */
    private final List<Long> offsets = new ArrayList<>();

    private int sent;
    private int sentEmpty;
    private int receivedEmpty;
    private long newest;

    PacketApplication(FlowEnd end, AppPlan plan) {
        super(end, plan);
    }

    private static int size(int number) {
        int dice = number * 0x9E3779B9 >>> 8;
        return switch (dice % SPECIAL) {
            case 0 -> 0;
            case 1 -> LARGEST;
            default -> NUMBER + dice / SPECIAL % (LARGEST - NUMBER);
        };
    }

    private static ByteBuffer content(Pattern pattern, int number, int size) {
        return pattern.at((long) number * LARGEST, size - NUMBER);
    }

    @Override
    int write(int most) {
        int size = size(sent);
        packet.clear();
        if (size > 0) {
            packet.putInt(sent).put(content(mine(), sent, size));
        }
        long offset = flow().sendBuffer().written();
        if (!flow().sendBuffer().appendPacket(packet.flip())) {
            return NOTHING;
        }
        offsets.add(offset);
        sentEmpty += size == 0 ? 1 : 0;
        sent++;
        return size;
    }

    @Override
    int read(int most) {
        int size = flow().receiveBuffer().readPacket(packet.clear());
        if (size == ReceiveBuffer.NONE) {
            return NOTHING;
        }
        packet.flip();
        FlowEnd peer = end().peer().end();
        if (!(peer != null && peer.app() instanceof PacketApplication sender)) {
            wrong("received a packet, and nobody sent one");
        } else if (size == 0) {
            receivedEmpty++;
            check(receivedEmpty <= sender.sentEmpty, "received more packets without a byte than were sent");
        } else {
            check(size, sender);
        }
        return size;
    }

    private void check(int size, PacketApplication sender) {
        int number = size < NUMBER ? -1 : packet.getInt();
        boolean exists = number >= 0 && number < sender.sent;
        check(exists, "received packet " + number + ", its peer sent " + sender.sent);
        if (!exists) {
            return;
        }
        boolean whole = size == size(number) && packet.equals(content(theirs(), number, size));
        check(whole, "received packet " + number + " with other content than was sent");
        check(received.add(number, number + 1L) == 1, "received packet " + number + " twice");
        end().host().world().saw(Rule.BOUNDARIES);
        end().host().world().saw(Rule.UNORDERED, number < newest);
        newest = Math.max(newest, number);
    }

    private void check(boolean holds, String otherwise) {
        if (!holds) {
            wrong(otherwise);
        }
    }

    private long received() {
        return received.bytes() + receivedEmpty;
    }

    @Override
    @Nullable
    String unread(Application reader) {
        long expired = flow().counters().packetsExpired();
        if (!(reader instanceof PacketApplication packets) || sent - packets.received() > expired) {
            return "sent " + sent + " packets and gave " + expired + " up, its peer misses more";
        }
        long lost = end().host().world().schedule().world().sealed() ? -1 : firstLost(packets);
        return lost < 0 ? null : "sent packet " + lost + " and never gave it up, its peer did not receive it";
    }

    /** The number of a packet that is missing at the peer, which was not told to do without it; -1 if there is none. */
    private long firstLost(PacketApplication reader) {
        for (long number = reader.received.firstAbsent(0); number < sent; ) {
            if (size((int) number) > 0
                    && offsets.get((int) number) >= end().ledger().floor()) {
                return number;
            }
            number = reader.received.firstAbsent(number + 1);
        }
        return -1;
    }
}
