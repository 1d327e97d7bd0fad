// SPDX-License-Identifier: Apache-2.0
package io.rendr.spi;

import io.rendr.PathSpec;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Where a path wants to come from: one address, or those of an interface. For transports with an option {@code local}.
 *
 * @param spec the path
 * @param text what its option says
 * @param addresses what that means on this machine
 */
public record LocalAddress(PathSpec spec, String text, List<InetAddress> addresses) {

    /** Copies the list. */
    public LocalAddress {
        addresses = List.copyOf(addresses);
    }

    /**
     * Finds the addresses. Blocks: asks the kernel and perhaps a name server; see {@link CarrierContext#blocking}.
     *
     * @param spec the path, for error messages
     * @param text an address of this machine, or the name of one of its network interfaces
     * @return its addresses
     * @throws IOException a {@link BindException} if it is neither
     */
    public static LocalAddress find(PathSpec spec, String text) throws IOException {
        NetworkInterface byName = NetworkInterface.getByName(text);
        if (byName != null) {
            return new LocalAddress(spec, text, byName.inetAddresses().toList());
        }
        try {
            return new LocalAddress(spec, text, List.of(InetAddress.getAllByName(text)));
        } catch (UnknownHostException e) {
            BindException failure = new BindException("path " + spec + ": local=" + text
                    + " is neither a network interface nor an address of this machine");
            failure.initCause(e);
            throw failure;
        }
    }

    /**
     * Where a carrier goes that moves: an interface may have other addresses now than when the path was dialed.
     *
     * @param context of the carrier
     * @param wanted where it is told to go
     * @param remote where the path goes; resolved
     * @return {@code wanted}, with the address that the path has to come from now if that is the wildcard address;
     *     fails as {@link #find} and {@link #towards} do
     */
    public CompletionStage<SocketAddress> rebindTo(CarrierContext context, SocketAddress wanted, SocketAddress remote) {
        if (!(wanted instanceof InetSocketAddress any) || !any.getAddress().isAnyLocalAddress()) {
            return CompletableFuture.completedFuture(wanted);
        }
        return context.blocking(() -> new InetSocketAddress(find(spec, text).towards(remote), any.getPort()));
    }

    /**
     * The first address of the family of a remote one.
     *
     * @param remote where the path goes; resolved
     * @return where it comes from
     * @throws IllegalArgumentException if there is none
     */
    public InetAddress towards(SocketAddress remote) {
        InetAddress to = ((InetSocketAddress) remote).getAddress();
        return addresses.stream()
                .filter(a -> a.getClass() == to.getClass())
                .filter(a -> a.isLinkLocalAddress() == to.isLinkLocalAddress())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("path " + spec + ": local=" + text
                        + " has no address of the family of " + to.getHostAddress() + ", only " + addresses));
    }
}
