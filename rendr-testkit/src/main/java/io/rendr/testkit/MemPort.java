// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.netty.channel.EventLoop;
import io.rendr.PathSpec;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import java.net.SocketAddress;

/** Somebody who listens on a link. */
final class MemPort implements BoundPort {

    private final MemLink link;
    private final BindRequest request;

    MemPort(MemLink link, BindRequest request) {
        this.link = link;
        this.request = request;
    }

    @Override
    public SocketAddress localAddress() {
        return new MemAddress(link.name());
    }

    @Override
    public PathSpec dialSpec() {
        return request.spec();
    }

    @Override
    public void close() {
        link.unbind(this);
    }

    boolean accepting() {
        return request.accepting();
    }

    EventLoop nextLoop() {
        return request.eventLoops().next();
    }

    void accepted(MemCarrier carrier) {
        carrier.eventLoop().execute(() -> request.accepted(carrier));
    }
}
