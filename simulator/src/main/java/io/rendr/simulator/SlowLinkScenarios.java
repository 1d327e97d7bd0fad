// SPDX-License-Identifier: Apache-2.0
package io.rendr.simulator;

import static io.rendr.simulator.Expectations.unmoved;
import static io.rendr.simulator.Scenario.SILENT;
import static io.rendr.simulator.Scenario.app;
import static io.rendr.simulator.Scenario.bulk;
import static io.rendr.simulator.Scenario.trickle;
import static io.rendr.simulator.Schedule.Side.DIALER;

import io.rendr.simulator.Schedule.Writing;
import java.util.List;

/** Narrow links on which nothing fails: no traffic may look like silence there. */
final class SlowLinkScenarios {
    private static final long FAST = 3_000_000;

    private SlowLinkScenarios() {}

    static List<Scenario> all() {
        return List.of(
                slow(20_000, 1, 4 << 20),
                slow(20_000, 150, 1),
                slow(100_000, 20, 256 << 10),
                slow(400_000, 1, 4 << 20),
                new Scenario("flows-that-share-a-slow-link-stay", Rule.RECEIPTS)
                        .link(5, 40_000)
                        .link(5, 40_000)
                        .flow(0, bulk(200_000), bulk(200_000))
                        .flow(1_000, trickle(20_000, 50), bulk(200_000))
                        .flow(2_000, app(Writing.BURSTS, 100_000, 30_000, 3_000), trickle(20_000, 50))
                        .flow(3_000, bulk(200_000), SILENT)
                        .lasting(30_000)
                        .expect(unmoved()),
                new Scenario("the-first-bytes-wait-behind-other-flows", Rule.RECEIPTS)
                        .link(1, 50_000)
                        .flow(0, bulk(400_000), SILENT)
                        .flow(0, bulk(400_000), SILENT)
                        .flow(0, bulk(400_000), SILENT)
                        .link(3, FAST)
                        .flow(0, bulk(300_000), SILENT)
                        .expect(sim -> sim.end(4, DIALER).history().moves().isEmpty() ? null : "the flow moved"));
    }

    /** Bulk both ways over slow links: nothing but a fault moves a flow, however long its receipts wait. */
    private static Scenario slow(int rate, int delayMs, int buffer) {
        return new Scenario("bulk-over-a-slow-link-" + rate + "-" + delayMs, Rule.RECEIPTS)
                .link(delayMs, rate)
                .buffer(buffer)
                .link(delayMs, FAST)
                .flow(0, bulk(20 * rate), bulk(20 * rate))
                .lasting(25_000)
                .expect(unmoved())
                .expect(sim -> sim.end(1, DIALER).flow().counters().spuriousSuspicions() == 0
                        ? null
                        : "the slow link was suspected");
    }
}
