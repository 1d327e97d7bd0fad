// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.conn;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.rendr.OptionKey;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.CarrierTraits;
import io.rendr.spi.Carriers;
import io.rendr.spi.ChannelSecurity;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * Loopback TCP whose ends say of their carriers what a path tells them to, {@code level://127.0.0.1:0?level=authenticated}, so
 * that each may believe something else; and which keeps what dialers send, as whoever stands below TLS would see it.
 */
final class LevelTransport implements StreamPathFactory {
    static final OptionKey<ChannelSecurity> LEVEL =
            OptionKey.choice("level", ChannelSecurity.class, ChannelSecurity.NONE, "What the carrier says of itself.");

    private final Queue<String> sent = new ConcurrentLinkedQueue<>();

    @Override
    public String transport() {
        return "level";
    }

    @Override
    public List<OptionKey<?>> options() {
        return List.of(LEVEL);
    }

    /** Everything that carriers dialed here have sent. */
    String sent() {
        return sent.stream().collect(Collectors.joining());
    }

    private static CarrierTraits traits(ChannelSecurity level) {
        return CarrierTraits.STREAM.withSecurity(level, null);
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        CarrierTraits traits = traits(request.spec().option(LEVEL));
        return Carriers.connect(
                request,
                request.spec().socketAddress(),
                traits,
                b -> b.handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new Recorder());
                    }
                }));
    }

    private final class Recorder extends ChannelDuplexHandler {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            sent.add(((ByteBuf) message).toString(StandardCharsets.ISO_8859_1));
            ctx.write(message, promise);
        }
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        InetSocketAddress local = new InetSocketAddress(
                InetAddress.getLoopbackAddress(), request.spec().socketAddress().getPort());
        return Carriers.listen(request, local, traits(request.spec().option(LEVEL)), options -> {});
    }
}
