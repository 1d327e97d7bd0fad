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
import org.jspecify.annotations.Nullable;

/** The handshakes of carriers that came in by one endpoint and live on one loop. Used on that loop only. */
final class Handshakes implements Acceptances.Host {
    private final Listening listening;
    private final PathSpec endpoint;
    private final HomeLoop home;
    private final Acceptances shared;
    private final Map<Acceptance, FlowTimer> open = new HashMap<>();
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
        if (!listening.isOpen() || !listening.takeSlot()) {
            port.close(CloseReason.of(CloseReason.Kind.EXHAUSTED, "too many handshakes are open"));
            return;
        }
        Acceptance acceptance = new Acceptance(shared, port, Clock.now());
        FlowTimer timer = new FlowTimer(home, () -> acceptance.onTimer(Clock.now()));
        open.put(acceptance, timer);
        timer.wakeAt(acceptance.deadline());
    }

    /** Ends all of them; as a turn. */
    void close() {
        CloseReason why = CloseReason.of(CloseReason.Kind.LOCAL, "the acceptor was closed");
        List.copyOf(open.keySet()).forEach(acceptance -> acceptance.port().close(why));
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
    public void over(Acceptance acceptance) {
        FlowTimer timer = open.remove(acceptance);
        if (timer != null) {
            timer.cancel();
            listening.giveSlot();
        }
    }
}
