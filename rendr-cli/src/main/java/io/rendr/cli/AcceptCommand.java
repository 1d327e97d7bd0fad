// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.AcceptorConfig;
import io.rendr.Rendr;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rendr accept}. */
@Command(
        name = "accept",
        description = "Takes what 'rendr forward' carries and leads it to a TCP server, or a UDP server.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: rendr accept --endpoint tcp://0.0.0.0:5555 --to 127.0.0.1:5432 --psk-file rendr.key",
            "",
            "An endpoint that others than this machine can reach needs --psk-file, or --open-to-anyone."
        })
final class AcceptCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptCommand.class);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--endpoint",
            required = true,
            paramLabel = "URI",
            description = "Where to listen; repeat it for several. Port 0 = any free one, which is printed.")
    private List<String> endpoints;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostPort.class,
            description = "The server. A TCP server is connected once for each flow; if it cannot be reached, the flow"
                    + " is refused and the client's connection is reset. A UDP server sees each client at a port of"
                    + " its own.")
    private InetSocketAddress target;

    @Option(names = "--udp", description = "Serve what 'rendr forward --udp' carries, instead of TCP connections.")
    private boolean udp;

    @Option(
            names = "--open-to-anyone",
            description = "Listen without keys where others can reach it. Whoever does can use the server.")
    private boolean openToAnyone;

    @Mixin
    private Protecting protecting;

    @Mixin
    private Stopping stopping;

    @Override
    public Integer call() throws IOException {
        AcceptorConfig.Builder config = AcceptorConfig.builder().protection(protecting.protection());
        endpoints.forEach(config::endpoint);
        Exposure.refuseUnlessGuarded(config.build().endpoints(), protecting.hasKeys(), openToAnyone);
        if (openToAnyone && !protecting.hasKeys()) {
            LOG.warn("open to anyone: whoever reaches an endpoint can use {}", HostPort.text(target));
        }
        Rendr rendr = Rendr.create(protecting.runtime());
        try {
            Egress<?, ?> egress = udp
                    ? Egress.open(rendr, config, new UdpExit(target))
                    : Egress.open(rendr, config, new TcpExit(target));
            PrintWriter out = spec.commandLine().getOut();
            egress.endpoints().forEach(endpoint -> out.println("accepting " + endpoint));
            out.flush();
            UntilStopped.run(() -> {
                egress.stop(stopping.grace());
                rendr.close();
            });
        } finally {
            rendr.close();
        }
        return 0;
    }
}
