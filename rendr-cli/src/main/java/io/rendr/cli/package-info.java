// SPDX-License-Identifier: Apache-2.0
/**
 * The {@code rendr} command, a thin user of the API.
 *
 * <p>{@link io.rendr.cli.Main} starts {@link io.rendr.cli.RendrCommand}, which names the subcommands, one class each. A
 * {@link io.rendr.cli.Ingress} gives each client a flow of its own, an {@link io.rendr.cli.Egress} leads flows to a
 * server by its {@link io.rendr.cli.Exit}, and a {@link io.rendr.cli.Splice} carries between socket and flow; of each
 * there is one for TCP and one for UDP.
 * {@link io.rendr.cli.Demo} is the demonstration: {@link io.rendr.cli.DemoWorld} has its ends and links,
 * {@link io.rendr.cli.FaultRun} breaks the links, and a {@link io.rendr.cli.DemoView} shows it.
 */
@NullMarked
package io.rendr.cli;

import org.jspecify.annotations.NullMarked;
