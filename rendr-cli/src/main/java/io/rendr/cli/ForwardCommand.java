// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.Dialer;
import io.rendr.DialerConfig;
import io.rendr.Mode;
import io.rendr.PathSpec;
import io.rendr.Rendr;
import io.rendr.Target;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code rendr forward}. */
@Command(
        name = "forward",
        description =
                "Takes TCP connections, or UDP datagrams, and carries each client's to 'rendr accept' over whichever"
                        + " paths are alive.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example, a database that stays connected while Wi-Fi and mobile network come and go:",
            "  rendr accept --endpoint tcp://0.0.0.0:5555 --to 127.0.0.1:5432 --psk-file rendr.key",
            "  rendr forward --listen 127.0.0.1:5432 --path tcp://db.lan:5555?name=wifi"
                    + " --path tcp://db.example:5555?name=mobile --psk-file rendr.key",
            "",
            "The same for a UDP program, such as a name server:",
            "  rendr accept --udp --endpoint tcp://0.0.0.0:5555 --to 127.0.0.1:53 --psk-file rendr.key",
            "  rendr forward --listen 127.0.0.1:8080 --psk-file rendr.key"
                    + " --policy 'select(bond(lan=tcp://h.lan:5555, dsl=tcp://h.example:5555), lte=tcp://h.example:5556)'",
            "  rendr forward --udp --listen 127.0.0.1:5353 --path tcp://ns.lan:5555 --path tcp://ns.example:5555"
                    + " --psk-file rendr.key",
            "",
            "When the addresses of this machine change, UDP and QUIC paths go on from another one by themselves.",
            "A path is transport://address?option=value&...; 'rendr transports' lists transports and options."
        })
final class ForwardCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ForwardCommand.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--listen",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostPort.class,
            description = "Where to take them; port 0 = any free one, which is printed.")
    private InetSocketAddress listen;

    @Option(
            names = "--path",
            paramLabel = "URI",
            description = "A way to the accepting end; repeat it, the most preferred first."
                    + " Add backup=true to one that is to carry nothing while another answers.")
    private List<String> paths = List.of();

    @Option(
            names = "--policy",
            paramLabel = "TREE",
            description =
                    "How the paths are used together: select(..) one at a time, race(..) all of them for everything,"
                            + " bond(..) each for a share, nested as you like; each of them a name=URI, or the name of a --path."
                            + " Without it: select over every --path.")
    private @Nullable String policy;

    @Option(
            names = "--follow-quality",
            description = "Move to a path that measures clearly better, not only away from a dead one.")
    private boolean followQuality;

    @ArgGroup(exclusive = false)
    private @Nullable UdpOptions udp;

    @Mixin
    private Protecting protecting;

    @Mixin
    private Stopping stopping;

    private Target tree(String text) {
        try {
            return Target.parse(text, paths.stream().map(PathSpec::of).toList());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--policy: " + e.getMessage(), e);
        }
    }

    @Override
    public Integer call() throws IOException {
        DialerConfig.Builder config = DialerConfig.builder().eager(true).protection(protecting.protection());
        if (policy != null) {
            config.target(tree(policy));
        } else {
            paths.forEach(config::path);
        }
        if (followQuality) {
            config.mode(Mode.PRIME);
        }
        if (udp != null) {
            udp.applyTo(config);
        }
        DialerConfig dialer = config.build();
        if (Exposure.isExposed(listen)) {
            LOG.warn(
                    "whoever reaches {} can use this tunnel; listen on 127.0.0.1 to keep it to this machine",
                    HostPort.text(listen));
        }
        Rendr rendr = Rendr.create(protecting.runtime());
        try {
            NetworkWatch watch = new NetworkWatch(LOOK_EVERY, NetworkWatch::ofInterfaces, rendr::networkChanged);
            Ingress ingress = open(rendr.dialer(dialer));
            PrintWriter out = spec.commandLine().getOut();
            out.println("listening on " + HostPort.text(ingress.address()));
            dialer.paths().forEach(path -> out.println("path " + path));
            out.flush();
            UntilStopped.run(() -> {
                watch.close();
                ingress.stop(stopping.grace());
                rendr.close();
            });
        } finally {
            rendr.close();
        }
        return 0;
    }

    private Ingress open(Dialer dialer) throws IOException {
        return udp == null ? TcpIngress.open(listen, dialer) : UdpIngress.open(listen, dialer, udp.limits());
    }
}
