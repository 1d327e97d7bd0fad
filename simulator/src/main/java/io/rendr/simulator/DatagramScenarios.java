// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.active;
import static io.rendr.simulator.Expectations.carriersKept;
import static io.rendr.simulator.Expectations.delivered;
import static io.rendr.simulator.Expectations.failedBy;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.fin;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.DatagramCounters;
import io.rendr.DialException;
import io.rendr.FlowAbortedException;
import io.rendr.simulator.Schedule.FaultKind;
import io.rendr.simulator.Schedule.MoveKind;
import io.rendr.simulator.Schedule.Side;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Datagrams: their loss, their size, their handshake, and where they come from. */
final class DatagramScenarios {
    private static final long FAST = 1_000_000;
    /** One datagram in a million: the route may do to datagrams what is not loss. */
    private static final int HARDLY_ANY = 1;

    private DatagramScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("lost-datagrams-are-made-good", Rule.LOSS)
                        .link(20, FAST)
                        .datagrams(50_000)
                        .flow(0, bulk(800_000), bulk(200_000))
                        .at(12_000, delivered(ACCEPTOR, 800_000))
                        .at(12_000, delivered(DIALER, 200_000))
                        .expect(befell("lost", Datagrams::lost)),
                new Scenario("the-peers-yes-is-lost", Rule.LOSS)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, trickle(10_000, 100), trickle(10_000, 100))
                        .fault(90, 40, FaultKind.BLACKHOLE_BACK, 1)
                        .at(2_000, delivered(ACCEPTOR, 100)),
                new Scenario("the-policy-goes-by-datagram", Rule.LOSS)
                        .link(20, FAST)
                        .datagrams(0)
                        .link(30, FAST)
                        .datagrams(0)
                        .flow(0, trickle(10_000, 100), bulk(3_000_000))
                        .move(1_000, DIALER, MoveKind.MIGRATE, 2)
                        .at(1_300, active(ACCEPTOR, 2)),
                new Scenario("a-tail-is-lost", Rule.PTO)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, trickle(100, 3_000), SILENT)
                        .fault(6_100, 60, FaultKind.BLACKHOLE_FORWARD, 1)
                        .at(6_280, delivered(ACCEPTOR, 40)),
                new Scenario("a-queue-runs-over", Rule.CONGESTION)
                        .link(20, FAST)
                        .datagrams(0)
                        .buffer(64 << 10)
                        .flow(0, bulk(12_000_000), SILENT)
                        .lasting(15_000)
                        .at(14_000, delivered(ACCEPTOR, 11_000_000))
                        .figure(
                                "datagrams that did not fit",
                                sim -> sim.route(1).datagrams().overflowed()),
                new Scenario("only-small-datagrams-pass", Rule.DATAGRAM_SIZE)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, bulk(8_000_000), SILENT)
                        .fault(2_000, 30_000, FaultKind.MTU, 1)
                        .at(11_000, delivered(ACCEPTOR, 7_000_000)),
                new Scenario("packets-do-not-fit", Rule.TOO_SMALL)
                        .link(20, FAST)
                        .datagrams(0)
                        .link(30, FAST)
                        .flow(0, bulk(4_000_000), SILENT)
                        .packets(60_000)
                        .fault(2_000, 30_000, FaultKind.MTU, 1)
                        .at(8_000, delivered(ACCEPTOR, 4_000_000))
                        .at(8_000, active(DIALER, 2)),
                new Scenario("packets-fit-nowhere", Rule.TOO_SMALL)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, bulk(4_000_000), SILENT)
                        .packets(60_000)
                        .fault(0, 30_000, FaultKind.MTU, 1)
                        .expect(failedBy(DIALER, DialException.class, 0, 2_000))
                        .expect(failedBy(ACCEPTOR, FlowAbortedException.class, 0, 2_000)),
                new Scenario("packets-fit-where-it-takes-longer", Rule.TOO_SMALL)
                        .link(5, FAST)
                        .datagrams(0)
                        .link(300, FAST)
                        .flow(0, trickle(100_000, 20), SILENT)
                        .packets(60_000)
                        .fault(0, 30_000, FaultKind.MTU, 1)
                        .at(8_000, delivered(ACCEPTOR, 100_000))
                        .at(8_000, active(DIALER, 2)),
                new Scenario("a-hello-is-lost", Rule.HANDSHAKE_REPEAT)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, trickle(10_000, 100), SILENT)
                        .fault(0, 100, FaultKind.BLACKHOLE_FORWARD, 1)
                        .at(1_200, delivered(ACCEPTOR, 100)),
                new Scenario("a-confirm-is-lost", Rule.CONFIRM_REPEAT)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, trickle(10_000, 100), SILENT)
                        .fault(70, 25, FaultKind.BLACKHOLE_FORWARD, 1)
                        .at(1_200, delivered(ACCEPTOR, 100)),
                new Scenario("recorded-datagrams-bring-nothing", Rule.REPLAYED_DATAGRAM)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, trickle(20_000, 20), trickle(20_000, 20))
                        .fault(5_000, 10, FaultKind.REPLAY, 1)
                        .fault(6_000, 10, FaultKind.REPLAY, 1)
                        .expect(sim -> sim.end(1, ACCEPTOR).flow().counters().duplicates() == 0
                                ? null
                                : "what was recorded was taken again"),
                new Scenario("damaged-datagrams-harm-nobody", Rule.GENUINE)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, trickle(20_000, 20), trickle(20_000, 20))
                        .fault(3_000, 3_000, FaultKind.CORRUPT, 1)
                        .fault(7_000, 10, FaultKind.FORGE, 1)
                        .expect(befell("damaged", Datagrams::damaged))
                        .expect(counted(ACCEPTOR, "forged", DatagramCounters::forged))
                        .at(19_900, carriersKept()),
                new Scenario("greetings-from-nowhere", Rule.COOKIE)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, fin(bulk(2_000)), fin(bulk(2_000)))
                        .lasting(150_000)
                        .fault(125_000, 10, FaultKind.FLOOD, 1)
                        .fault(125_500, 10, FaultKind.REPLAY, 1)
                        .fault(126_000, 10, FaultKind.FLOOD, 1)
                        .fault(126_500, 10, FaultKind.REPLAY, 1)
                        .at(126_600, DatagramScenarios::nobodyIsKept),
                new Scenario("a-nat-forgets", Rule.REBIND)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, bulk(6_000_000), bulk(6_000_000))
                        .fault(2_000, 10, FaultKind.NAT_SILENT, 1)
                        .fault(4_000, 10, FaultKind.NAT_SILENT, 1)
                        .fault(6_000, 10, FaultKind.NAT_SILENT, 1)
                        .at(9_500, delivered(ACCEPTOR, 6_000_000))
                        .at(9_500, delivered(DIALER, 5_000_000))
                        .expect(counted(ACCEPTOR, "followed", DatagramCounters::addressesFollowed))
                        .at(19_900, carriersKept()),
                new Scenario("copies-from-elsewhere", Rule.RELAYED)
                        .link(20, FAST)
                        .datagrams(0)
                        .flow(0, bulk(10_000_000), bulk(10_000_000))
                        .fault(1_000, 4_000, FaultKind.RELAY, 1)
                        .at(8_000, delivered(ACCEPTOR, 5_500_000))
                        .at(8_000, delivered(DIALER, 4_500_000))
                        .expect(counted(ACCEPTOR, "checked", DatagramCounters::addressesChecked))
                        .expect(sim -> sim.end(1, ACCEPTOR)
                                                .flow()
                                                .counters()
                                                .datagrams()
                                                .addressesFollowed()
                                        == 0
                                ? null
                                : "an address was followed that nobody answered from")
                        .at(19_900, carriersKept()));
    }

    private static Function<Simulation, @Nullable String> befell(String what, ToLongFunction<Datagrams> counter) {
        return sim -> counter.applyAsLong(sim.route(1).datagrams()) > 0 ? null : "no datagram was " + what;
    }

    private static @Nullable String nobodyIsKept(Simulation sim) {
        DatagramServer server = sim.hosts().get(1).server();
        return server == null || server.hub().carriers() == 0
                ? null
                : server.hub().carriers() + " carriers are kept of which nobody echoed a cookie";
    }

    private static Function<Simulation, @Nullable String> counted(
            Side side, String what, ToLongFunction<DatagramCounters> counter) {
        return sim -> counter.applyAsLong(sim.end(1, side).flow().counters().datagrams()) > 0
                ? null
                : "nothing was counted as " + what;
    }
}
