// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The runtime: event loops, transports, memory. Where everything starts. One in a process is normal; thread-safe.
 *
 * <pre>{@code
 * try (Rendr rendr = Rendr.create();
 *         StreamConn conn = rendr.dial("tcp://lan:5555", "tcp://lte:5555")) {
 *     conn.outputStream().write("hello".getBytes(UTF_8));
 * }
 * }</pre>
 *
 * Its threads are daemon threads: a process that ends without {@link #close()} may lose what was written last.
 */
public interface Rendr extends AutoCloseable {
    /**
     * Starts a runtime with the defaults.
     *
     * @return the runtime
     * @throws IllegalStateException if there is no engine; names the artifact to add
     */
    static Rendr create() {
        return create(RendrConfig.builder().build());
    }

    /**
     * Starts a runtime. The engine is looked for with the configuration's class loader, then the thread's context loader,
     * then the loader of this class.
     *
     * @param config the settings
     * @return the runtime
     * @throws IllegalStateException if there is no engine; names the artifact to add
     */
    static Rendr create(RendrConfig config) {
        return new EngineFinder().find(config).create(config);
    }

    /**
     * Opens a stream over the given paths. The first that answers carries it, and only death moves it. For more see
     * {@link #dialer(DialerConfig)}.
     *
     * @param pathUris at least one, see {@link PathSpec}; order is preference
     * @return the connection
     * @throws IOException see {@link Dialer#dial()}
     * @throws InvalidConfigException if a path cannot be read
     */
    StreamConn dial(String... pathUris) throws IOException;

    /**
     * Makes a dialer. Opens nothing yet.
     *
     * @param config where to dial and how
     * @return the dialer
     * @throws UnknownTransportException if a path names a transport that the runtime does not have
     * @throws InvalidConfigException if a path has an option that its transport does not know
     */
    Dialer dialer(DialerConfig config);

    /**
     * Makes a dialer: {@code rendr.dialer(b -> b.mode(PRIME).path("tcp://h1:5555"))}.
     *
     * @param config fills a builder
     * @return the dialer
     * @throws InvalidConfigException if anything is wrong; lists every problem
     */
    default Dialer dialer(UnaryOperator<DialerConfig.Builder> config) {
        return dialer(config.apply(DialerConfig.builder()).build());
    }

    /**
     * Listens at the given endpoints. All or none are opened.
     *
     * @param endpointUris at least one, see {@link PathSpec}
     * @return the acceptor
     * @throws java.net.BindException if one cannot be opened; names it
     * @throws IOException if one cannot be opened for another reason; names it
     */
    Acceptor listen(String... endpointUris) throws IOException;

    /**
     * Listens. All endpoints or none are opened.
     *
     * @param config where to listen and whom to take
     * @return the acceptor
     * @throws java.net.BindException if an endpoint cannot be opened; names it
     * @throws IOException if an endpoint cannot be opened for another reason; names it
     */
    Acceptor listen(AcceptorConfig config) throws IOException;

    /**
     * Listens: {@code rendr.listen(b -> b.endpoint("tcp://0.0.0.0:5555").onStream(..))}.
     *
     * @param config fills a builder
     * @return the acceptor
     * @throws IOException see {@link #listen(AcceptorConfig)}
     */
    default Acceptor listen(UnaryOperator<AcceptorConfig.Builder> config) throws IOException {
        return listen(config.apply(AcceptorConfig.builder()).build());
    }

    /** {@return every transport that is known, the unavailable ones with their reason} */
    List<Transport> transports();

    /** {@return flows, memory and capabilities now} */
    RendrStatus status();

    /** {@return which running instance this is} */
    InstanceId instanceId();

    /**
     * Tells that the network changed, such as a new interface. Every carrier that this end dialed goes on from another local
     * address if its transport can, as over UDP and QUIC, and counts it in {@link PathInfo#rebinds()}; one that cannot, or to
     * which the system refuses an address, stays where it is. Then every path of every flow is probed, and those without a
     * carrier are dialed now, also instead of attempts that have hung for a second. Returns before that is done.
     */
    void networkChanged();

    /**
     * Ends the runtime: acceptors stop, connections are closed in order, and it waits for their tails up to the linger
     * time. What is left then is aborted. Never throws; further calls have no effect. An interrupt ends the waiting.
     */
    @Override
    void close();
}
