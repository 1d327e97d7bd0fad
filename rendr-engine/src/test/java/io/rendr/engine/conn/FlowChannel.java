// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.rendr.StreamConn;
import io.rendr.spi.FlowPort;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** A Netty channel over a flow, as small as it can be: what {@link FlowPort} is for. */
final class FlowChannel extends AbstractChannel implements FlowPort.Listener {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);
    private static final int MAX_READ = 64 * 1024;

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final StreamConn conn;
    private final FlowPort port;
    private boolean open = true;
    private boolean active;
    private boolean wanted;
    private boolean endTold;

    FlowChannel(StreamConn conn) {
        super(null);
        this.conn = conn;
        this.port = conn.unwrap(FlowPort.class).orElseThrow();
    }

    EventLoop flowLoop() {
        return port.eventLoop();
    }

    // ---- what the flow tells

    @Override
    public void readable() {
        if (wanted && active) {
            deliver();
        }
    }

    private void deliver() {
        boolean any = false;
        for (ByteBuf bytes = port.read(MAX_READ); bytes != null; bytes = port.read(MAX_READ)) {
            any = true;
            wanted = false;
            pipeline().fireChannelRead(bytes);
            if (!config.isAutoRead() && !wanted) {
                break;
            }
        }
        if (any) {
            pipeline().fireChannelReadComplete();
        }
        if (open && !endTold && port.isAtEnd()) {
            endTold = true;
            pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    @Override
    public void writable() {
        unsafe().flush();
    }

    @Override
    public void closed(@Nullable Throwable failure) {
        if (failure != null) {
            pipeline().fireExceptionCaught(failure);
        }
        unsafe().close(voidPromise());
    }

    // ---- what the pipeline asks

    @Override
    protected void doRegister(ChannelPromise promise) {
        active = true;
        port.start(this);
        promise.setSuccess();
    }

    @Override
    protected void doBeginRead() {
        wanted = true;
        eventLoop().execute(this::readable);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer in) throws Exception {
        for (Object next = in.current(); next != null; next = in.current()) {
            if (port.credit() == 0) {
                break;
            }
            port.write(((ByteBuf) next).retain());
            in.remove();
        }
        port.flush();
    }

    /** Ends the output after what was written; the input stays. */
    void shutdownOutput() {
        port.shutdownOutput();
    }

    @Override
    protected void doClose() {
        open = false;
        active = false;
        conn.close();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a flow is bound where it was accepted");
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new ClosedChannelException());
            }
        };
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop == port.eventLoop();
    }

    @Override
    protected SocketAddress localAddress0() {
        return conn.localAddress();
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return conn.remoteAddress();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return active;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
