// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The way to one {@code mem://} address, with its faults. What a fault did is in force when the method returns; what was handed to an event loop
 * before may still arrive. Thread-safe.
 */
public final class MemLink {

    private final ReentrantLock lock = new ReentrantLock();
    private final String name;
    private final Set<MemCarrier> carriers = new LinkedHashSet<>();
    private final Set<MemDial> waiting = new LinkedHashSet<>();
    private @Nullable MemPort port;
    private volatile boolean blackHoleUp;
    private volatile boolean blackHoleDown;

    MemLink(String name) {
        this.name = name;
    }

    /** The name, as in {@code mem://name}. */
    public String name() {
        return name;
    }

    /** Opens or lifts a black hole both ways. Bytes, ends and dials that are caught in it go on when it is lifted. */
    public void blackHole(boolean on) {
        blackHole(LinkDirection.UP, on);
        blackHole(LinkDirection.DOWN, on);
    }

    /** Opens or lifts a black hole one way; {@link LinkDirection#UP} is from the end that dialed. */
    public void blackHole(LinkDirection direction, boolean on) {
        if (direction == LinkDirection.UP) {
            blackHoleUp = on;
        } else {
            blackHoleDown = on;
        }
        if (!on) {
            carriers().forEach(MemCarrier::drainLater);
            serve();
        }
    }

    /**
     * Cuts every connection, as a middlebox does: both ends see a reset, even through a black hole.
     *
     * @return how many connections were cut
     */
    public int cut() {
        List<MemCarrier> all = carriers();
        all.forEach(MemCarrier::cutLater);
        return all.size() / 2;
    }

    /** How many connections are open. */
    public int connections() {
        return carriers().size() / 2;
    }

    boolean blocked(LinkDirection direction) {
        return direction == LinkDirection.UP ? blackHoleUp : blackHoleDown;
    }

    void bind(MemPort newPort) throws BindException {
        lock.lock();
        try {
            if (port != null) {
                throw new BindException("mem://" + name + " is taken; close its port or use another name");
            }
            port = newPort;
        } finally {
            lock.unlock();
        }
    }

    void unbind(MemPort old) {
        lock.lock();
        try {
            if (port == old) {
                port = null;
            }
        } finally {
            lock.unlock();
        }
        serve(); // who waits is refused now
    }

    void dial(MemDial dial) {
        lock.lock();
        try {
            waiting.add(dial);
        } finally {
            lock.unlock();
        }
        serve();
    }

    void forget(MemDial dial) {
        lock.lock();
        try {
            waiting.remove(dial);
        } finally {
            lock.unlock();
        }
    }

    void forget(MemCarrier carrier) {
        lock.lock();
        try {
            carriers.remove(carrier);
        } finally {
            lock.unlock();
        }
    }

    /** Connects or refuses the dials that wait, if the link lets them. */
    void serve() {
        if (blackHoleUp || blackHoleDown) {
            return;
        }
        List<MemDial> ready;
        MemPort to;
        lock.lock();
        try {
            to = port != null && port.accepting() ? port : null;
            ready = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        for (MemDial dial : ready) {
            if (to == null) {
                dial.fail(refused());
            } else {
                connect(dial, to);
            }
        }
    }

    private IOException refused() {
        return new ConnectException("connection refused: nobody listens on mem://" + name);
    }

    private void connect(MemDial dial, MemPort to) {
        MemCarrier near = new MemCarrier(this, LinkDirection.UP, dial.eventLoop(), dial.options());
        MemCarrier far = new MemCarrier(this, LinkDirection.DOWN, to.nextLoop(), dial.options());
        near.pair(far);
        lock.lock();
        try {
            carriers.add(near);
            carriers.add(far);
        } finally {
            lock.unlock();
        }
        to.accepted(far);
        dial.connected(near);
    }

    private List<MemCarrier> carriers() {
        lock.lock();
        try {
            return new ArrayList<>(carriers);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "mem://" + name;
    }
}
