// SPDX-License-Identifier: Apache-2.0
package io.rendr.cli;

import io.rendr.PathSpec;
import io.rendr.PathSyntaxException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code host:port} and {@code [ipv6]:port} without asking a name server. */
final class HostPort implements ITypeConverter<InetSocketAddress> {
    @Override
    public InetSocketAddress convert(String text) {
        try {
            return PathSpec.of("tcp", text).socketAddress();
        } catch (PathSyntaxException e) {
            throw new TypeConversionException("'" + text + "' is not host:port or [ipv6]:port: " + e.reason());
        }
    }

    /** The address with its name looked up now. */
    static InetSocketAddress resolve(InetSocketAddress address) throws IOException {
        InetSocketAddress resolved = new InetSocketAddress(address.getHostString(), address.getPort());
        if (resolved.isUnresolved()) {
            throw new UnknownHostException("no such host: " + address.getHostString());
        }
        return resolved;
    }

    /** As a person writes it. */
    static String text(InetSocketAddress address) {
        String host = address.getAddress() == null
                ? address.getHostString()
                : address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
