// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.rendr.CloseReason;
import io.rendr.FlowKind;
import io.rendr.HandshakeRefusal;
import io.rendr.InstanceId;
import io.rendr.MigrationCause;
import io.rendr.PathSpec;
import io.rendr.QualityPolicy;
import io.rendr.RendrException;
import io.rendr.Target;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.keys.RecordScratch;
import io.rendr.engine.keys.X25519;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.spi.ChannelSecurity;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dialer and an acceptor on a virtual clock, joined by links with a fixed delay that a test may cut, silence or hold
 * back. The smallest world in which a flow lives; the simulator has the real one.
 */
final class TwoHosts implements AutoCloseable {
    static final long MS = 1_000_000;

    private record Event(long at, long order, Runnable what) {}

    /** Both ends of one carrier. */
    final class Wire {
        final End dialer = new End();
        final End acceptor = new End();
        boolean silentToAcceptor;
        boolean silentToDialer;
        /** What this carrier takes longer than the others, each way. */
        long slower;

        Wire() {
            dialer.other = acceptor;
            acceptor.other = dialer;
            dialer.wire = this;
            acceptor.wire = this;
        }

        void silence() {
            silentToAcceptor = true;
            silentToDialer = true;
        }

        void reset() {
            dialer.end(CloseReason.of(CloseReason.Kind.RESET, "test"));
            acceptor.end(CloseReason.of(CloseReason.Kind.RESET, "test"));
        }
    }

    /** One end of a carrier. */
    final class End implements CarrierPort {
        @Nullable
        End other;

        @Nullable
        Wire wire;

        @Nullable
        CarrierEvents listener;

        /** Sees what arrives. */
        Consumer<ByteBuf> tap = bytes -> {};

        boolean open = true;
        boolean wasFull;
        int window = 1 << 20;

        @Override
        public void events(CarrierEvents events) {
            listener = events;
        }

        @Override
        public int credit() {
            wasFull |= window <= 0;
            return open ? window : 0;
        }

        @Override
        public boolean gathers() {
            return gathering;
        }

        @Override
        public void write(ByteBuf bytes) {
            End peer = other;
            Wire link = wire;
            if (!open || peer == null || link == null) {
                bytes.release();
                return;
            }
            int size = bytes.readableBytes();
            window -= size;
            if (this == link.dialer ? link.silentToAcceptor : link.silentToDialer) {
                bytes.release();
                return;
            }
            inFlight.add(bytes);
            in(delay + link.slower, () -> {
                inFlight.remove(bytes);
                window += size;
                if (wasFull && window > 0 && listener != null && open) {
                    wasFull = false;
                    listener.writable(now);
                }
                if (peer.open && peer.listener != null) {
                    peer.tap.accept(bytes);
                    peer.listener.received(bytes, now);
                    if (peer.listener != null) {
                        peer.listener.readComplete(now);
                    }
                }
                bytes.release();
            });
        }

        @Override
        public void flush() {}

        @Override
        public void close(CloseReason why) {
            if (open) {
                open = false;
                End peer = other;
                if (peer != null) {
                    in(delay, () -> peer.end(CloseReason.of(CloseReason.Kind.PEER_CLOSED, "closed by the peer")));
                }
            }
        }

        void end(CloseReason why) {
            if (open) {
                open = false;
                if (listener != null) {
                    listener.closed(why, now);
                }
            }
        }

        @Override
        public ChannelSecurity security() {
            return ChannelSecurity.NONE;
        }

        @Override
        public @Nullable String fateGroup() {
            return null;
        }

        @Override
        public @Nullable SocketAddress localAddress() {
            return null;
        }

        @Override
        public @Nullable SocketAddress remoteAddress() {
            return null;
        }
    }

    /** One end's side of a flow: what its host was told. */
    final class Side implements FlowHost {
        final List<String> told = new ArrayList<>();
        final Map<Integer, Wire> wires = new HashMap<>();
        final RecordScratch scratch = new RecordScratch();

        @Nullable
        Flow flow;

        @Nullable
        RendrException failure;

        boolean ended;
        boolean released;
        boolean accepted;
        boolean refuseConnects;
        private long wake = Long.MAX_VALUE;

