# SPDX-License-Identifier: Apache-2.0
"""Migrations of connections: the end that dialed goes on from another port, or another address of its machine."""
import time

import lab as laboratory

PATIENCE = 10  # seconds until both ends tell of the new address


class Moves:
    """Moves the carrier of one path on one link, again and again; every other time to another address."""

    def __init__(self, lab, flow, link="p1"):
        self.lab, self.flow, self.link = lab, flow, link
        self.network = f"10.{link.removeprefix('p')}.0"
        self.places = [self.local()]

    def local(self):
        return self.flow.sent_stats()["paths"][0].get("local")

    def move(self):
        """Returns when both ends say that the path starts elsewhere."""
        if len(self.places) % 2:
            address = f"{self.network}.{100 + len(self.places) % 100}"
            laboratory.run("ip", "-n", self.lab.a, "addr", "replace", f"{address}/32", "dev", self.link)
            laboratory.run("ip", "-n", self.lab.a, "route", "replace", f"{self.network}.0/24", "dev", self.link, "src", address)
        self.flow.dialer.ask(f"network {self.flow.dialed}")
        end = time.monotonic() + PATIENCE
        while (local := self.local()) == self.places[-1] or self.flow.read_stats()["paths"][0].get("remote") != local:
            if time.monotonic() > end:
                raise RuntimeError(f"{self.flow.label}: moved from {self.places[-1]} to {local}, the peer says "
                                   f"{self.flow.read_stats()['paths'][0]}")
            time.sleep(0.01)
        self.places.append(local)

    def require_same_carrier(self, times):
        """The path moved so often, and was never dialed again. To be asked before the flow is closed."""
        lost = [look()["carriersLost"] for look in (self.flow.sent_stats, self.flow.read_stats)]
        self.lab.require(lost == [0, 0], f"{self.flow.label}: carriers were lost: {lost}")
        self.lab.require(len(set(self.places)) == times + 1, f"{self.flow.label}: the path started only at {self.places}")
