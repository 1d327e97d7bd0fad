// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.PathSpec;
import io.rendr.engine.flow.Acceptance;
import io.rendr.engine.flow.Acceptances;
import io.rendr.engine.flow.Attachment;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The handshakes of carriers that came in by one endpoint and live on one loop. Used on that loop only. */
final class Handshakes implements Acceptances.Host {
    private static final CloseReason CLOSED = CloseReason.of(CloseReason.Kind.LOCAL, "the acceptor was closed");
    private static final CloseReason TOO_MANY =
            CloseReason.of(CloseReason.Kind.EXHAUSTED, "too many handshakes are open, and this is the oldest");

    private final Listening listening;
    private final PathSpec endpoint;
    private final HomeLoop home;
    private final Acceptances shared;
    private final Map<Acceptance, Handshake> open = new HashMap<>();
    private @Nullable FlowDriver coming;

    Handshakes(Listening listening, PathSpec endpoint, HomeLoop home) {
        this.listening = listening;
        this.endpoint = endpoint;
        this.home = home;
        this.shared = new Acceptances(
                listening.engine().instance(),
                listening.settings(),
                endpoint,
                listening.engine().table(),
                listening.handshakeTimeout(),
                this);
    }

    /** Starts the handshake on a new carrier; as a turn. */
    void begin(CarrierPort port) {
        if (!listening.isOpen()) {
            port.close(CLOSED);
            return;
        }
        Acceptance acceptance = new Acceptance(shared, port, Clock.now());
        Handshake handshake = new Handshake(acceptance);
        open.put(acceptance, handshake);
        handshake.timer.wakeAt(acceptance.deadline());
        listening.strangers().enter(handshake);
    }

    /** One of them. */
    private final class Handshake implements Newcomers.Guest {
        private final Acceptance acceptance;
        private final FlowTimer timer;
        private Newcomers among = listening.strangers();

        Handshake(Acceptance acceptance) {
            this.acceptance = acceptance;
            this.timer = new FlowTimer(home, () -> acceptance.onTimer(Clock.now()));
        }

        @Override
        public void evict(Newcomers from) {
            try {
                home.run(() -> {
                    if (among == from && open.containsKey(acceptance)) {
                        acceptance.port().close(TOO_MANY);
                    }
                });
            } catch (RejectedExecutionException e) {
                // That loop has ended, and its carriers with it.
                return;
            }
        }
    }

    /** Ends all of them; as a turn. */
    void close() {
        List.copyOf(open.keySet()).forEach(acceptance -> acceptance.port().close(CLOSED));
    }

    @Override
    public boolean accepting() {
        return listening.isOpen();
    }

    @Override
    public FlowHost flowHost(CarrierPort first) {
        FlowDriver made = new FlowDriver(
                listening.engine(),
                home,
                listening.engine().transports(),
                driver -> listening.arrivals().arriving(driver, endpoint));
        coming = made;
        return made;
    }

    @Override
    public void opened(Flow flow) {
        FlowDriver made = coming;
        coming = null;
        if (made == null || flow.host() != made) {
            throw new IllegalStateException("a flow without its host");
        }
        made.drives(flow);
    }

    @Override
    public void attach(Flow flow, Attachment attachment, long now) {
        ((FlowDriver) flow.host()).attach(attachment, home);
    }

    @Override
    public void proved(Acceptance acceptance) {
        Handshake handshake = open.get(acceptance);
        if (handshake != null) {
            handshake.among.leave(handshake);
            handshake.among = listening.known();
            handshake.among.enter(handshake);
        }
    }

    @Override
    public void over(Acceptance acceptance) {
        Handshake handshake = open.remove(acceptance);
        if (handshake != null) {
            handshake.timer.cancel();
            handshake.among.leave(handshake);
        }
    }
}
