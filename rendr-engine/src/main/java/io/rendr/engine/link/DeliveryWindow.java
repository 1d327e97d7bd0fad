// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.link;

import io.rendr.engine.path.DeliveryRate;
import io.rendr.engine.path.RttEstimator;

/**
 * The window of a carrier that controls congestion by itself: what it delivers in a round trip and the time of a report,
 * twice, as on a stream. More would only wait in the carrier, where new datagrams find no room. What the carrier loses is its
 * own concern.
 */
public final class DeliveryWindow implements CongestionWindow {
    private static final int LEAST_DATAGRAMS = 2;

    private final RttEstimator rtt;
    private final int mostDatagrams;
    private final DeliveryRate rate = new DeliveryRate();
    private int datagram;

    /**
     * @param mostDatagrams that may be under way before the carrier drops some
     * @param datagram bytes of a full datagram
     */
    public DeliveryWindow(RttEstimator rtt, int mostDatagrams, int datagram) {
        this.rtt = rtt;
        this.mostDatagrams = mostDatagrams;
        this.datagram = datagram;
    }

    @Override
    public long window() {
        long delivered = Math.max(rate.inFlightCap(), LEAST_DATAGRAMS * (long) datagram);
        return Math.min(delivered, mostDatagrams * (long) datagram);
    }

    @Override
    public double pacing() {
        return 0;
    }

    @Override
    public void datagram(int bytes) {
        datagram = bytes;
    }

    @Override
    public void sent(long number, long flying, long now) {
        if (flying == 0) {
            rate.begins(now);
        }
    }

    @Override
    public void acknowledged(long number, int bytes, long sentAt, long sample, long srtt, boolean limited, long now) {
        if (!limited) {
            rate.applicationLimited();
        }
        rate.received(bytes, rtt, now);
    }

    @Override
    public boolean lost(long sentAt, long now) {
        return false; // the rate at which the others arrive tells enough
    }

    @Override
    public void persistentlyCongested(long now) {
        // As above.
    }
}
