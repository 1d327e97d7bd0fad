// SPDX-License-Identifier: Apache-2.0
/**
 * What transports that speak TLS share, so that {@link io.rendr.TlsConfig} means the same on all of them. {@link
 * io.rendr.tls.TlsIdentity} is where to start: what an end shows and whom it accepts. {@link io.rendr.tls.PeerCheck} judges
 * certificates, {@link io.rendr.tls.TlsFailure} says what went wrong. A helper of rendr's own transports: it may change with any
 * version.
 */
@NullMarked
package io.rendr.tls;

import org.jspecify.annotations.NullMarked;
