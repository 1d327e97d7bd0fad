// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.FlowId;
import io.rendr.InstanceId;
import io.rendr.PathFailure;
import io.rendr.PathSpec;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.keys.DialerHandshake;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.HandshakeReader;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first dial of a flow. Attempts start 250 ms apart over the paths in their order, sooner when one fails (in the
 * manner of RFC 8305); each has a flow id of its own, the first one confirmed wins and the others are dropped. A peer that
 * is busy and says for how long is asked again.
 *
 * <p>The winner's path becomes the active one; the flow then dials its other paths itself.
 */
public final class Dialing {
    private static final long STAGGER = MILLISECONDS.toNanos(250);
    private static final int MOST_DAMAGED = 3;
    private static final int DAMAGED_PAUSE_MILLIS = 100;
    private static final CloseReason NO_ANSWER =
            CloseReason.of(CloseReason.Kind.TIMEOUT, "no answer to the handshake within the dial timeout");

    /** What a dial asks of whoever drives it. The rules of {@link FlowHost} hold. */
    public interface Host {
        /** Opens a carrier for a path; answered by {@link #connected} or {@link #connectFailed}, once. */
        void connect(int pathIndex, PathSpec spec);

        /** Gives up {@link #connect}; nothing is answered any more. */
        void cancelConnect(int pathIndex);

        /** Calls {@link #onTimer} at {@code nanos} or soon after; replaces the earlier request. */
        void wakeAt(long nanos);

        /** The host of the flow that is about to come into being. */
        FlowHost flowHost();

        /** A carrier is confirmed; whether the peer takes the flow is told to its host. The last call. */
        void established(Flow flow);

        /** No path led to the peer, or the peer said no. The last call. */
        void failed(RendrException why);
    }

    private final Instance instance;
    private final FlowSettings settings;
    private final Target target;
    private final @Nullable InstanceId expected;
    private final List<Attempt> attempts = new ArrayList<>();
    /** Backups come last: they carry nothing while another path answers. */
    private final List<Attempt> order = new ArrayList<>();

    private final Host host;
    private final FlowMemory memory;
    private final long deadline;
    private int started;
    private long nextStart;
    private boolean over;

    private Dialing(
            Instance instance,
            FlowSettings settings,
            Target target,
            @Nullable InstanceId expected,
            Host host,
            FlowMemory memory,
            long deadline) {
        this.instance = instance;
        this.settings = settings;
        this.expected = expected;
        this.host = host;
        this.memory = memory;
        this.deadline = deadline;
        this.target = target;
        for (Target.Path leaf : target.leaves()) {
            attempts.add(new Attempt(attempts.size(), leaf));
        }
        order.addAll(attempts);
        order.sort(Comparator.comparing(attempt -> attempt.leaf.spec().option(CommonOptions.BACKUP)));
    }

    /**
     * Prepares a dial.
     *
     * @param target the policy tree of the flow, whose paths are dialed in order
     * @param expected the only runtime to talk to; null for any
     * @param deadline when to give up
     * @return null when the memory budget has no room for another flow
     */
    public static @Nullable Dialing create(
            Instance instance,
            FlowSettings settings,
            Target target,
            @Nullable InstanceId expected,
            Host host,
            long deadline) {
        FlowMemory memory = FlowMemory.admit(instance.pool());
        return memory == null ? null : new Dialing(instance, settings, target, expected, host, memory, deadline);
    }

    public void start(long now) {
        startNext(now);
        arm();
    }

    private void startNext(long now) {
        if (started < order.size()) {
            nextStart = now + STAGGER;
            order.get(started++).begin();
        }
    }

    private void arm() {
        if (over) {
            return;
        }
        long at = started < attempts.size() ? Math.min(nextStart, deadline) : deadline;
        for (Attempt attempt : attempts) {
            at = Math.min(at, Math.min(attempt.againAt, attempt.repeats.at()));
        }
        host.wakeAt(at);
    }