        @Override
        public RecordScratch scratch() {
            return scratch;
        }

        @Override
        public void wakeAt(long nanos) {
            wake = nanos;
            if (nanos != Long.MAX_VALUE) {
                at(Math.max(nanos, now), () -> {
                    if (wake == nanos && flow != null && !released) {
                        wake = Long.MAX_VALUE;
                        flow.onTimer(now);
                    }
                });
            }
        }

        @Override
        public void callAt(long nanos, LongConsumer action) {
            at(Math.max(nanos, now), () -> action.accept(now));
        }

        @Override
        public void connect(int pathId, PathSpec spec, int attempt) {
            if (refuseConnects) {
                in(delay, () -> flow().connectFailed(pathId, CloseReason.of(CloseReason.Kind.REFUSED, "test"), now));
                return;
            }
            Wire wire = new Wire();
            wires.put(pathId, wire);
            in(delay, () -> {
                new Acceptance(acceptances, wire.acceptor, now);
                flow().connected(pathId, wire.dialer, now);
            });
        }

        @Override
        public long connectTimeout(PathSpec spec) {
            return 3000 * MS;
        }

        @Override
        public void cancelConnect(int pathId) {}

        @Override
        public void readable() {}

        @Override
        public void writable() {}

        @Override
        public void accepted() {
            accepted = true;
        }

        @Override
        public void introduced() {
            if (this == acceptor) {
                in(0, () -> flow().accept(now));
            }
        }

        @Override
        public void migrated(int fromPath, int toPath, MigrationCause cause) {
            told.add("migrated " + fromPath + ">" + toPath + " " + cause);
        }

        @Override
        public void pathChanged(int pathId) {
            for (FlowPath path : flow == null ? List.<FlowPath>of() : flow.pathList()) {
                if (path.id() == pathId) {
                    told.add("path " + pathId + " " + path.state());
                }
            }
        }

        @Override
        public void ended(CloseReason why, @Nullable RendrException thrown) {
            ended = true;
            failure = thrown;
            told.add("ended " + why);
        }

        @Override
        public void released() {
            released = true;
            if (flow != null) {
                flows.bury(flow, now);
            }
        }

        Flow flow() {
            if (flow == null) {
                throw new IllegalStateException("no flow yet");
            }
            return flow;
        }
    }

