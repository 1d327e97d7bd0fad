// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.rendr.CloseReason;
import io.rendr.engine.flow.CarrierPort;
import org.jspecify.annotations.Nullable;

/** One attempt to connect: a SYN that is repeated after 1, 3 and 7 seconds, until the time is over. */
abstract class Connecting {
    private final Simulation world;
    private final Host from;
    private final Route route;
    private final @Nullable Conversation conversation;
    private final long timeout;
    private final int incarnation;
    private boolean over;
    private long pause = SECONDS.toNanos(1);

    Connecting(Simulation world, Host from, Route route, @Nullable Conversation conversation, long timeout) {
        this.world = world;
        this.from = from;
        this.route = route;
        this.conversation = conversation;
        this.timeout = timeout;
        this.incarnation = from.incarnation();
    }

    abstract void connected(CarrierPort port);

    abstract void failed(CloseReason why);

    void start() {
        if (route.plan().datagrams()) {
            from.io(this::bind);
            return;
        }
        from.timer(world.timeline().now() + timeout, () -> fail(CloseReason.Kind.TIMEOUT, "connect timed out"));
        syn();
    }

    void cancel() {
        over = true;
    }

    private boolean isOver() {
        return over || from.incarnation() != incarnation;
    }

    /** A datagram socket has nobody to wait for. */
    private void bind() {
        if (route.connectRefused()) {
            fail(CloseReason.Kind.REFUSED, "port unreachable");
        } else if (!isOver()) {
            over = true;
            connected(world.openDatagrams(route, from));
        }
    }

    private void syn() {
        if (isOver()) {
            return;
        }
        Host target = world.acceptorBehind(route);
        if (route.connectHangs() || target.isDown()) {
            world.timeline().after(pause, this::syn);
            pause *= 2;
            return;
        }
        int listening = target.incarnation();
        world.timeline().at(route.notBeforeStall(world.timeline().now() + 2 * route.transit()), () -> {
            if (target.incarnation() == listening) {
                answer(target);
            } else {
                syn();
            }
        });
    }

    private void answer(Host target) {
        if (isOver()) {
            return;
        }
        if (route.connectRefused()) {
            from.io(() -> fail(CloseReason.Kind.REFUSED, "connection refused"));
            return;
        }
        Connection connection = world.open(route, from, target, conversation);
        from.io(() -> {
            if (over) {
                connection.dialer().close(CloseReason.of(CloseReason.Kind.LOCAL, "nobody waits for it"));
                return;
            }
            over = true;
            connected(connection.dialer());
        });
    }

    private void fail(CloseReason.Kind kind, String detail) {
        if (!over) {
            over = true;
            failed(CloseReason.of(kind, detail));
        }
    }
}