    public void onTimer(long now) {
        if (over) {
            return;
        }
        if (now >= deadline) {
            for (Attempt attempt : attempts) {
                attempt.timedOut();
            }
            fail();
            return;
        }
        for (Attempt attempt : attempts) {
            if (now >= attempt.againAt) {
                attempt.begin();
            }
            if (attempt.repeats.isSpent(now)) {
                attempt.comeBack(NO_ANSWER, 1, now);
            } else {
                attempt.repeats.onTimer(now);
            }
        }
        if (now >= nextStart) {
            startNext(now);
        }
        arm();
    }

    public void connected(int pathIndex, CarrierPort port, long now) {
        attempts.get(pathIndex).connected(port, now);
    }

    public void connectFailed(int pathIndex, CloseReason why, long now) {
        Attempt attempt = attempts.get(pathIndex);
        attempt.connecting = false;
        attempt.failed(why, now);
    }

    /** Gives up: nothing is told any more, everything is released. */
    public void cancel() {
        if (!over) {
            end();
        }
    }

    private void end() {
        over = true;
        for (Attempt attempt : attempts) {
            attempt.drop(CloseReason.of(CloseReason.Kind.LOCAL, "another path was first, or the dial was cancelled"));
        }
        memory.close();
        host.wakeAt(Long.MAX_VALUE);
    }

    private void fail() {
        List<PathFailure> failures = new ArrayList<>();
        for (Attempt attempt : attempts) {
            CloseReason why = attempt.failure;
            failures.add(new PathFailure(
                    attempt.leaf.name(),
                    attempt.leaf.spec(),
                    null,
                    why == null ? CloseReason.of(CloseReason.Kind.TIMEOUT, "not tried before the deadline") : why));
        }
        end();
        host.failed(Failures.dialFailed(failures));
    }

    private void succeed(Attempt winner, CarrierPort port, Established established, ByteBuf rest, long rtt, long now) {
        over = true;
        for (Attempt attempt : attempts) {
            if (attempt != winner) {
                attempt.drop(CloseReason.of(CloseReason.Kind.LOCAL, "another path was first"));
            }
        }
        host.wakeAt(Long.MAX_VALUE);
        Flow flow = Flow.dialed(instance, settings, established, memory, target, host.flowHost(), now);
        host.established(flow);
        flow.attach(new Attachment(winner.index, 0, winner.leaf.spec(), port, established.keys(), rest, rtt), now);
        // The carrier may have no room left for a batch that would take the CONFIRM along.
        port.flush();
    }

    /** One path's connect and handshake. */
    private final class Attempt implements CarrierEvents {
        private final int index;
        private final Target.Path leaf;
        private HandshakeReader reader = new HandshakeReader();
        private boolean connecting;
        private @Nullable CarrierPort port;
        private @Nullable DialerHandshake handshake;
        private @Nullable CloseReason failure;
        private @Nullable CloseReason busy;
        private long againAt = Long.MAX_VALUE;
        private long askedAt;
        private final Repeats repeats = new Repeats(Repeats.FIRST);
        private int damaged;

        Attempt(int index, Target.Path leaf) {
            this.index = index;
            this.leaf = leaf;
        }

        void begin() {
            againAt = Long.MAX_VALUE;
            connecting = true;
            host.connect(index, leaf.spec());
        }

        void connected(CarrierPort carrier, long now) {
            connecting = false;
            if (over || failure != null) {
                carrier.close(CloseReason.of(CloseReason.Kind.LOCAL, "no longer wanted"));
                return;
            }
            port = carrier;
            CloseReason unfit = Sealing.unfit(settings.protection(), carrier);
            if (unfit != null) {
                failed(unfit, now);
                return;
            }
            askedAt = now;
            FlowOffer offer = new FlowOffer(
                    settings.kind(),
                    settings.protection(),
                    Sealing.neededIfProtected(carrier.security(), leaf.spec()),
                    new FlowId(instance.random().nextLong(), instance.random().nextLong()),
                    instance.id(),
                    index,
                    memory.receive().limit(),
                    (int) (settings.migrationBudget() / 1_000_000),
                    (int) (settings.repairTtl() / 1_000_000),
                    settings.maxPacket(),
                    carrier.connectionId());
            DialerHandshake asked = new DialerHandshake(
                    offer,
                    instance.psks().isEmpty() ? null : instance.psks().get(0),
                    expected,
                    carrier.leastMessage(),
                    instance.keyAgreement(),
                    instance.entropy(32));
            handshake = asked;
            carrier.events(this);
            carrier.write(Unpooled.wrappedBuffer(asked.hello()));
            carrier.flush();
            asked(carrier, now);
        }

