// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.net;

import io.netty.buffer.PooledByteBufAllocator;
import io.rendr.Capabilities;
import io.rendr.FlowId;
import io.rendr.HandshakeStats;
import io.rendr.InstanceId;
import io.rendr.RendrConfig;
import io.rendr.Transport;
import io.rendr.engine.flow.FlowTable;
import io.rendr.engine.flow.Instance;
import io.rendr.engine.flow.PeerGroups;
import io.rendr.engine.keys.KeyAgreement;
import io.rendr.engine.keys.Psk;
import io.rendr.engine.memory.ChunkPool;
import io.rendr.engine.registry.TransportRegistry;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a runtime shares: loops, threads, memory, transports, and the flows that live. Thread-safe. */
public final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final String KIND = "rendr-java";

    private final RendrConfig config;
    private final EventLoops loops;
    private final Workers workers;
    private final TransportRegistry transports;
    private final Instance instance;
    private final Doorkeeper door;
    private final FlowTable table = new FlowTable();
    private final ConcurrentHashMap<FlowId, FlowDriver> drivers = new ConcurrentHashMap<>();
    private final Set<Transport> lent = ConcurrentHashMap.newKeySet();
    private final Set<Runnable> stops = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable CompletableFuture<Void>> quiet = new AtomicReference<>();
    private final long memoryBudget;
    private volatile boolean closing;

    public Engine(
            RendrConfig config,
            TransportRegistry transports,
            EventLoops loops,
            Workers workers,
            SecureRandom random,
            KeyAgreement keyAgreement) {
        this.config = config;
        this.loops = loops;
        this.workers = workers;
        this.transports = transports;
        this.memoryBudget = Budget.of(config);
        this.door = new Doorkeeper(config.handshakeCpu());
        String version = Engine.class.getPackage().getImplementationVersion();
        this.instance = new Instance(
                new InstanceId(random.nextLong(), random.nextLong()),
                new ChunkPool(memoryBudget, config.maxFlows() > 0 ? config.maxFlows() : Integer.MAX_VALUE),
                random,
                keyAgreement,
                PooledByteBufAllocator.DEFAULT,
                config.preSharedKeys().stream()
                        .map(key -> {
                            byte[] secret = key.key();
                            Psk psk = new Psk(key.id(), secret);
                            Arrays.fill(secret, (byte) 0);
                            return psk;
                        })
                        .toList(),
                KIND,
                capabilities(transports),
                version == null ? "dev" : version,
                new PeerGroups());
    }

    private static List<String> capabilities(TransportRegistry transports) {
        List<Transport> usable = transports.available();
        Set<String> capabilities =
                new TreeSet<>(List.of(Capabilities.RENDR, Capabilities.L7, Capabilities.PACKET_MODE));
        if (usable.size() > 1) {
            capabilities.add(Capabilities.MIXED);
        }
        usable.forEach(transport -> capabilities.addAll(transport.capabilities()));
        return List.copyOf(capabilities);
    }

    public RendrConfig config() {
        return config;
    }

    public EventLoops loops() {
        return loops;
    }

    public Workers workers() {
        return workers;
    }

    public TransportRegistry transports() {
        return transports;
    }

    public Instance instance() {
        return instance;
    }

    /** Bytes that all flows together may buffer. */
    public long memoryBudget() {
        return memoryBudget;
    }

    /** The runtime's transports and those that a dialer or acceptor brings, which are closed with the runtime. */
    public TransportRegistry transportsWith(Collection<Transport> own) {
        TransportRegistry all = transports.with(own);
        lent.addAll(own);
        return all;
    }

    /** Every flow that lives, of both ends. */
    public Collection<FlowDriver> drivers() {
        return drivers.values();
    }

    /** Keeps handshakes that prove nothing within bounds. */
    Doorkeeper door() {
        return door;
    }

    /** What came in at all acceptors. */
    public HandshakeStats handshakes() {
        return door.stats();
    }

    FlowTable table() {
        return table;
    }

    void live(FlowDriver driver) {
        drivers.put(driver.flow().id(), driver);
        if (closing) {
            driver.listener().shutDown();
        }
    }

    /** Replaces a released flow by its tombstone. */
    void dead(FlowDriver driver) {
        table.bury(driver.flow(), Clock.now());
        drivers.remove(driver.flow().id(), driver);
        keepQuiet();
    }

    // ---- the end

    /** Whether new flows are taken and opened. */
    public boolean isOpen() {
        return !closing;
    }

    /** Has {@code stop} run when the runtime begins to close, at once if it does already. */
    public void onClose(Runnable stop) {
        stops.add(stop);
        if (closing) {
            stop.run();
        }
    }

    /** Forgets what was given to {@link #onClose}. */
    public void forget(Runnable stop) {
        stops.remove(stop);
    }

    /** Stops dials and acceptors and closes every flow in order. Completes when the last flow is gone. */
    public CompletableFuture<Void> beginClose() {
        closing = true;
        CompletableFuture<Void> last = new CompletableFuture<>();
        quiet.set(last);
        stops.forEach(Runnable::run);
        drivers.values().forEach(driver -> driver.listener().shutDown());
        keepQuiet();
        return last;
    }

    private void keepQuiet() {
        CompletableFuture<Void> waiting = quiet.get();
        if (waiting != null && drivers.isEmpty()) {
            waiting.complete(null);
        }
    }

    /** Ends everything that is left: transports, loops, threads. Never throws. */
    public void endClose() {
        transports.close();
        lent.removeAll(transports.all());
        for (Transport transport : lent) {
            try {
                transport.close();
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("transport {} failed to close", transport.transport(), e);
            }
        }
        if (!loops.shutDown()) {
            LOG.warn("an event loop did not end in time: a transport blocks it");
        }
        workers.shutDown();
        instance.psks().forEach(Psk::destroy);
    }
}
