// SPDX-License-Identifier: Apache-2.0
package io.rendr.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.rendr.CloseReason;
import io.rendr.OptionKey;
import io.rendr.spi.CarrierListener;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import io.rendr.transport.tcp.TcpTransport;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** The transport {@code tcp}, counting what the engine sends: a probe of an idle path is one write. */
final class CountedTcp implements StreamPathFactory {
    private final TcpTransport tcp = new TcpTransport();
    private final AtomicLong writes = new AtomicLong();

    long writes() {
        return writes.get();
    }

    @Override
    public String transport() {
        return tcp.transport();
    }

    @Override
    public List<OptionKey<?>> options() {
        return tcp.options();
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        return tcp.dial(request).thenApply(carrier -> new Counted(carrier, writes));
    }

    private record Counted(StreamCarrier carrier, AtomicLong writes) implements StreamCarrier {
        @Override
        public void write(ByteBuf slice) {
            writes.getAndIncrement();
            carrier.write(slice);
        }

        @Override
        public EventLoop eventLoop() {
            return carrier.eventLoop();
        }

        @Override
        public CarrierTraits traits() {
            return carrier.traits();
        }

        @Override
        public SocketAddress localAddress() {
            return carrier.localAddress();
        }

        @Override
        public SocketAddress remoteAddress() {
            return carrier.remoteAddress();
        }

        @Override
        public void start(CarrierListener listener) {
            carrier.start(listener);
        }

        @Override
        public int credit() {
            return carrier.credit();
        }

        @Override
        public long queued() {
            return carrier.queued();
        }

        @Override
        public void flush() {
            carrier.flush();
        }

        @Override
        public void close(CloseReason why) {
            carrier.close(why);
        }
    }
}
