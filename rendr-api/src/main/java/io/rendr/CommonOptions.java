// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.time.Duration;
import java.util.List;

/**
 * The path options that every transport understands, because the engine acts on them:
 * {@code tcp://h1:5555?name=lan&fate=wifi&backup=true}.
 */
public final class CommonOptions {
    /** When the engine seals a path although the carrier could do without. */
    public enum Seal {
        /** Only where the carrier does not authenticate the acceptor by itself. */
        AUTO,
        /** Always: for TLS that ends at a load balancer and not at the peer. */
        ALWAYS
    }

    /** Name of the path in logs, policy trees and errors; absent: {@code transport://address}. */
    public static final OptionKey<String> NAME = OptionKey.text(
                    "name", null, "Name of the path in logs, policy and errors; absent: transport://address.")
            .where(n -> Names.problem(n) == null, "be 1 to 64 bytes of UTF-8 without control characters");

    /** Name of what the path dies together with, such as a network interface. Rescue prefers another fate. */
    public static final OptionKey<String> FATE = OptionKey.text(
            "fate", null, "What the path dies together with, such as wifi; rescue prefers a path of another fate.");

    /** Whether the path carries nothing while another one answers. Default {@code false}. */
    public static final OptionKey<Boolean> BACKUP =
            OptionKey.flag("backup", false, "Carries nothing while another path answers.");

    /** How long one attempt to connect may take. Default 3 s; transports that go through proxies say 10 s. */
    public static final OptionKey<Duration> CONNECT_TIMEOUT = OptionKey.duration(
                    "connectTimeout", Duration.ofSeconds(3), "How long one attempt to connect may take.")
            .between(Duration.ofMillis(1), Duration.ofMinutes(5));

    /** When the engine seals. Default {@link Seal#AUTO}. */
    public static final OptionKey<Seal> SEAL = OptionKey.choice(
            "seal", Seal.class, Seal.AUTO, "When to seal: auto, or always if TLS ends before the peer.");

    /** All of them. */
    public static final List<OptionKey<?>> ALL = List.of(NAME, FATE, BACKUP, CONNECT_TIMEOUT, SEAL);

    private CommonOptions() {}

    /**
     * How long one attempt to connect may take: what the path says, else the default of the transport's own
     * {@code connectTimeout} key, else that of {@link #CONNECT_TIMEOUT}.
     *
     * @param spec the path
     * @param transport its transport
     * @return the time-out
     */
    public static Duration connectTimeout(PathSpec spec, Transport transport) {
        for (OptionKey<?> own : transport.options()) {
            boolean same = own.name().equals(CONNECT_TIMEOUT.name());
            if (same && own.defaultValue().orElse(null) instanceof Duration theirs) {
                return spec.option(CONNECT_TIMEOUT.withDefault(theirs));
            }
        }
        return spec.option(CONNECT_TIMEOUT);
    }
}
