// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A path names a transport that the runtime does not have. The message lists what it has and what it had to skip. */
public final class UnknownTransportException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The name. */
    private final String transport;

    /**
     * Creates the exception.
     *
     * @param transport the name that is not known
     * @param spec the path that has it; {@code null} if it was asked for by name alone
     * @param known the transports that are there: name, and what to say about it, such as
     *     {@code 1.0 (transport-tcp-1.0.jar)} or {@code (unavailable: no process at 127.0.0.1:10085)}
     * @param skipped what was found and could not be used, each a phrase
     */
    public UnknownTransportException(
            String transport, @Nullable PathSpec spec, Map<String, String> known, Collection<String> skipped) {
        super(message(transport, spec, new TreeMap<>(known), List.copyOf(skipped)));
        this.transport = transport;
    }

    private static String message(
            String transport, @Nullable PathSpec spec, Map<String, String> known, List<String> skipped) {
        StringBuilder text =
                new StringBuilder("no transport named '").append(transport).append('\'');
        if (spec != null) {
            text.append(" (in '").append(spec).append("')");
        }
        text.append('.').append(Names.didYouMean(transport, known.keySet()));
        if (known.isEmpty()) {
            text.append("\nKnown: none.");
        } else {
            String separator = "\nKnown: ";
            for (Map.Entry<String, String> one : known.entrySet()) {
                text.append(separator).append((one.getKey() + " " + one.getValue()).strip());
                separator = ", ";
            }
            text.append('.');
        }
        if (!skipped.isEmpty()) {
            text.append("\nSkipped: ").append(String.join("; ", skipped)).append('.');
        }
        text.append("\nAdd the jar of the transport, or pass a PathFactory to RendrConfig.transport(..).");
        return text.toString();
    }

    /** {@return the name that is not known} */
    public String transport() {
        return transport;
    }
}