        /** A message went out that the peer has to answer. */
        private void asked(CarrierPort carrier, long now) {
            askedAt = now;
            repeats.sent(carrier, now);
            arm();
        }

        @Override
        public void received(ByteBuf bytes, long now) {
            CarrierPort carrier = port;
            DialerHandshake asked = handshake;
            if (carrier == null || asked == null || over) {
                return;
            }
            try {
                byte[] message = reader.read(bytes);
                if (message == null) {
                    return;
                }
                byte[] answer = asked.receive(message);
                Established established = asked.established();
                if (established != null) {
                    carrier.peerConnectionId(established.answer().cid());
                }
                carrier.write(Unpooled.wrappedBuffer(answer));
                if (established == null) {
                    carrier.flush();
                    asked(carrier, now);
                } else {
                    port = null;
                    repeats.stop();
                    long rtt = repeats.isAmbiguous() ? Attachment.UNMEASURED : now - askedAt;
                    succeed(this, carrier, established, bytes, rtt, now);
                }
            } catch (HandshakeFailure e) {
                CloseReason why = Failures.told(e, leaf.spec());
                if (e.byPeer() && e.code() == RefuseCode.BUSY && e.a() > 0) {
                    comeBack(why, e.a(), now);
                } else if (carrier instanceof PacketPort && !e.authenticated() && damaged++ < MOST_DAMAGED) {
                    // What was asked or answered may have been spoilt on its way, or be somebody else's answer.
                    comeBack(why, DAMAGED_PAUSE_MILLIS, now);
                } else {
                    failed(why, now);
                }
            } catch (WireException e) {
                failed(Failures.told(e, leaf.spec()), now);
            }
        }

        @Override
        public void readComplete(long now) {
            // Every message is answered when it is complete.
        }

        @Override
        public void writable(long now) {
            // A handshake fits any carrier's first credit.
        }

        @Override
        public void closed(CloseReason why, long now) {
            if (port != null) {
                failed(why, now);
            }
        }

        /** A limit of the peer was in the way, and it named a time. Not all who were told so come at once. */
        private void comeBack(CloseReason why, int millis, long now) {
            long wait = MILLISECONDS.toNanos(millis);
            long at = now + wait + instance.random().nextLong(wait / 2 + 1);
            if (at >= deadline) {
                failed(why, now);
                return;
            }
            letGo(why);
            handshake = null;
            reader = new HandshakeReader();
            busy = why;
            againAt = at;
            startNext(now);
            arm();
        }

        void timedOut() {
            drop(busy != null ? busy : CloseReason.of(CloseReason.Kind.TIMEOUT, "no answer within the dial timeout"));
        }

        void failed(CloseReason why, long now) {
            if (over || failure != null) {
                return;
            }
            drop(why);
            boolean last = started == order.size() && attempts.stream().allMatch(attempt -> attempt.failure != null);
            if (last) {
                fail();
            } else {
                startNext(now);
                arm();
            }
        }

        void drop(CloseReason why) {
            if (failure == null) {
                failure = why;
            }
            againAt = Long.MAX_VALUE;
            letGo(why);
        }

        private void letGo(CloseReason why) {
            if (connecting) {
                connecting = false;
                host.cancelConnect(index);
            }
            CarrierPort carrier = port;
            port = null;
            repeats.stop();
            if (carrier != null) {
                carrier.close(why);
            }
            if (handshake != null && handshake.established() == null) {
                handshake.destroy();
            }
        }
    }
}
