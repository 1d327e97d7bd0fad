// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.CommonOptions;
import io.rendr.FlowAbortedException;
import io.rendr.FlowId;
import io.rendr.InstanceId;
import io.rendr.LastPathException;
import io.rendr.MigrationBudgetExceededException;
import io.rendr.MigrationCause;
import io.rendr.PathFailure;
import io.rendr.PathSpec;
import io.rendr.PathUnavailableException;
import io.rendr.PeerRestartedException;
import io.rendr.Protection;
import io.rendr.QualityPolicy;
import io.rendr.RendrException;
import io.rendr.ResendCause;
import io.rendr.ZombiePeerException;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.FlowSecrets;
import io.rendr.engine.keys.HandshakeFailure;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.engine.memory.SendBuffer;
import io.rendr.engine.policy.Leaf;
import io.rendr.engine.policy.Range;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.AckView;
import io.rendr.engine.wire.Frames;
import io.rendr.engine.wire.Info;
import io.rendr.engine.wire.Policy;
import io.rendr.engine.wire.RefuseCode;
import io.rendr.engine.wire.WireException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One stream flow at one end: owns the parts, says in which order they act, and is what drivers and applications talk
 * to.
 *
 * <p>Every event ends in {@link #settle}: silence is judged, a path chosen, acknowledgements marked, carriers with room
 * filled, the timer set. All methods need the flow's exclusion, except where they say «any thread».
 */
public final class Flow {
    private static final long LATE = MILLISECONDS.toNanos(50);
    private static final long POISON_WINDOW = SECONDS.toNanos(60);
    private static final int POISON_LIMIT = 3;
    private static final int RESTART_ANSWERS = 2;

    private final Instance instance;
    private final FlowSettings settings;
    private final Established established;
    private final boolean dialer;
    private final FlowHost host;
    private final FlowMemory memory;
    private final Counters counters = new Counters();
    private final Slots slots = new Slots();
    private final StreamSender sender;
    private final StreamReceiver receiver;
    private final FlowPaths paths;
    private final FlowPolicy policy;
    private final Failover failover;
    private final Closing closing;
    private final Hold hold;
    private final ZombieGuard zombies;
    private final Keepalive keepalive;
    private final long[] poisonedAt = new long[POISON_LIMIT];
    private int poisoned;
    private @Nullable Info peerInfo;
    private @Nullable String pskId;
    private int blockedTurn;
    private MigrationCause wishCause = MigrationCause.QUALITY;
    private long armedAt = Long.MAX_VALUE;
    private boolean settling;

    private Flow(
            Instance instance,
            FlowSettings settings,
            Established established,
            boolean dialer,
            FlowMemory memory,
            List<Dialing.Plan> plans,
            FlowHost host,
            long now) {
        this.instance = instance;
        this.settings = settings;
        this.established = established;
        this.dialer = dialer;
        this.memory = memory;
        this.host = host;
        long peerCredit =
                dialer ? established.answer().credit() : established.offer().credit();
        sender = new StreamSender(memory, peerCredit, slots, now);
        receiver = new StreamReceiver(memory, counters, slots, now);
        closing = new Closing(this, slots);
        slots.add(new Slot.Value() {
                    @Override
                    public int size() {
                        return Frames.MAX_INFO;
                    }

                    @Override
                    public void write(ByteBuf out) {
                        Frames.info(out, introduction());
                    }
                })
                .touch();
        paths = new FlowPaths(this);
        List<Leaf> leaves = new ArrayList<>();
        for (int i = 0; i < plans.size(); i++) {
            Dialing.Plan plan = plans.get(i);
            leaves.add(new Leaf(plan.name(), i, plan.backup()));
            FlowPath path = paths.create(i, plan.name(), plan.backup(), plan.spec(), now);
            path.redialer(new Redialer(this, path));
        }
        policy = new FlowPolicy(sender, leaves, settings.quality(), dialer, slots);
        failover = new Failover(this);
        hold = new Hold(MILLISECONDS.toNanos(established.answer().budgetMillis()), dialer);
        zombies = new ZombieGuard(settings.zombieMaxMigrations(), settings.zombieCooldown());
        keepalive = new Keepalive(this, now);
    }

    static Flow dialed(
            Instance instance,
            FlowSettings settings,
            Established established,
            FlowMemory memory,
            List<Dialing.Plan> plans,
            FlowHost host,
            long now) {
        return new Flow(instance, settings, established, true, memory, plans, host, now);
    }

    static Flow accepted(
            Instance instance,
            FlowSettings settings,
            Established established,
            @Nullable String pskId,
            FlowMemory memory,
            FlowHost host,
            long now) {
        Flow flow = new Flow(instance, settings, established, false, memory, List.of(), host, now);
        flow.pskId = pskId;
        return flow;
    }

    private Info introduction() {
        return new Info(
                instance.kind(),
                instance.capabilities(),
                instance.version(),
                closing.isOpen() ? settings.metadata() : Map.of());
    }

    // ---- identity

    public FlowId id() {
        return established.offer().flow();
    }

    public boolean isDialer() {
        return dialer;
    }

    /** The runtime at the other end. */
    public InstanceId peer() {
        return dialer ? established.answer().instance() : established.offer().instance();
    }

    public Protection protection() {
        return established.answer().protection();
    }

    public FlowHost host() {
        return host;
    }

    /** What the application appends to, from any thread. */
    public SendBuffer sendBuffer() {
        return memory.send();
    }

    /** What the application reads from, from any thread. */
    public ReceiveBuffer receiveBuffer() {
        return memory.receive();
    }

    /** Of the pre-shared key that the dialer proved to know; null if none was used, or at the dialing end. */
    public @Nullable String pskId() {
        return pskId;
    }

    /** What the peer told about itself; null before {@link FlowHost#introduced}. */
    public @Nullable Info peerInfo() {
        return peerInfo;
    }

    // ---- from the driver

    /** Answers {@link FlowHost#connect}: a raw carrier is there, on which this flow attaches itself. */
    public void connected(int pathId, CarrierPort port, long now) {
        FlowPath path = paths.find(pathId);
        Redialer redialer = path == null ? null : path.redialer();
        if (redialer == null) {
            port.close(CloseReason.of(CloseReason.Kind.LOCAL, "the path was removed"));
        } else {
            redialer.connected(port, now);
            settle(now);
        }
    }

    /** Answers {@link FlowHost#connect}: there is no carrier. */
    public void connectFailed(int pathId, CloseReason why, long now) {
        FlowPath path = paths.find(pathId);
        Redialer redialer = path == null ? null : path.redialer();
        if (redialer != null) {
            redialer.connectFailed(why, now);
            strangersMaySpeak(now);
            settle(now);
        }
    }

    /** Takes a carrier whose handshake is done. */
    public void attach(Attachment attachment, long now) {
        FlowPath path = paths.find(attachment.pathId());
        boolean stale = path != null && (path.isRemoved() || !dialer && attachment.carrierNo() <= path.lastCarrierNo());
        boolean unwanted = path == null
                && (dialer || paths.inUse() >= FlowPaths.MAX_PATHS || paths.wasRemoved(attachment.pathId()));
        if (stale || unwanted || closing.isReleased()) {
            attachment.keys().destroy();
            attachment.port().close(CloseReason.of(CloseReason.Kind.LOCAL, "the carrier comes too late"));
            return;
        }
        if (path == null) {
            path = paths.create(attachment.pathId(), "", false, attachment.spec(), now);
            policy.add(path);
            policy.describe(path);
        }
        path.rtt().sample(attachment.rtt());
        Link link = paths.attach(path, attachment.carrierNo(), attachment, now);
        link.received(attachment.rest(), now);
        settle(now);
    }

    /** The time given to {@link FlowHost#wakeAt} has come. */
    public void onTimer(long now) {
        long late = now - armedAt;
        armedAt = Long.MAX_VALUE;
        if (late > LATE) {
            for (FlowPath path : paths.all()) {
                Link link = path.link();
                if (link != null) {
                    link.health().excuse(late, now);
                }
            }
        }
        settle(now);
    }

    // ---- from the application

    /** Bytes were appended to {@link #sendBuffer}. */
    public void written(long now) {
        keepalive.wrote(now);
        settle(now);
    }

    /** Bytes were read from {@link #receiveBuffer}. */
    public void consumed(long now) {
        receiver.consumed(paths.longestRtt(), now);
        settle(now);
    }

    /** Whether everything up to the end of the stream was read: the next read returns -1. Any thread. */
    public boolean isAtEnd() {
        return receiver.atEnd();
    }

    /** The application was told that the stream ended. */
    public void sawEnd(long now) {
        receiver.sawEnd();
        settle(now);
    }

    /** Whether writes fail, because the output was shut or the peer reads no more. Any thread. */
    public boolean isWriteStopped() {
        return closing.isWriteStopped();
    }

    /** Whether the peer's application has read everything up to the end of the stream. Any thread. */
    public boolean isOutputConsumed() {
        return sender.isFinished();
    }

    public void shutdownOutput(long now) {
        closing.shutdownOutput();
        settle(now);
    }

    public void shutdownInput(long now) {
        closing.shutdownInput();
        settle(now);
    }

    /** Ends both directions: the tail is delivered in the background, nothing more is read. */
    public void close(long now) {
        closing.close(now);
        settle(now);
    }

    /** Ends the flow at once, on both sides. */
    public void abort(int code, long now) {
        closing.abort(
                code,
                CloseReason.of(CloseReason.Kind.LOCAL, "aborted here, code " + code),
                new FlowAbortedException(id(), code, false),
                now);
        settle(now);
    }

    /** The application will never read again: all memory may go when the flow ends. */
    public void detachApplication() {
        closing.detach();
    }

    /** Admission took the flow. */
    public void accept(long now) {
        closing.accept();
        settle(now);
    }

    /** Admission refused the flow: a code as in {@link io.rendr.FlowRefusedException}. */
    public void refuse(int code, long now) {
        int told = AbortCode.refused(code);
        closing.abort(
                told,
                CloseReason.of(CloseReason.Kind.REJECTED, "refused here, code " + code),
                new FlowAbortedException(id(), told, false),
                now);
        settle(now);
    }

    /** Moves the flow to a path once that has answered a probe. */
    public void migrate(int pathId, Outcome outcome, long now) {
        FlowPath path = paths.find(pathId);
        if (path == null || path.isRemoved()) {
            outcome.failed(unknownPath(pathId));
            return;
        }
        failover.request(path, outcome, now);
        settle(now);
    }

    /** Adds a path and dials it; the outcome is that of the first attempt. The dialing end only. */
    public void addPath(PathSpec spec, String name, Outcome outcome, long now) {
        if (!dialer) {
            outcome.failed(new RendrException(
                    id(), "only the end that dialed adds paths; ask the peer's application to add " + spec, null));
            return;
        }
        if (paths.inUse() >= FlowPaths.MAX_PATHS || !closing.isOpen()) {
            outcome.failed(new RendrException(
                    id(),
                    closing.isOpen()
                            ? "a flow has at most " + FlowPaths.MAX_PATHS + " paths; remove one first"
                            : "the flow is over",
                    null));
            return;
        }
        FlowPath path = paths.create(paths.nextId(), name, spec.option(CommonOptions.BACKUP), spec, now);
        Redialer redialer = new Redialer(this, path);
        path.redialer(redialer);
        redialer.reportFirst(new Outcome() {
            @Override
            public void done(int pathId) {
                outcome.done(pathId);
            }

            @Override
            public void failed(IOException cause) {
                paths.remove(path, false, now);
                outcome.failed(cause);
            }
        });
        policy.add(path);
        settle(now);
    }

    /** Takes a path out of use; its carrier drains. */
    public void removePath(int pathId, Outcome outcome, long now) {
        FlowPath path = paths.find(pathId);
        if (path == null || path.isRemoved()) {
            outcome.failed(unknownPath(pathId));
        } else if (paths.inUse() == 1) {
            outcome.failed(new LastPathException(id(), path.name()));
        } else {
            paths.remove(path, true, now);
            outcome.done(pathId);
            settle(now);
        }
    }

    private RendrException unknownPath(int pathId) {
        StringBuilder known = new StringBuilder();
        paths.all()
                .forEach(path -> known.append(known.length() == 0 ? "" : ", ").append(path.id()));
        return new RendrException(id(), "there is no path " + pathId + "; the flow has " + known, null);
    }

    /** Arms or disarms quality: whether a better score alone may move the flow. The dialing end only. */
    public void quality(@Nullable QualityPolicy quality, long now) {
        policy.quality(quality);
        settle(now);
    }

    /** What may move the flow when quality is armed; null if it is not. */
    public @Nullable QualityPolicy quality() {
        return policy.quality();
    }

    /** Probes every path and dials missing ones now. */
    public void networkChanged(long now) {
        for (FlowPath path : paths.all()) {
            Link link = path.link();
            if (link != null) {
                link.health().probe();
            }
            Redialer redialer = path.redialer();
            if (redialer != null) {
                redialer.hurry(now);
            }
        }
        settle(now);
    }

    // ---- snapshots

    /** The path that carries what is sent; -1 if there is none. */
    public int activePath() {
        return policy.active();
    }

    public List<FlowPath> pathList() {
        return List.copyOf(paths.all());
    }

    public Counters counters() {
        return counters;
    }

    /** Whether no path answers and the migration budget runs. */
    public boolean isHeld() {
        return hold.isHeld();
    }

    /** Whether the peer's application took the flow, or this end's did. */
    public boolean isEstablished() {
        return !closing.isHandshaking();
    }

    /** Whether the flow is over for the application. */
    public boolean isOver() {
        return !closing.isOpen();
    }

    /** Whether this end closed the flow. */
    public boolean isClosing() {
        return closing.isCloseAsked();
    }

    /** Payload bytes that the peer does not hold yet. */
    public long sendQueued() {
        return sender.queued();
    }

    /** The offset up to which the peer granted room. */
    public long sendLimit() {
        return sender.limit();
    }

    /** The offset up to which payload was sent. */
    public long highestSent() {
        return sender.highestSent();
    }

    /** The offset up to which the peer acknowledged. */
    public long acknowledged() {
        return sender.cum();
    }

    // ---- what the parts of the flow share

    Instance instance() {
        return instance;
    }

    FlowSettings settings() {
        return settings;
    }

    FlowSecrets secrets() {
        return established.secrets();
    }

    FlowMemory memory() {
        return memory;
    }

    Slots slots() {
        return slots;
    }

    StreamSender sender() {
        return sender;
    }

    StreamReceiver receiver() {
        return receiver;
    }

    FlowPaths paths() {
        return paths;
    }

    FlowPolicy policy() {
        return policy;
    }

    Failover failover() {
        return failover;
    }

    Closing closing() {
        return closing;
    }

    Hold hold() {
        return hold;
    }

    boolean carriesPayload() {
        return closing.carriesPayload();
    }

    boolean wantsCarriers() {
        return closing.wantsCarriers();
    }

    int endCode() {
        return closing.code();
    }

    /** Whether payload moved within the last 10 s. */
    boolean isBusy(long now) {
        return keepalive.isBusy(now);
    }

    MigrationCause wishCause() {
        return wishCause;
    }

    PathUnavailableException unavailable(FlowPath path, @Nullable CloseReason why) {
        return unavailable(path, why == null ? "it has no carrier" : why.toString());
    }

    PathUnavailableException unavailable(FlowPath path, String why) {
        return new PathUnavailableException(id(), path.id() + " (" + path.spec() + ")", why, null);
    }

    // ---- what carriers report

    void data(Link from, long offset, ByteBuf bytes, int index, int length, boolean fin) {
        if (closing.isOpen()) {
            keepalive.moved(from.now());
            receiver.data(from, offset, bytes, index, length, fin, from.now());
        }
    }

    void acknowledged(AckView ack, long now) {
        long waited = now - sender.lastProgressAt();
        boolean outstanding = sender.hasOutstanding();
        if (sender.acknowledged(ack, now)) {
            if (outstanding) {
                counters.longestGap = Math.max(counters.longestGap, waited);
            }
            keepalive.moved(now);
            zombies.progress();
        }
        host.writable();
    }

    void peerBlocked() {
        receiver.blocked();
    }

    void creditReturned(int returns, long limit) {
        receiver.creditReturned(returns, limit);
    }

    void peerInfo(Info info) {
        boolean first = peerInfo == null;
        peerInfo = info;
        if (first) {
            host.introduced();
        }
    }

    void peerPolicy(Policy told, long now) {
        if (!policy.follow(told)) {
            return;
        }
        wishCause = told.cause();
        paths.all().forEach(policy::describe);
        failover.choose(now);
        wishCause = MigrationCause.QUALITY;
    }

    void peerPathState(int pathId, int carrierNo, int state, long now) {
        FlowPath path = paths.find(pathId);
        Link link = path == null ? null : path.link();
        if (link == null || link.carrierNo() != carrierNo) {
            return;
        }
        if (state == Frames.PATH_DEAD) {
            paths.drop(
                    link,
                    CloseReason.of(CloseReason.Kind.TIMEOUT, "the peer found the carrier dead"),
                    ResendCause.DEATH,
                    now);
        } else if (state == Frames.PATH_SUSPECT) {
            link.health().probe();
        }
    }

    void peerDetached(int pathId, long now) {
        FlowPath path = paths.find(pathId);
        if (path != null && paths.inUse() > 1) {
            paths.remove(path, false, now);
        }
    }

    void carrierClosed(Link link, CloseReason why, long now) {
        closing.carrierClosed(link, why);
        paths.drop(link, why, ResendCause.DEATH, now);
    }

    /** A carrier broke the protocol: it ends, the flow does not, unless that happens again and again. */
    void protocolError(Link link, WireException why, long now) {
        counters.protocolErrors++;
        paths.drop(link, Failures.reason(why), ResendCause.DEATH, now);
        long oldest = poisonedAt[poisoned % POISON_LIMIT];
        poisonedAt[poisoned % POISON_LIMIT] = now;
        if (++poisoned > POISON_LIMIT - 1 && (poisoned == POISON_LIMIT || now - oldest < POISON_WINDOW)) {
            String text = POISON_LIMIT + " carriers broke the protocol within 60 s, the last one: " + why.getMessage();
            closing.abort(
                    AbortCode.PROTOCOL,
                    CloseReason.of(CloseReason.Kind.PROTOCOL, text),
                    new RendrException(id(), text, why),
                    now);
        }
    }

    /** An acceptor refused an ATTACH of this flow. */
    void attachRefused(FlowPath path, HandshakeFailure refusal, long now) {
        if (refusal.code() == RefuseCode.FLOW_ENDED && refusal.authenticated()) {
            closing.peerForgot(
                    new FlowAbortedException(id(), refusal.a(), true),
                    CloseReason.of(CloseReason.Kind.RESET, "the flow has ended at the peer"),
                    now);
        } else if (refusal.code() == RefuseCode.UNKNOWN_FLOW || refusal.code() == RefuseCode.WRONG_INSTANCE) {
            path.strangerAnswered(refusal.instance());
        }
    }

    /** Gives up early when the peer was restarted: no carrier lives, and every path that connects says so twice. */
    private void strangersMaySpeak(long now) {
        if (!dialer || paths.anyCarrier() || !closing.isOpen()) {
            return;
        }
        InstanceId found = null;
        for (FlowPath path : paths.all()) {
            if (path.strangerAnswers() >= RESTART_ANSWERS) {
                found = path.stranger();
            } else if (path.redialer() == null || !path.redialer().isUnreachable()) {
                return;
            }
        }
        if (found != null) {
            closing.end(
                    CloseReason.of(CloseReason.Kind.RESET, "the peer was restarted"),
                    new PeerRestartedException(id(), peer(), found),
                    now);
        }
    }

    void moved(FlowPath from, FlowPath to, MigrationCause cause, long now) {
        counters.migrated(cause);
        if (cause == MigrationCause.DEATH && sender.hasOutstanding()) {
            zombies.moved(to.rtt().rto(), now);
        }
        host.migrated(from.id(), to.id(), cause);
    }

    /** Notes a DATA frame that was handed to a carrier of {@code path}. */
    void dataSent(FlowPath path, Range range, int payload, long now) {
        path.sent(payload);
        keepalive.moved(now);
        if (sender.sent(range.end(), now)) {
            counters.bytesSent += payload;
            failover.sent(payload);
        } else {
            ResendCause cause = range.cause();
            counters.resent(cause == null ? ResendCause.RESCUE : cause, payload);
        }
    }

    boolean blockedDue(Link link, long now) {
        return closing.isOpen() && now >= sender.blockedAt(now) && paths.rotating(blockedTurn) == link;
    }

    void blockedSent(long now) {
        blockedTurn++;
        sender.blockedSent(now);
    }

    // ---- the end of every event

    void settle(long now) {
        if (settling || closing.isReleased()) {
            return;
        }
        settling = true;
        try {
            failover.judge(now);
            failover.choose(now);
            keepalive.onTimer(now);
            hold(now);
            closing.update(now);
            if (closing.isReleased()) {
                return;
            }
            if (receiver.hasNews()) {
                host.readable();
            }
            receiver.onTimer(now);
            sender.onTimer(now);
            paths.repairUnacknowledged(now);
            dial(now);
            paths.purge(now);
            for (int i = 0; i < paths.all().size(); i++) {
                Link link = paths.all().get(i).link();
                if (link != null) {
                    link.pump(now);
                }
            }
            if (!closing.isReleased()) {
                arm(now);
            }
        } finally {
            settling = false;
        }
    }

    private void hold(long now) {
        long lasted = hold.update(paths.anyAnswers(), now);
        counters.longestHold = Math.max(counters.longestHold, lasted);
        if (closing.isOpen() && now >= hold.deadline()) {
            List<PathFailure> failures = new ArrayList<>();
            for (FlowPath path : paths.all()) {
                CloseReason why = path.lastError();
                failures.add(new PathFailure(
                        path.name(),
                        path.spec(),
                        null,
                        why == null ? CloseReason.of(CloseReason.Kind.TIMEOUT, "no answer") : why));
            }
            closing.abort(
                    AbortCode.BUDGET_EXCEEDED,
                    CloseReason.of(CloseReason.Kind.TIMEOUT, "no path answered for the migration budget"),
                    new MigrationBudgetExceededException(id(), Duration.ofNanos(hold.budget()), failures),
                    now);
        }
        if (closing.isOpen() && zombies.isZombie(sender, now)) {
            closing.abort(
                    AbortCode.ZOMBIE,
                    CloseReason.of(CloseReason.Kind.TIMEOUT, "migrations brought no progress"),
                    new ZombiePeerException(id(), zombies.strikes()),
                    now);
        }
    }

    private void dial(long now) {
        for (int i = 0; i < paths.all().size(); i++) {
            Redialer redialer = paths.all().get(i).redialer();
            if (redialer != null) {
                redialer.onTimer(now);
            }
        }
        strangersMaySpeak(now);
    }

    private void arm(long now) {
        long at = Math.min(receiver.ackAt(), sender.returnAt());
        if (closing.isOpen()) {
            at = Math.min(at, Math.min(hold.deadline(), zombies.deadline()));
        }
        at = Math.min(at, Math.min(closing.deadline(), failover.deadline(now)));
        at = Math.min(at, Math.min(keepalive.deadline(), paths.unacknowledgedAt(now)));
        // A BLOCKED that is due already waits for a carrier with room.
        long blockedAt = sender.blockedAt(now);
        at = Math.min(at, blockedAt > now ? blockedAt : Long.MAX_VALUE);
        for (int i = 0; i < paths.all().size(); i++) {
            FlowPath path = paths.all().get(i);
            at = Math.min(at, path.drainUntil());
            Link link = path.link();
            if (link != null) {
                at = Math.min(at, link.deadline(now));
            }
            Redialer redialer = path.redialer();
            if (redialer != null) {
                at = Math.min(at, redialer.deadline());
            }
        }
        if (at < armedAt) {
            armedAt = at;
            host.wakeAt(at);
        }
    }

    @Override
    public String toString() {
        return "flow " + id();
    }
}
