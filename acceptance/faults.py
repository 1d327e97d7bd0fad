# SPDX-License-Identifier: Apache-2.0
"""Faults of the links that carry packets, and changes of the addresses they come from, each with a proof that it was felt."""
import re
import time

import lab as laboratory

UDP_LINKS = ("p1", "p2")  # the others are their backup
FOLLOWED = 20  # packets to a new address that are more than the question whether anybody is there
PATIENCE = 60  # seconds until another path carries, or a lost one is back: longest pause of the redials, and much room
HOLD = 5  # seconds in a hole after which a path is not only silent, but lost


class Faults:
    """What is done to a tunnel, one thing after another."""

    def __init__(self, lab, nat, tunnel):
        self.lab, self.nat, self.tunnel = lab, nat, tunnel
        self.done = []
        self.missing = set()  # what there was no time for
        self.moments = []  # of each, by the clock of the day
        self.before = self.links()

    def run(self, seconds):
        kinds = [("hole both ways", lambda: self.swallow([self.carrier()], hold=HOLD)),
                 ("port", lambda: self.rebind(False)),
                 ("host", lambda: self.rebind(True)),
                 ("only TCP", lambda: self.swallow(UDP_LINKS)),
                 ("hole forth", lambda: self.swallow([self.carrier()], "ab")),
                 ("hole back", lambda: self.swallow([self.carrier()], "ba")),
                 ("address", self.address)]
        end = time.monotonic() + seconds
        turn = 0
        while time.monotonic() < end:
            kind, inflict = kinds[turn % len(kinds)]
            turn += 1
            self.recovered()
            if (backup := self.carrier()) not in UDP_LINKS:  # where the flow may stay for a minute, if it left the others often
                self.note("hole on TCP", lambda: self.swallow([backup]))
            self.note(kind, inflict)
        self.missing = {kind for kind, _ in kinds[:4]} - {fault["kind"] for fault in self.done}

    def require_tried(self):
        """Said last: on a machine that is too busy for all kinds, what went wrong otherwise is still worth more."""
        if self.missing and not self.lab.problems:
            raise laboratory.Untried(f"{self.tunnel.name}: this machine is too busy: there was no time for "
                                     + ", ".join(sorted(self.missing)))

    def note(self, kind, inflict):
        self.moments.append(time.time())
        self.done.append({"kind": kind, **inflict()})
        laboratory.say(f"{self.lab.name}: {self.tunnel.name}: {self.done[-1]}")

    def until(self, fact, complaint):
        end = time.monotonic() + PATIENCE
        while not (found := fact()):
            if time.monotonic() > end:
                raise RuntimeError(f"{self.tunnel.name}: {complaint} after {PATIENCE} s")
            time.sleep(0.05)
        return found

    def recovered(self):
        """Waits until every path of every flow is usable: faults that pile up are no fault of one path."""
        def all_usable():
            flows = self.tunnel.states().values()
            return flows and all(flow.get(f"p{n}") in ("ACTIVE", "STANDBY") for flow in flows for n in (1, 2, 3))
        self.until(all_usable, "not all paths are usable")

    def carrier(self, among=None):
        """The link that carries most, by the emulator."""
        before = {link: self.count(link, "out", "bytes") for link in among or self.lab.links}
        time.sleep(0.3)
        return max(before, key=lambda link: self.count(link, "out", "bytes") - before[link])

    def count(self, link, *keys):
        total = 0
        for way in self.lab.counters(link).values():
            for key in keys:
                way = way[key]
            total += way
        return total

    def swallow(self, links, way="both", hold=0):
        """Holes until another link carries most, and so long after. How many packets they took, and which link it is."""
        before = {link: self.count(link, "dropped", "hole", "packets") for link in links}

        def swallowed():
            return {link: self.count(link, "dropped", "hole", "packets") - count for link, count in before.items()}
        for link in links:
            self.lab.shape(link, "hole=on", way)
        try:
            carrier = self.until(lambda: next((link for link in [self.carrier()] if link not in links), None),
                                 f"no other link than {', '.join(links)} carries")
            self.until(lambda: all(swallowed().values()), f"the holes on {', '.join(links)} have not all swallowed something")
            time.sleep(hold)
        finally:
            for link in links:
                self.lab.shape(link, "hole=off")
        return {"swallowed": swallowed(), "to": carrier}

    def rebind(self, other_host):
        link = self.carrier(UDP_LINKS)
        deaths = self.tunnel.deaths(link)
        place = self.nat.rebind(link, other_host)
        self.until(lambda: self.nat.answered(place) >= FOLLOWED, f"nobody answers to {place}, where {link} comes from now")
        self.lab.require(self.tunnel.deaths(link) == deaths, f"{self.tunnel.name}: {link} died when its NAT forgot")
        return {"link": link, "from": f"{place[0]}:{place[1]}", "answered": self.nat.answered(place)}

    def address(self):
        link = self.carrier(UDP_LINKS)
        self.nat.times += 1  # so that no address is ever one that was answered before
        network = f"10.{link.removeprefix('p')}.0"
        old = re.findall(rf"inet ({network}\.\d+)/", laboratory.run("ip", "-n", self.lab.a, "addr", "show", "dev", link))[0]
        new = f"{network}.{10 + self.nat.times}"
        self.nat.leave(link)
        laboratory.run("ip", "-n", self.lab.a, "addr", "del", f"{old}/24", "dev", link)
        laboratory.run("ip", "-n", self.lab.a, "addr", "add", f"{new}/24", "dev", link)
        def answered():
            return sum(packets for (host, _), packets in self.nat.answered().items() if host == new)
        self.until(lambda: answered() >= FOLLOWED, f"nobody answers to {new}, which {link} has now")
        return {"link": link, "from": new, "answered": answered()}

    def gaps(self, heard):
        """Notes, for each, the longest time in which somebody heard nothing, from the moments in which he did."""
        for fault, begin, end in zip(self.done, self.moments, self.moments[1:] + [time.time()]):
            gap = max((b - a for a, b in zip(heard, heard[1:]) if b > begin and a < end), default=0)
            fault["gapMillis"] = max(fault.get("gapMillis", 0), round(gap * 1e3))

    def links(self):
        return {link: {"bytes": self.count(link, "out", "bytes"), "inHole": self.count(link, "dropped", "hole", "packets"),
                       "emulatorTooSlowFor": self.count(link, "missed")} for link in self.lab.links}

    def figures(self):
        kinds = [fault["kind"] for fault in self.done]
        return {"faults": len(self.done), "byKind": {kind: kinds.count(kind) for kind in sorted(set(kinds))}, "each": self.done,
                "links": {link: {what: count - self.before[link][what] for what, count in counts.items()}
                          for link, counts in self.links().items()}}
