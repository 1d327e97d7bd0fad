// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.buffer.ByteBuf;
import io.rendr.CloseReason;
import io.rendr.InstanceId;
import io.rendr.PathSpec;
import io.rendr.PathState;
import io.rendr.engine.path.Liveness;
import io.rendr.engine.path.Quality;
import io.rendr.engine.path.RttEstimator;
import io.rendr.engine.path.WindowedMin;
import io.rendr.engine.wire.Frames;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One route of a flow: what is known of it over the life of all its carriers, and the carrier it has now.
 *
 * <p>Written under the flow's exclusion.
 */
public final class FlowPath {
    private static final long RECENT = SECONDS.toNanos(10);

    private final int id;
    private String name;
    private boolean backup;
    private PathSpec spec;
    private final RttEstimator rtt = new RttEstimator();
    private final WindowedMin recentRtt = new WindowedMin(RECENT);
    private final Liveness liveness;
    private final Quality quality = new Quality();
    private final Slots slots;
    private final Slot stateSlot;
    private final Slot detachSlot;
    private @Nullable Link link;
    private @Nullable Redialer redialer;
    private boolean hadCarrier;
    /** Of the newest carrier that was attached. */
    private int carrierNo;

    /** Of the newest attempt to attach one. */
    private int attemptNo;

    private PathState state = PathState.CONNECTING;
    private long since;
    private long usableSince;
    private boolean removed;
    private long drainUntil = Long.MAX_VALUE;
    private @Nullable CloseReason lastError;
    private long rebinds;
    private @Nullable SocketAddress localAddress;
    private @Nullable SocketAddress remoteAddress;
    private int strangerAnswers;
    private @Nullable InstanceId stranger;
    private long bytesSent;
    private long bytesReceived;
    private long wireBytesSent;
    private long wireBytesReceived;
    private long duplicates;

    FlowPath(int id, String name, boolean backup, PathSpec spec, Slots slots, long budget, long now) {
        this.id = id;
        this.name = name;
        this.backup = backup;
        this.spec = spec;
        this.liveness = new Liveness(budget, now);
        this.since = now;
        this.usableSince = now;
        this.slots = slots;
        stateSlot = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return Frames.PATH_STATE;
            }

