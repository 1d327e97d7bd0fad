// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sees when this machine gets other addresses: Java has no event for it, so it looks every now and then. */
final class NetworkWatch implements AutoCloseable {
    /** Asks for the addresses of all interfaces that are up. */
    interface Source {
        Set<InetAddress> addresses() throws SocketException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(NetworkWatch.class);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(body -> {
        Thread made = new Thread(body, "network-watch");
        made.setDaemon(true);
        return made;
    });
    private final Source source;
    private final Runnable changed;
    private Set<InetAddress> last;

    /** @param changed is called on a thread of its own when one has come or gone */
    NetworkWatch(Duration interval, Source source, Runnable changed) throws SocketException {
        this.source = source;
        this.changed = changed;
        this.last = source.addresses();
        thread.scheduleWithFixedDelay(this::look, interval.toNanos(), interval.toNanos(), NANOSECONDS);
    }

    /** Those of this machine. */
    static Set<InetAddress> ofInterfaces() throws SocketException {
        Set<InetAddress> found = new HashSet<>();
        for (NetworkInterface one : NetworkInterface.networkInterfaces().toList()) {
            if (one.isUp()) {
                one.inetAddresses().forEach(found::add);
            }
        }
        return found;
    }

    private void look() {
        try {
            Set<InetAddress> now = source.addresses();
            if (!now.equals(last)) {
                last = now;
                LOG.info("the addresses of this machine are others now: paths are tried and moved");
                changed.run();
            }
        } catch (SocketException e) {
            LOG.debug("the interfaces cannot be listed; next time, perhaps", e);
        } catch (RuntimeException e) {
            // The schedule would end without a word.
            LOG.warn("what has to be done when the addresses of this machine change failed", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
