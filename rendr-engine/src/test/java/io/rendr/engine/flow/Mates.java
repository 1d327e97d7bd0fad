// SPDX-License-Identifier: Apache-2.0
package io.rendr.engine.flow;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Members of groups without flows, on a clock that stands until it is moved. */
final class Mates {
    private record Call(long at, long order, LongConsumer action) {}

    private final PriorityQueue<Call> calls =
            new PriorityQueue<>(Comparator.comparingLong(Call::at).thenComparingLong(Call::order));

    /** Who was told something, in order. */
    final List<String> told = new ArrayList<>();

    long now;
    private long order;

    Mates(long now) {
        this.now = now;
    }

    PeerGroup.Member member(String name) {
        return member(name, pass -> {});
    }

    PeerGroup.Member member(String name, Consumer<RedialGate.Pass> dials) {
        return new PeerGroup.Member() {
            @Override
            public FlowHost host() {
                return host;
            }

            @Override
            public void dial(RedialGate.Pass pass, long at) {
                dials.accept(pass);
            }

            @Override
            public void news(long at) {
                told.add(name);
            }
        };
    }

    private final FlowHost host = (FlowHost) Proxy.newProxyInstance(
            FlowHost.class.getClassLoader(), new Class<?>[] {FlowHost.class}, (proxy, method, args) -> {
                if (!method.getName().equals("callAt")) {
                    throw new UnsupportedOperationException(method.getName());
                }
                calls.add(new Call(Math.max(now, (Long) args[0]), order++, (LongConsumer) args[1]));
                return null;
            });

    /** Runs what is due now. */
    void run() {
        pass(0);
    }

    /** Lets time pass, event by event. */
    void pass(long millis) {
        long end = now + millis * 1_000_000;
        while (!calls.isEmpty() && calls.peek().at <= end) {
            Call call = calls.remove();
            now = call.at;
            call.action.accept(now);
        }
        now = end;
    }
}