    final Side dialer = new Side();
    final Side acceptor = new Side();
    final FlowTable flows = new FlowTable();
    final ChunkPool pool;
    final RandomGenerator random;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) -> a.at == b.at ? Long.compare(a.order, b.order) : Long.compare(a.at, b.at));
    /** Whether carriers take payload where it lies. */
    boolean gathering;

    /** How often a direct buffer, such as that of a batch, was too small for what was written to it. */
    int grown;

    private final AbstractByteBufAllocator allocator = new AbstractByteBufAllocator(true) {
        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return new UnpooledDirectByteBuf(this, initialCapacity, maxCapacity) {
                @Override
                public ByteBuf capacity(int newCapacity) {
                    grown++;
                    return super.capacity(newCapacity);
                }
            };
        }
    };

    final Acceptances acceptances;
    final Instance dialing;
    final Instance accepting;
    private final Set<ByteBuf> inFlight = Collections.newSetFromMap(new IdentityHashMap<>());
    long now = 1_000_000_000L;
    long delay = 5 * MS;
    private long order;

    @Nullable
    RendrException dialFailure;

    TwoHosts(FlowSettings settings) {
        this(settings, new ChunkPool(256 << 20), RandomGenerator.of("L64X128MixRandom"), new X25519(), List.of());
    }

    TwoHosts(FlowSettings settings, ChunkPool pool, RandomGenerator random, KeyAgreement keyAgreement, List<Psk> psks) {
        this.pool = pool;
        this.random = random;
        dialing = instance(1, keyAgreement, psks);
        accepting = instance(2, keyAgreement, psks);
        acceptances = new Acceptances(
                accepting,
                settings,
                PathSpec.of("tcp://127.0.0.1:1"),
                flows,
                Acceptances.DEFAULT_TIMEOUT,
                new Acceptances.Host() {
                    @Override
                    public boolean accepting() {
                        return true;
                    }

                    @Override
                    public FlowHost flowHost(FlowKind kind, CarrierPort first) {
                        return acceptor;
                    }

                    @Override
                    public void opened(Flow flow) {
                        acceptor.flow = flow;
                    }

                    @Override
                    public void attach(Flow flow, Attachment attachment, long at) {
                        flow.attach(attachment, at);
                    }

                    @Override
                    public void over(Acceptance acceptance, @Nullable HandshakeRefusal refusal) {}
                });
    }

    private Instance instance(long id, KeyAgreement keyAgreement, List<Psk> psks) {
        return new Instance(
                new InstanceId(id, id),
                pool,
                random,
                keyAgreement,
                allocator,
                psks,
                "test",
                List.of("rendr"),
                "0",
                new PeerGroups());
    }

    /** Dials over so many paths and runs until all of them have a carrier. */
    void dial(FlowSettings settings, String... uris) {
        dial(settings, target(null, uris));
    }

    /** A selector over paths. */
    static Target target(@Nullable QualityPolicy quality, String... uris) {
        List<Target> leaves = Stream.of(uris).<Target>map(Target::path).toList();
        return new Target.Selector("main", leaves, quality, 0);
    }

    /** Dials over the paths of a tree and runs until all of them have a carrier. */
    void dial(FlowSettings settings, Target target) {
        Dialing[] dial = new Dialing[1];
        dial[0] = Dialing.create(
                dialing,
                settings,
                target,
                null,
                new Dialing.Host() {
                    @Override
                    public void connect(int pathIndex, PathSpec spec) {
                        Wire wire = new Wire();
                        dialer.wires.put(pathIndex, wire);
                        in(delay, () -> {
                            new Acceptance(acceptances, wire.acceptor, now);
                            if (dial[0] != null) {
                                dial[0].connected(pathIndex, wire.dialer, now);
                            }
                        });
                    }

                    @Override
                    public void cancelConnect(int pathIndex) {}

                    @Override
                    public void wakeAt(long nanos) {}

                    @Override
                    public FlowHost flowHost() {
                        return dialer;
                    }

                    @Override
                    public void established(Flow flow) {
                        dialer.flow = flow;
                    }

                    @Override
                    public void failed(RendrException why) {
                        dialFailure = why;
                    }
                },
                now + 10_000 * MS);
        if (dial[0] == null) {
            throw new IllegalStateException("no room");
        }
        dial[0].start(now);
        run(200 * MS);
    }

    /** Ends both sides and lets go of everything on the way. */
    @Override
    public void close() {
        for (Side side : List.of(dialer, acceptor)) {
            if (side.flow != null) {
                side.flow.abort(1, now);
                side.flow.detachApplication();
            }
        }
        run(10_000 * MS);
        inFlight.forEach(ByteBuf::release);
        inFlight.clear();
    }

    /** An outcome that must not fail. */
    Outcome silentOutcome() {
        return new Outcome() {
            @Override
            public void done(int pathId) {}

            @Override
            public void failed(IOException cause) {
                throw new AssertionError(cause);
            }
        };
    }

    /** An outcome that must fail, and with what. */
    Outcome failingOutcome(List<IOException> failures) {
        return new Outcome() {
            @Override
            public void done(int pathId) {
                throw new AssertionError("path " + pathId + " should have failed");
            }

            @Override
            public void failed(IOException cause) {
                failures.add(cause);
            }
        };
    }

    void at(long when, Runnable what) {
        events.add(new Event(when, order++, what));
    }

    void in(long nanos, Runnable what) {
        at(now + nanos, what);
    }

    /** Runs for a virtual while; returns how many events there were. */
    int run(long nanos) {
        long end = now + nanos;
        int count = 0;
        while (!events.isEmpty() && events.peek().at <= end) {
            Event event = events.remove();
            now = Math.max(now, event.at);
            event.what.run();
            if (++count > 5_000_000) {
                throw new IllegalStateException(
                        "the world does not come to rest at " + now + ", wake " + dialer.wake + ", " + acceptor.wake);
            }
        }
        now = end;
        return count;
    }
}