            @Override
            public void write(ByteBuf out) {
                Frames.pathState(out, FlowPath.this.id, carrierNo, wireState());
            }
        });
        detachSlot = slots.add(new Slot.Value() {
            @Override
            public int size() {
                return Frames.CODE;
            }

            @Override
            public void write(ByteBuf out) {
                Frames.detach(out, FlowPath.this.id);
            }
        });
    }

    private int wireState() {
        Link now = link;
        if (now == null) {
            return Frames.PATH_DEAD;
        }
        return now.health().isSuspect() ? Frames.PATH_SUSPECT : Frames.PATH_USABLE;
    }

    public int id() {
        return id;
    }

    public String name() {
        return name;
    }

    /** What people call the path: its name, or that of its spec while the peer has not told the name. */
    public String title() {
        return name.isEmpty() ? spec.name() : name;
    }

    public boolean isBackup() {
        return backup;
    }

    public PathSpec spec() {
        return spec;
    }

    public PathState state() {
        return state;
    }

    /** When the state last changed. */
    public long since() {
        return since;
    }

    public RttEstimator rtt() {
        return rtt;
    }

    /** The shortest answers to probes of late. */
    WindowedMin recentRtt() {
        return recentRtt;
    }

    public Quality quality() {
        return quality;
    }

    /** Why the last carrier or attempt failed. */
    public @Nullable CloseReason lastError() {
        return lastError;
    }

    /** Payload bytes handed to carriers of this path, repeated ones included. */
    public long bytesSent() {
        return bytesSent;
    }

    /** Payload bytes that arrived here for the first time. */
    public long bytesReceived() {
        return bytesReceived;
    }

    /** Frame bytes handed to carriers of this path. */
    public long wireBytesSent() {
        return wireBytesSent;
    }

    /** Frame bytes that arrived here. */
    public long wireBytesReceived() {
        return wireBytesReceived;
    }

    /** Payload bytes that arrived here after they had arrived elsewhere. */
    public long duplicates() {
        return duplicates;
    }

    /** The carrier, if there is one. */
    public @Nullable Link link() {
        return link;
    }

    /** Whether a carrier of this path was ever confirmed. */
    boolean hadCarrier() {
        return hadCarrier;
    }

    /** Where the carrier, or the last one, is at this end; null if there never was one or it has no address. */
    public @Nullable SocketAddress localAddress() {
        return localAddress;
    }

    /** Where the carrier, or the last one, leads to; null if there never was one or it has no address. */
    public @Nullable SocketAddress remoteAddress() {
        return remoteAddress;
    }

    Liveness liveness() {
        return liveness;
    }

    /** The number of the newest carrier that was attached. */
    int carrierNo() {
        return carrierNo;
    }

    /** The number of a further carrier that this end dials. */
    int nextCarrierNo() {
        return ++attemptNo;
    }

    /** What dials for this path; null at the accepting end. */
    @Nullable
    Redialer redialer() {
        return redialer;
    }

    /** Whether the path is in use and stays so even if it cannot be reached at first. */
    boolean isSettled() {
        Redialer dials = redialer;
        return !removed && (dials == null || !dials.isOnTrial());
    }

    void redialer(Redialer dialer) {
        redialer = dialer;
    }

    /** Tells the peer what this end sees of the carrier. */
    Slot stateSlot() {
        return stateSlot;
    }

    boolean isRemoved() {
        return removed;
    }

    /** Asks the peer, or tells it, to take the path out of use. */
    void askDetach() {
        detachSlot.touch();
    }

    /** Takes the path out of use; its carrier drains until then. */
    void remove(long until) {
        removed = true;
        drainUntil = until;
    }

    /** Until when the carrier of a removed path may drain; {@link Long#MAX_VALUE} if there is none to drain. */
    long drainUntil() {
        return link == null ? Long.MAX_VALUE : drainUntil;
    }

    /** Whether this end decided that the path goes, and the peer knows. */
    boolean isDetachKnown() {
        return detachSlot.isConfirmed();
    }

    /** Whether the peer has yet to hear that the path goes. */
    boolean isDetachPending() {
        return detachSlot.isSet() && !detachSlot.isConfirmed();
    }

    /** Forgets what the peer was told of the path. */
    void dropSlots() {
        slots.drop(stateSlot);
        slots.drop(detachSlot);
    }

    void link(@Nullable Link newLink) {
        link = newLink;
        if (newLink != null) {
            localAddress = newLink.port().localAddress();
            remoteAddress = newLink.port().remoteAddress();
            carrierNo = newLink.carrierNo();
            hadCarrier = true;
        }
    }

    /** An end of the carrier is at another address. */
    void rerouted(@Nullable SocketAddress local, @Nullable SocketAddress remote) {
        localAddress = local;
        remoteAddress = remote;
        rebinds++;
    }

    /** How often an end of its carriers went on from another address. */
    public long rebinds() {
        return rebinds;
    }

    /** Takes over what the dialer calls the path and what it is for. */
    void describe(String newName, boolean nowBackup) {
        name = newName;
        backup = nowBackup;
    }

    /** Takes over another text for the same place. */
    void spec(PathSpec same) {
        spec = same;
    }

    /** Whether new bytes may go this way: a carrier is there and not suspect. */
    boolean isUsable() {
        Link now = link;
        return now != null && now.isUsable() && !removed;
    }

    /** Since when the path has been usable without a break. */
    long usableSince() {
        return usableSince;
    }

    /** Sets the state; true if it is another one. */
    boolean state(PathState newState, long now) {
        if (state == newState) {
            return false;
        }
        if (!state.isUsable()) {
            usableSince = now;
        }
        state = newState;
        since = now;
        return true;
    }

    /** What other flows know of the route; null at the accepting end. */
    @Nullable
    PeerGroup group() {
        return redialer == null ? null : redialer.group();
    }

    /** The carrier fell silent or broke. */
    void carrierFailed(long now) {
        PeerGroup group = group();
        if (group != null) {
            group.failed(now);
        }
    }

    /** A probe was answered while little was in flight. */
    void measured(long roundTrip, long now) {
        quality.answered(roundTrip, now);
        PeerGroup group = group();
        if (group != null) {
            group.measured(roundTrip, now);
        }
    }

    /** A probe was answered too late or not at all. */
    void missed() {
        quality.missed();
        PeerGroup group = group();
        if (group != null) {
            group.missed();
        }
    }

    /** The flow was idle: others may know better how good the route is. */
    void refreshQuality() {
        PeerGroup group = group();
        if (group != null) {
            group.share(quality);
        }
    }

    /** Takes the round trip of the handshake that brought the first carrier, and what other flows know of the route. */
    void seedRtt(long handshake, long now) {
        PeerGroup group = group();
        if (group != null) {
            group.seed(rtt, handshake, now);
        } else if (handshake != Attachment.UNMEASURED) {
            rtt.seed(handshake);
        }
    }

    void failed(CloseReason why) {
        lastError = why;
    }

    /** Notes that another runtime than the peer answered on this path. */
    void strangerAnswered(@Nullable InstanceId who) {
        strangerAnswers++;
        stranger = who;
    }

    /** The peer answered on some path: whoever else did is of no account. */
    void forgetStrangers() {
        strangerAnswers = 0;
    }

    int strangerAnswers() {
        return strangerAnswers;
    }

    @Nullable
    InstanceId stranger() {
        return stranger;
    }

    void sent(long payload) {
        bytesSent += payload;
    }

    void received(long fresh, long repeated) {
        bytesReceived += fresh;
        duplicates += repeated;
    }

    void wireSent(long frameBytes) {
        wireBytesSent += frameBytes;
    }

    void wireReceived(long frameBytes) {
        wireBytesReceived += frameBytes;
    }

    @Override
    public String toString() {
        return name.isEmpty() ? "path " + id : "path " + id + " (" + name + ")";
    }
}
