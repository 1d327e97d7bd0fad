// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.rendr.CloseReason;
import io.rendr.FlowAbortedException;
import io.rendr.FlowId;
import io.rendr.FlowKind;
import io.rendr.InstanceId;
import io.rendr.Protection;
import io.rendr.QualityPolicy;
import io.rendr.Target;
import io.rendr.engine.keys.Established;
import io.rendr.engine.keys.FlowSecrets;
import io.rendr.engine.memory.FlowMemory;
import io.rendr.engine.memory.ReceiveBuffer;
import io.rendr.engine.memory.SendBuffer;
import io.rendr.engine.policy.Node;
import io.rendr.engine.wire.AbortCode;
import io.rendr.engine.wire.FlowOffer;
import io.rendr.engine.wire.Info;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One flow at one end: owns the parts, says in which order they act, and is what drivers and applications talk
 * to.
 *
 * <p>Every event ends in its {@link Settlement}. All methods need the flow's exclusion, except where they say «any thread».
 */
public final class Flow {
    private final Instance instance;
    private final FlowSettings settings;
    private final Established established;
    private final boolean dialer;
    private final FlowHost host;
    private final FlowMemory memory;
    private final Counters counters = new Counters();
    private final Slots slots = new Slots();
    private final Sender sender;
    private final Receiver receiver;
    private final FlowPaths paths;
    private final FlowPolicy policy;
    private final Reinjection reinjection;
    private final Suspicion suspicion;
    private final Failover failover;
    private final Closing closing;
    private final Hold hold;
    private final ZombieGuard zombies;
    private final Keepalive keepalive;
    private final Introduction introduction;
    private final Strangers strangers = new Strangers(this);
    private final FlowAdmin admin = new FlowAdmin(this);
    private final Reports reports = new Reports(this);
    private final FlowProgress progress;
    private @Nullable String pskId;
    private final Settlement settlement = new Settlement(this);

    private Flow(
            Instance instance,
            FlowSettings settings,
            Established established,
            boolean dialer,
            FlowMemory memory,
            @Nullable Target target,
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
        FlowOffer offer = established.offer();
        if (offer.kind() == FlowKind.PACKET) {
            long repairTtl = MILLISECONDS.toNanos(offer.repairTtlMillis());
            sender = new PacketSender(memory, peerCredit, repairTtl, counters, slots, now);
            receiver = new PacketReceiver(memory, established.answer().maxPacket(), counters, slots, now);
        } else {
            sender = new StreamSender(memory, peerCredit, slots, now);
            receiver = new StreamReceiver(memory, counters, slots, now);
        }
        progress = new FlowProgress(sender, receiver);
        closing = new Closing(this, slots);
        introduction = new Introduction(
                new Info(instance.kind(), instance.capabilities(), instance.version(), settings.metadata()),
                host,
                slots);
        paths = new FlowPaths(this);
        List<Target.Path> leaves = target == null ? List.of() : target.leaves();
        for (int i = 0; i < leaves.size(); i++) {
            FlowPath path = paths.create(i, leaves.get(i), now);
            path.redialer(new Redialer(this, path, now));
        }
        policy = new FlowPolicy(sender, paths, target, slots);
        reinjection = new Reinjection(this);
        suspicion = new Suspicion(this);
        failover = new Failover(this);
        hold = new Hold(budget(), dialer);
        zombies = new ZombieGuard(settings.zombieMaxMigrations(), settings.zombieCooldown());
        keepalive = new Keepalive(this, now);
    }

    static Flow dialed(
            Instance instance,
            FlowSettings settings,
            Established established,
            FlowMemory memory,
            Target target,
            FlowHost host,
            long now) {
        return new Flow(instance, settings, established, true, memory, target, host, now);
    }

    static Flow accepted(
            Instance instance,
            FlowSettings settings,
            Established established,
            @Nullable String pskId,
            FlowMemory memory,
            FlowHost host,
            long now) {
        Flow flow = new Flow(instance, settings, established, false, memory, null, host, now);
        flow.pskId = pskId;
        return flow;
    }

