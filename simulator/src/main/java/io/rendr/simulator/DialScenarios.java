// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.delivered;
import static io.rendr.simulator.Expectations.failedBy;
import static io.rendr.simulator.Expectations.unharmed;
import static io.rendr.simulator.Expectations.usable;
import static io.rendr.simulator.Expectations.waitedLess;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.ACCEPTOR;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.FlowRefusedException;
import io.rendr.PeerRestartedException;
import io.rendr.simulator.Schedule.Admission;
import io.rendr.simulator.Schedule.FaultKind;
import java.util.List;

/** First dials, redials and further carriers. */
final class DialScenarios {
    private static final long FAST = 3_000_000;

    private DialScenarios() {}

    static List<Scenario> all() {
        return List.of(
                new Scenario("a-tarpit-keeps-nobody-from-the-other-paths", Rule.REDIAL)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(1_000, bulk(100_000), SILENT)
                        .fault(0, 60_000, FaultKind.TARPIT, 1)
                        .at(6_000, delivered(ACCEPTOR, 100_000)),
                new Scenario("redial-after-reset", Rule.REDIAL)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .expect(waitedLess(ACCEPTOR, 1_500)),
                new Scenario("a-path-that-refuses", Rule.BACKOFF)
                        .link(20, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 10_000, FaultKind.CONNECT_REFUSED, 1)
                        .at(12_000, sim -> {
                            int attempts = sim.end(1, DIALER).history().connects();
                            return attempts <= 10 ? null : attempts + " attempts in 9 s";
                        }),
                new Scenario("a-carrier-that-was-overtaken", Rule.STALE_CARRIER)
                        .link(30, FAST)
                        .flow(0, trickle(1_000_000, 50), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(3_120, 1_530, FaultKind.BLACKHOLE_FORWARD, 1)
                        .at(12_000, sim -> {
                            long lost = sim.end(1, DIALER)
                                    .flow()
                                    .counters()
                                    .snapshot()
                                    .carriersLost();
                            return lost == 1 ? null : "the dialer lost " + lost + " carriers, one was reset";
                        }),
                new Scenario("a-dial-that-nobody-answers", Rule.DIAL_TIMEOUT)
                        .link(20, FAST)
                        .fault(0, 19_000, FaultKind.CONNECT_MUTE, 1)
                        .flow(0, bulk(1_000), SILENT)
                        .at(16_000, sim -> sim.conversations().get(0).dialOver() ? null : "the dial goes on"),
                new Scenario("the-peer-takes-its-time", Rule.ACCEPTED)
                        .link(20, FAST)
                        .flow(0, Admission.DEFERRED, false, bulk(1_000), SILENT)
                        .at(600, sim -> sim.end(1, DIALER).app() == null ? null : "the dial returned too early")
                        .at(2_000, delivered(ACCEPTOR, 1_000)),
                new Scenario("connects-that-hang", Rule.CONNECT_TIMEOUT)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 3_250, FaultKind.CONNECT_HANG, 1)
                        .expect(waitedLess(ACCEPTOR, 5_000)),
                new Scenario("carriers-that-swallow-the-handshake", Rule.ATTACH_TIMEOUT)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(30_000)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 4_000, FaultKind.CONNECT_MUTE, 1)
                        .expect(waitedLess(ACCEPTOR, 13_000)),
                new Scenario("one-carrier-that-swallows-the-handshake", Rule.ATTACH_TIMEOUT)
                        .link(20, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 10, FaultKind.RST, 1)
                        .fault(2_900, 300, FaultKind.CONNECT_MUTE, 1)
                        .expect(waitedLess(ACCEPTOR, 1_800)),
                new Scenario("the-first-path-does-not-answer", Rule.HELLO_RETRY)
                        .link(20, FAST)
                        .link(40, FAST)
                        .fault(0, 19_000, FaultKind.BLACKHOLE, 1)
                        .flow(0, bulk(100_000), SILENT)
                        .at(1_500, delivered(ACCEPTOR, 100_000)),
                new Scenario("eager-bytes-do-not-wait", Rule.EAGER)
                        .link(50, FAST)
                        .flow(0, Admission.DEFERRED, true, bulk(1_000), SILENT)
                        .at(
                                600,
                                sim -> sim.end(1, ACCEPTOR)
                                                        .flow()
                                                        .receiveBuffer()
                                                        .available()
                                                == 1_000
                                        ? null
                                        : "the bytes waited for the peer's admission"),
                new Scenario("a-refused-dial", Rule.REFUSED)
                        .link(20, FAST)
                        .flow(0, Admission.REFUSED, false, bulk(1_000), SILENT)
                        .expect(failedBy(DIALER, FlowRefusedException.class, 0, 2_000)),
                new Scenario("a-balancer-before-two-acceptors", Rule.WRONG_INSTANCE)
                        .link(20, FAST)
                        .link(20, FAST)
                        .balanced()
                        .flow(0, bulk(30_000_000), SILENT)
                        .lasting(40_000)
                        .fault(3_000, 10, FaultKind.RST, 2)
                        .fault(6_000, 10, FaultKind.RST, 2)
                        .fault(9_000, 10, FaultKind.RST, 2)
                        .fault(12_000, 10, FaultKind.RST, 2)
                        .fault(15_000, 10, FaultKind.RST, 2)
                        .fault(18_000, 10, FaultKind.RST, 2)
                        .at(34_000, unharmed())
                        .at(35_000, usable(DIALER, 2)),
                new Scenario("the-peer-restarted", Rule.PEER_RESTART)
                        .link(20, FAST)
                        .link(30, FAST)
                        .flow(0, bulk(30_000_000), SILENT)
                        .fault(3_000, 500, FaultKind.HOST_CRASH, 1)
                        .expect(failedBy(DIALER, PeerRestartedException.class, 3_000, 12_000)));
    }
}
