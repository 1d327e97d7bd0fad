// SPDX-License-Identifier: Apache-2.0
package io.rendr.testkit;

import io.rendr.OptionKey;
import io.rendr.spi.BindRequest;
import io.rendr.spi.BoundPort;
import io.rendr.spi.DialRequest;
import io.rendr.spi.StreamCarrier;
import io.rendr.spi.StreamPathFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The transport {@code mem://name}: byte streams between event loops of one process, without a socket. For tests of whatever runs above a
 * transport; faults are injected at the {@link MemLink} of the name:
 *
 * <pre>{@code
 * MemNetwork.shared().link("wifi").blackHole(true);
 * }</pre>
 *
 * Options: {@code buffer}, how much a direction holds (its credit); {@code chunk}, the most that is delivered in one piece, so that a test can have
 * its bytes cut anywhere.
 */
public final class MemTransport implements StreamPathFactory {

    /** Bytes that one direction holds before the writer has no credit left. Default 256 KiB. */
    public static final OptionKey<Long> BUFFER = OptionKey.bytes(
                    "buffer", 256L << 10, "Bytes that one direction holds before the writer has no credit left.")
            .between(1L, 1L << 30);

    /** The most that is delivered in one piece, in bytes. Default 64 KiB. */
    public static final OptionKey<Long> CHUNK = OptionKey.bytes(
                    "chunk", 64L << 10, "The most that is delivered in one piece.")
            .between(1L, 1L << 30);

    private final MemNetwork network;

    /** On the network of the process. */
    public MemTransport() {
        this(MemNetwork.shared());
    }

    /** On a network of one's own. */
    public MemTransport(MemNetwork network) {
        this.network = network;
    }

    @Override
    public String transport() {
        return "mem";
    }

    @Override
    public List<OptionKey<?>> options() {
        return List.of(BUFFER, CHUNK);
    }

    @Override
    public CompletionStage<StreamCarrier> dial(DialRequest request) {
        MemDial dial = new MemDial(request);
        MemLink link = network.link(request.spec().address());
        request.onCancel(() -> {
            link.forget(dial);
            dial.cancel();
        });
        link.dial(dial);
        return dial.result();
    }

    @Override
    public CompletionStage<BoundPort> bind(BindRequest request) {
        MemLink link = network.link(request.spec().address());
        MemPort port = new MemPort(link, request);
        try {
            link.bind(port);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.completedFuture(port);
    }
}
