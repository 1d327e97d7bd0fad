// SPDX-License-Identifier: Apache-2.0
package io.rendr.acceptance;

import io.rendr.Acceptor;
import io.rendr.DialerConfig;
import io.rendr.Mode;
import io.rendr.Rendr;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Connections of ours. Endpoints and paths are path URIs. */
final class Rendrs implements Wire.Kind {
    /** What the connections carry. */
    enum Carry {
        STREAM,
        REPAIRED_PACKETS,
        BEST_EFFORT_PACKETS
    }

    private final Rendr rendr = Rendr.create();
    private final Carry carry;

    Rendrs(Carry carry) {
        this.carry = carry;
    }

    @Override
    public Wire.Port listen(List<String> endpoints) throws IOException {
        Acceptor acceptor = rendr.listen(endpoints.toArray(String[]::new));
        List<String> bound = new ArrayList<>();
        acceptor.endpoints().forEach(spec -> bound.add(spec.toUri()));
        return new Wire.Port() {
            @Override
            public List<String> endpoints() {
                return bound;
            }

            @Override
            public Wire accept() throws IOException {
                return carry == Carry.STREAM
                        ? new RendrWire(rendr, acceptor.accept())
                        : new RendrPackets(rendr, acceptor.acceptPacket());
            }

            @Override
            public void close() {
                acceptor.close();
            }
        };
    }

    @Override
    public Wire dial(List<String> words) throws IOException {
        DialerConfig.Builder config = DialerConfig.builder();
        List<String> paths = words;
        if (!words.get(0).contains("://")) {
            config.mode(Mode.valueOf(words.get(0).toUpperCase(Locale.ROOT)));
            paths = words.subList(1, words.size());
        }
        paths.forEach(config::path);
        if (carry == Carry.STREAM) {
            return new RendrWire(rendr, rendr.dialer(config.build()).dial());
        }
        if (carry == Carry.BEST_EFFORT_PACKETS) {
            config.repairTtl(Duration.ZERO);
        }
        return new RendrPackets(rendr, rendr.dialer(config.build()).dialPacket());
    }

    @Override
    public void close() {
        rendr.close();
    }
}
