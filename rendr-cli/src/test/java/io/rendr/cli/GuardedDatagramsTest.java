// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.rendr.Acceptor;
import io.rendr.DatagramCounters;
import io.rendr.PacketConn;
import io.rendr.PathSpec;
import io.rendr.Protection;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.spi.PathFactory;
import io.rendr.testkit.FlowContract;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Flows over datagrams that the carrier protects: not sealed, and never more under way than the carrier holds. */
@Timeout(120)
class GuardedDatagramsTest extends FlowContract {
    private static final int BYTES = 64 << 20;

    @Override
    protected PathFactory factory() {
        return new GuardedDatagrams(65_000);
    }

    @Override
    protected PathSpec endpoint() {
        return PathSpec.of("guarded://here:0");
    }

    private static Rendr runtime(int size) {
        return Rendr.create(RendrConfig.builder()
                .discoverTransports(false)
                .transport(new GuardedDatagrams(size))
                .build());
    }

    @Test
    void nothingIsDroppedByTheCarrier() throws Exception {
        try (Rendr here = runtime(1_200);
                Rendr there = runtime(1_200);
                Acceptor acceptor = there.listen("guarded://here:0")) {
            StreamConn near =
                    here.dialer(b -> b.path(acceptor.endpoints().get(0))).dial();
            StreamConn far = acceptor.accept();
            byte[] sent = new byte[BYTES];
            new Random(7).nextBytes(sent);
            int before = GuardedDatagrams.DROPPED.get();
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> HostileDatagramsTest.write(near, sent));
            assertThat(far.inputStream().readNBytes(BYTES)).isEqualTo(sent);
            writing.join();
            assertThat(GuardedDatagrams.DROPPED.get()).isEqualTo(before);
            assertThat(GuardedDatagrams.MOST_UNDER_WAY.get())
                    .as("the window was used")
                    .isBetween(16, GuardedDatagrams.QUEUE);
            DatagramCounters met = near.admin().stats().datagrams();
            assertThat(met.forged() + met.replayed()).isZero();
            near.abort(0);
        }
    }

    /** A flow without protection has no bare datagrams, but these are not bare. */
    @Test
    void aFlowWithoutProtectionMayUseThem() throws Exception {
        try (Rendr here = runtime(1_200);
                Rendr there = runtime(1_200);
                Acceptor acceptor =
                        there.listen(b -> b.endpoint("guarded://here:0").protection(Protection.NONE))) {
            PacketConn near = here.dialer(b -> b.path(acceptor.endpoints().get(0))
                            .protection(Protection.NONE)
                            .maxPacketSize(1_100))
                    .dialPacket();
            PacketConn far = acceptor.acceptPacket();
            near.send(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            ByteBuffer room = ByteBuffer.allocate(1_100);
            assertThat(far.receive(room)).isEqualTo(3);
            near.abort(0);
        }
    }
}