    // ---- identity

    public FlowId id() {
        return established.offer().flow();
    }

    public FlowKind kind() {
        return established.offer().kind();
    }

    /** The largest packet in bytes; 0 if this is a stream. */
    public int maxPacket() {
        return established.answer().maxPacket();
    }

    /** For how long a lost packet is worth repeating, in milliseconds. */
    public int repairTtlMillis() {
        return established.offer().repairTtlMillis();
    }

    /** The migration budget that both ends agreed on, in nanoseconds. */
    long budget() {
        return MILLISECONDS.toNanos(established.answer().budgetMillis());
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
        return introduction.peer();
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
            strangers.judge(now);
            settle(now);
        }
    }

    /** Takes a carrier whose handshake is done. */
    public void attach(Attachment attachment, long now) {
        FlowPath path = paths.find(attachment.pathId());
        boolean stale = path != null && (path.isRemoved() || !dialer && attachment.carrierNo() <= path.carrierNo());
        boolean unwanted = path == null
                && (dialer || paths.inUse() >= FlowPaths.MAX_PATHS || paths.wasRemoved(attachment.pathId()));
        if (stale || unwanted || closing.isReleased()) {
            attachment.keys().destroy();
            attachment.port().close(CloseReason.of(CloseReason.Kind.LOCAL, "the carrier comes too late"));
            return;
        }
        if (path == null) {
            path = paths.create(attachment.pathId(), "", false, attachment.spec(), now);
            policy.describe(path);
            policy.add(path);
            paths.prefer(policy.order());
        }
        path.seedRtt(attachment.rtt(), now);
        Link link = paths.attach(path, attachment.carrierNo(), attachment, now);
        link.received(attachment.rest(), now);
        settle(now);
    }

    /** The time given to {@link FlowHost#wakeAt} has come. */
    public void onTimer(long now) {
        settlement.timeUp(now);
    }

    /** Something was read, before anything is made of it. */
    void awake(long now) {
        settlement.awake(now);
    }

    // ---- from the application

    /** What can be asked of the paths. */
    public FlowAdmin admin() {
        return admin;
    }

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
        return sender.isRead();
    }

    /** Whether the peer's application left before it had read everything, so that it never will. Any thread. */
    public boolean isOutputRefused() {
        return sender.isStopped();
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

    /** What may move the flow when quality is armed; null if it is not. */
    public @Nullable QualityPolicy quality() {
        return policy.shownQuality();
    }

    // ---- snapshots

    /** The path that carries what is sent; -1 if there is none. */
    public int activePath() {
        return policy.active();
    }

    /** Whether a path is in use: every selector on the way to it has chosen the child that it belongs to. */
    public boolean carries(int pathId) {
        return policy.feeds(pathId);
    }

    /** The root of the policy tree, a group. */
    public Node policyRoot() {
        return policy.root();
    }

    /** How often children of bonds were passed over because they were stuck. */
    public long bondStuckSkips() {
        return policy.stuckSkips();
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

    /** How far it has come. */
    public FlowProgress progress() {
        return progress;
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

    Sender sender() {
        return sender;
    }

    Receiver receiver() {
        return receiver;
    }

    FlowPaths paths() {
        return paths;
    }

    FlowPolicy policy() {
        return policy;
    }

    Reinjection reinjection() {
        return reinjection;
    }

    Suspicion suspicion() {
        return suspicion;
    }

    ZombieGuard zombies() {
        return zombies;
    }

    Keepalive keepalive() {
        return keepalive;
    }

    Failover failover() {
        return failover;
    }

    Closing closing() {
        return closing;
    }

    Introduction introduction() {
        return introduction;
    }

    Strangers strangers() {
        return strangers;
    }

    Hold hold() {
        return hold;
    }

    Reports reports() {
        return reports;
    }

    void settle(long now) {
        settlement.settle(now);
    }

    @Override
    public String toString() {
        return "flow " + id();
    }
}
