// SPDX-License-Identifier: Apache-2.0
package io.rendr;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a path is: a transport, an address in the form of that transport, and options. Immutable.
 *
 * <pre>
 * tcp://h1:5555                                host and port
 * tcp://[2001:db8::1]:5555?name=lan&amp;fate=wifi  IPv6; options
 * uds:///run/x.sock                            a file
 * xray://hk/h1:5555                            whatever the transport understands
 * </pre>
 *
 * In the URI form {@code %XX} stands for a byte of UTF-8; an option without {@code =} is {@code true}; a zone of an IPv6
 * address is written {@code [fe80::1%eth0]} or {@code [fe80::1%25eth0]}. {@link #toString()} and {@link #toUri()} hide
 * secrets: passwords in the address and the values of options that were set by a
 * {@linkplain OptionKey#isSecret() secret key} or are named like one ({@code password}, {@code secret}, {@code token},
 * {@code psk}, {@code key}, ...).
 */
public final class PathSpec {
    private final String transport;
    private final String address;
    private final Map<String, String> options;
    private final Set<String> secrets;

    PathSpec(String transport, String address, Map<String, String> options, Set<String> secrets) {
        this.transport = transport;
        this.address = address;
        this.options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        this.secrets = Set.copyOf(secrets);
    }

    /**
     * Reads a path.
     *
     * @param uri {@code transport://address?key=value&key=value}
     * @return the path
     * @throws PathSyntaxException if the text is not of that form; says where and why
     */
    public static PathSpec of(String uri) {
        return new PathParser(uri).parse();
    }

    /**
     * A path from its parts.
     *
     * @param transport name of the transport
     * @param address address in the form of that transport, without percent encoding
     * @return the path
     * @throws PathSyntaxException if the name is not a transport's name, or the address is empty
     */
    public static PathSpec of(String transport, String address) {
        String shown = transport + "://" + address;
        PathParser.checkTransport(shown, transport);
        if (address.isBlank()) {
            throw new PathSyntaxException(shown, shown.length(), "an address is missing");
        }
        return new PathSpec(transport, address, Map.of(), Set.of());
    }

    /**
     * A path from an address and the typed options of its transport.
     *
     * @param address address in the form of that transport
     * @param typed the options, which also name the transport
     * @return the path
     */
    public static PathSpec of(String address, PathOptions typed) {
        PathSpec spec = of(typed.transport(), address);
        for (Map.Entry<String, String> option : typed.toMap().entrySet()) {
            spec = spec.with(option.getKey(), option.getValue());
        }
        return spec;
    }

    /**
     * The same path with an option set.
     *
     * @param key name of the option
     * @param value its text, without percent encoding
     * @return a new path
     * @throws IllegalArgumentException if {@code key} is not an option's name
     */
    public PathSpec with(String key, String value) {
        if (!OptionKey.isName(key)) {
            throw new IllegalArgumentException(
                    "'" + key + "' is not an option's name: letters, digits, '.', '_' and '-', starting with a letter");
        }
        Map<String, String> changed = new LinkedHashMap<>(options);
        changed.put(key, Objects.requireNonNull(value, key));
        return new PathSpec(transport, address, changed, secrets);
    }

    /**
     * The same path with an option set.
     *
     * @param <T> type of the value
     * @param key the option
     * @param value its value
     * @return a new path
     * @throws IllegalArgumentException if the key does not allow the value
     */
    public <T> PathSpec with(OptionKey<T> key, T value) {
        key.check(value);
        PathSpec changed = with(key.name(), key.format(value));
        if (!key.isSecret() || secrets.contains(key.name())) {
            return changed;
        }
        Set<String> more = new TreeSet<>(secrets);
        more.add(key.name());
        return new PathSpec(transport, address, changed.options, more);
    }

    /**
     * The same path over TLS, or with other TLS settings.
     *
     * @param tls the settings
     * @return a new path
     */
    public PathSpec with(TlsConfig tls) {
        Map<String, String> changed = new LinkedHashMap<>(options);
        changed.keySet().removeIf(TlsConfig::isTlsOption);
        changed.putAll(tls.toOptions());
        return new PathSpec(transport, address, changed, secrets);
    }

    /**
     * The same path at another port.
     *
     * @param port 0 to 65535
     * @return a new path
     * @throws PathSyntaxException if the address is not {@code host:port} or {@code [ipv6]:port}
     * @throws IllegalArgumentException if {@code port} is out of range
     */
    public PathSpec withPort(int port) {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a port is a number from 0 to 65535, not " + port);
        }
        socketAddress(); // only to fail where there is no port
        String host = address.substring(0, address.lastIndexOf(':') + 1);
        return new PathSpec(transport, host + port, options, secrets);
    }

    /**
     * What a dialer may know of this endpoint: the same without the certificate and the key of the accepting end.
     *
     * @return a path; it still uses TLS if this does
     */
    public PathSpec forDialers() {
        if (options.keySet().stream().noneMatch(TlsConfig::isAcceptorsOwn)) {
            return this;
        }
        Map<String, String> changed = new LinkedHashMap<>(options);
        changed.keySet().removeIf(TlsConfig::isAcceptorsOwn);
        changed.putIfAbsent(TlsConfig.TLS.name(), "true");
        return new PathSpec(transport, address, changed, secrets);
    }

    /** {@return the name of the transport} */
    public String transport() {
        return transport;
    }

    /** {@return the address, in the form of the transport, without percent encoding; may hold secrets} */
    public String address() {
        return address;
    }

    /**
     * The address read as {@code host:port} or {@code [ipv6]:port}.
     *
     * @return host and port, not resolved: nobody asked a name server
     * @throws PathSyntaxException if the address is not of that form
     */
    public InetSocketAddress socketAddress() {
        return PathParser.socketAddress(this);
    }

    /** {@return the options as texts, in the order they were given; may hold secrets} */
    public Map<String, String> options() {
        return options;
    }

    /**
     * The value of an option, or its default.
     *
     * @param <T> type of the value
     * @param key the option
     * @return the value
     * @throws IllegalArgumentException if the text cannot be read, or the option is absent and has no default; names the
     *     path and the option
     */
    public <T> T option(OptionKey<T> key) {
        return find(key)
                .or(key::defaultValue)
                .orElseThrow(() -> new IllegalArgumentException(
                        "path " + this + " needs the option '" + key.name() + "' (" + key.type() + "): " + key.help()));
    }

    /**
     * The value of an option if it is given.
     *
     * @param <T> type of the value
     * @param key the option
     * @return the value; empty if the option is absent, whatever its default
     * @throws IllegalArgumentException if the text cannot be read; names the path and the option
     */
    public <T> Optional<T> find(OptionKey<T> key) {
        String text = options.get(key.name());
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(key.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("path " + this + ": " + e.getMessage(), e);
        }
    }

    /**
     * The TLS settings.
     *
     * @return the settings; empty if the path does not use TLS
     * @throws IllegalArgumentException if they cannot be read
     */
    public Optional<TlsConfig> tls() {
        return TlsConfig.fromOptions(this);
    }

    /** {@return the option {@code name}, or else {@code transport://address}, its password hidden} */
    public String name() {
        String name = options.get(CommonOptions.NAME.name());
        return name != null ? name : PathText.transportAndAddress(this);
    }

    /**
     * Checks the options against what a transport understands; {@link CommonOptions} are understood always.
     *
     * @param transport the transport of this path
     * @throws InvalidConfigException if an option is unknown or its value cannot be read; lists every problem, with the
     *     nearest known name
     */
    public void check(Transport transport) {
        List<OptionKey<?>> known = new ArrayList<>(transport.options());
        known.addAll(CommonOptions.ALL);
        List<String> problems = new ArrayList<>(OptionKey.problems(options, known));
        if (problems.isEmpty()) {
            try {
                tls();
            } catch (InvalidConfigException e) {
                problems.addAll(e.problems());
            }
        }
        InvalidConfigException.throwIfAny("path " + this, problems);
    }

    /** {@return the URI form with secrets hidden as {@code ***}} */
    public String toUri() {
        return PathText.uri(this, secrets, false);
    }

    /**
     * The URI form, complete. {@code of(spec.toUriWithSecrets())} equals {@code spec}. Not for logs.
     *
     * @return the URI
     */
    public String toUriWithSecrets() {
        return PathText.uri(this, secrets, true);
    }

    /** Equal transport, address and options, in any order. */
    @Override
    public boolean equals(Object other) {
        return other instanceof PathSpec that
                && transport.equals(that.transport)
                && address.equals(that.address)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(transport, address, options);
    }

    /** {@return {@link #toUri()}: secrets are hidden} */
    @Override
    public String toString() {
        return toUri();
    }
}
