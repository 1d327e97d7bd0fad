// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.HandshakeRefusal;
import io.rendr.PathSpec;
import io.rendr.engine.flow.Acceptance;
import io.rendr.engine.flow.Acceptances;
import io.rendr.engine.flow.Attachment;
import io.rendr.engine.flow.CarrierPort;
import io.rendr.engine.flow.Flow;
import io.rendr.engine.flow.FlowHost;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.spi.ChannelSecurity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The handshakes of carriers that came in by one endpoint and live on one loop. Used on that loop only. */
final class Handshakes implements Acceptances.Host {
    private static final CloseReason CLOSED = CloseReason.of(CloseReason.Kind.LOCAL, "the acceptor was closed");
    private static final CloseReason TOO_MANY =
            CloseReason.of(CloseReason.Kind.EXHAUSTED, "too many handshakes are open, and this is the oldest");

    private static final CloseReason OVER_LIMIT =
            CloseReason.of(CloseReason.Kind.EXHAUSTED, "the source begins too many handshakes that prove nothing");

    private final Listening listening;
    private final PathSpec endpoint;
    private final HomeLoop home;
    private final Doorkeeper door;
    private final Acceptances shared;
    private final Map<Acceptance, Handshake> open = new HashMap<>();
    private @Nullable FlowDriver coming;

    Handshakes(Listening listening, PathSpec endpoint, HomeLoop home) {
        this.listening = listening;
        this.endpoint = endpoint;
        this.home = home;
        this.door = listening.engine().door();
        this.shared = new Acceptances(
                listening.engine().instance(),
                listening.settings(),
                endpoint,
                listening.engine().table(),
                listening.limits().timeout(),
                this);
    }

    /** Starts the handshake on a new carrier; as a turn. */
    void begin(CarrierPort port) {
        if (!listening.isOpen()) {
            port.close(CLOSED);
            return;
        }
        Handshake handshake = new Handshake(port);
        open.put(handshake.acceptance, handshake);
        handshake.timer.wakeAt(handshake.acceptance.deadline());
        door.began();
        listening.strangers().enter(handshake);
        if (!handshake.counted && port.security() != ChannelSecurity.NONE) {
            // The transport has a handshake to do, which costs about as much as ours and tells nobody's key.
            handshake.acceptance.giveUp(OVER_LIMIT, HandshakeRefusal.SOURCE_LIMIT);
        }
    }

    /** One of them. */
    private final class Handshake implements Newcomers.Guest {
        private final Acceptance acceptance;
        private final FlowTimer timer;
        private final Object source;

        /** Whether the source's limit has this handshake on its account; else the source has used its share up. */
        private final boolean counted;

        private Newcomers among = listening.strangers();
        private CryptoBudget.@Nullable Account cost;

        Handshake(CarrierPort port) {
            this.source = Sources.of(port.remoteAddress());
            this.counted = listening.sources().take(source, Clock.now());
            this.acceptance = new Acceptance(shared, port, Clock.now());
            this.timer = new FlowTimer(home, () -> acceptance.onTimer(Clock.now()));
        }

        @Override
        public Object source() {
            return source;
        }

        @Override
        public void evict(Newcomers from) {
            try {
                home.run(() -> {
                    if (among == from) {
                        acceptance.giveUp(TOO_MANY, HandshakeRefusal.DISPLACED);
                    }
                });
            } catch (RejectedExecutionException e) {
                // That loop has ended, and its carriers with it.
                return;
            }
        }

        private boolean isKnown() {
            return among == listening.known();
        }

        private CryptoBudget budget() {
            return isKnown() ? door.known() : door.strangers();
        }

        private void confirmed() {
            door.confirmed();
            if (counted) {
                listening.sources().giveBack(source, Clock.now());
            }
            if (cost != null) {
                cost.giveBack();
            }
        }
    }

    /** Ends all of them; as a turn. */
    void close() {
        List.copyOf(open.keySet()).forEach(acceptance -> acceptance.giveUp(CLOSED, HandshakeRefusal.SHUTTING_DOWN));
    }

    @Override
    public boolean accepting() {
        return listening.isOpen();
    }

    @Override
    public FlowHost flowHost(FlowKind kind, CarrierPort first) {
        FlowDriver made = new FlowDriver(
                listening.engine(),
                home,
                listening.engine().transports(),
                driver -> listening.arrivals().arriving(kind, driver, endpoint));
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

    private Handshake handshake(Acceptance acceptance) {
        return Objects.requireNonNull(open.get(acceptance), "an acceptance that is not over");
    }

    @Override
    public void proved(Acceptance acceptance) {
        Handshake handshake = handshake(acceptance);
        handshake.among.leave(handshake);
        handshake.among = listening.known();
        handshake.among.enter(handshake);
    }

    @Override
    public @Nullable HandshakeRefusal overLimit(Acceptance acceptance) {
        Handshake handshake = handshake(acceptance);
        if (!handshake.isKnown() && !handshake.counted) {
            return HandshakeRefusal.SOURCE_LIMIT;
        }
        return handshake.budget().hasSome() ? null : HandshakeRefusal.CPU_LIMIT;
    }

    @Override
    public KeyAgreement keyAgreement(Acceptance acceptance, KeyAgreement plain) {
        Handshake handshake = handshake(acceptance);
        CryptoBudget.Account cost = handshake.budget().new Account(plain);
        handshake.cost = cost;
        return cost;
    }

    @Override
    public void over(Acceptance acceptance, @Nullable HandshakeRefusal refusal) {
        Handshake handshake = handshake(acceptance);
        open.remove(acceptance);
        handshake.timer.cancel();
        handshake.among.leave(handshake);
        if (refusal == null) {
            handshake.confirmed();
        } else {
            door.refused(refusal, handshake.source);
        }
    }
}
