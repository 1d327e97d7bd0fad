// SPDX-License-Identifier: Apache-2.0
/**
 * The engine's pure core on a virtual clock over a modelled network: a fault schedule of a minute runs in milliseconds,
 * and a seed that fails replays exactly.
 *
 * <p>A {@code Schedule} is all that a run depends on, as data: made from a seed by
 * {@code ScheduleGenerator}, by hand in {@code Scenarios}, or read from text. {@code Simulation} runs it, event by event
 * ({@code Timeline}), with {@code Director} bringing faults and moves about,
 * and {@code Administrator} asking for paths. The network is {@code Route} (what is
 * between two hosts), {@code Connection}, {@code Pipe} (one direction, in order) and {@code Endpoint} (the engine's
 * port). {@code Host} is a process that may stall or die, {@code FlowEnd} drives one end of a flow and
 * {@code Application} reads and writes on top of it. After every event the world is held against the truth
 * ({@code FlowEnd}, {@code WireTap}, {@code Idleness}, {@code Director}); what breaks a promise is a
 * {@code Violation}. {@code Rule} lists what the protocol promises and what runs are counted by. Start with
 * {@code Simulation}; the command is {@code simulator/run}.
 */
@NullMarked
package io.rendr.simulator;

import org.jspecify.annotations.NullMarked;
