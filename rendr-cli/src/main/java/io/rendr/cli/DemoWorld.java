// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Acceptor;
import io.rendr.Dialer;
import io.rendr.DialerConfig;
import io.rendr.PacketConn;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.RendrConfig;
import io.rendr.StreamConn;
import io.rendr.testkit.LinkEmulator;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Both ends of the demonstration and the links between them: an acceptor that serves {@link BulkTransfer},
 * {@link EchoTalk} and {@link PacketTalk}, a dialer with a key, and the paths {@code a}, {@code b} and the backup {@code c}, each through a link
 * of its own that can be broken.
 */
final class DemoWorld implements AutoCloseable {
    private static final String JOB = "job";

    private final Rendr serverSide;
    private final Rendr clientSide;
    private final Map<String, LinkEmulator> links = new LinkedHashMap<>();

    private DemoWorld() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        RendrConfig config = RendrConfig.builder().preSharedKey("demo", key).build();
        serverSide = Rendr.create(config);
        clientSide = Rendr.create(config);
    }

    static DemoWorld open(DemoSettings settings) throws IOException {
        DemoWorld world = new DemoWorld();
        try {
            world.start(settings);
            return world;
        } catch (IOException | RuntimeException e) {
            world.close();
            throw e;
        }
    }

    private void start(DemoSettings settings) throws IOException {
        Acceptor acceptor = serverSide.listen(
                b -> b.endpoint("tcp://127.0.0.1:0").onStream(DemoWorld::serve).onPacket(PacketTalk::serve));
        for (String name : new String[] {"a", "b", "c"}) {
            LinkEmulator link = LinkEmulator.open(
                    HostPort.resolve(acceptor.endpoints().get(0).socketAddress()));
            links.put(name, link);
            link.shape(settings.shape());
        }
    }

    private static void serve(StreamConn conn) throws IOException {
        switch (conn.metadata().getOrDefault(JOB, "")) {
            case BulkTransfer.JOB -> BulkTransfer.serve(conn);
            case EchoTalk.JOB -> EchoTalk.serve(conn);
            default -> throw new IOException("a flow without a job: " + conn.metadata());
        }
    }

    /** Opens a stream over all paths. */
    StreamConn dial(String job) throws IOException {
        return dialer(b -> b.metadata(JOB, job)).dial();
    }

    /** Opens a packet flow over all paths. */
    PacketConn dialPacket() throws IOException {
        return dialer(b -> b.repairTtl(PacketTalk.REPAIR_TTL)).dialPacket();
    }

    private Dialer dialer(UnaryOperator<DialerConfig.Builder> more) {
        DialerConfig.Builder config = more.apply(DialerConfig.builder());
        links.forEach((name, link) -> {
            PathSpec path = PathSpec.of("tcp", HostPort.text(link.address())).with("name", name);
            if (name.equals("c")) {
                config.backup(path);
            } else {
                config.path(path);
            }
        });
        return clientSide.dialer(config.build());
    }

    /** The links by the name of their path, in order of preference. */
    Map<String, LinkEmulator> links() {
        return links;
    }

    @Override
    public void close() {
        clientSide.close();
        serverSide.close();
        links.values().forEach(LinkEmulator::close);
    }
}
