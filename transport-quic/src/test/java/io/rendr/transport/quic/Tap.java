// SPDX-License-Identifier: Apache-2.0
package io.rendr.transport.quic;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.rendr.OptionKey;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.Carrier;
import io.rendr.spi.DialRequest;
import io.rendr.spi.PacketCarrier;
import io.rendr.spi.PathFactory;
import io.rendr.spi.StreamCarrier;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** QUIC, with its carriers to look at, and what the engine gives them: each datagram, or each piece of a stream, before it is encrypted. */
final class Tap implements PathFactory {
    private final QuicTransport quic = new QuicTransport();
    private final List<Carrier> carriers = new CopyOnWriteArrayList<>();
    private final List<byte[]> written = new CopyOnWriteArrayList<>();

    /** In the order in which they came. */
    List<Carrier> carriers() {
        return carriers;
    }

    /** By all of its carriers. */
    List<byte[]> written() {
        return written;
    }

    @Override
    public CompletionStage<? extends Carrier> dial(DialRequest request) {
        return quic.dial(request).thenApply(this::tapped);
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        return quic.bind(proxy(
                BindRequest.class,
                request,
                (name, arguments) ->
                        name.equals("accepted") ? new Object[] {tapped((Carrier) arguments[0])} : arguments));
    }

    private Carrier tapped(Carrier carrier) {
        carriers.add(carrier);
        Class<? extends Carrier> type = carrier instanceof PacketCarrier ? PacketCarrier.class : StreamCarrier.class;
        return proxy(type, carrier, (name, arguments) -> {
            if (name.equals("write")) {
                note((ByteBuf) arguments[0], arguments.length == 1 ? Integer.MAX_VALUE : (int) arguments[1]);
            }
            return arguments;
        });
    }

    private void note(ByteBuf bytes, int segment) {
        for (int at = 0; at < bytes.readableBytes(); at += Math.min(segment, bytes.readableBytes())) {
            int length = Math.min(segment, bytes.readableBytes() - at);
            written.add(ByteBufUtil.getBytes(bytes, bytes.readerIndex() + at, length));
        }
    }

    private interface Look {
        /** {@return what to call it with} */
        Object[] at(String method, Object[] arguments);
    }

    private static <T> T proxy(Class<T> type, Object of, Look look) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> invoke(of, method, look.at(method.getName(), arguments))));
    }

    private static Object invoke(Object of, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(of, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @Override
    public String transport() {
        return quic.transport();
    }

    @Override
    public Set<String> capabilities() {
        return quic.capabilities();
    }

    @Override
    public List<OptionKey<?>> options() {
        return quic.options();
    }

    @Override
    public void close() {
        quic.close();
    }
}
