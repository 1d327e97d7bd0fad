# SPDX-License-Identifier: Apache-2.0
"""Flows between the agents of a lab, of any kind: opened, ended, and their books compared."""
import os
import time

import lab as laboratory
import report

LINK = "clear delay=500us rate=200mbit queue=256k"


class Ends:
    """What flows of all kinds have in common: stats of the end that sends, and of the other one."""

    ours = True

    def path_in_use(self, paths=2):
        """The path that carries what the sender sends, once so many are usable. Only ours can say."""
        if not self.ours:
            return "p1"
        stats = self.until(lambda s: sum(p["state"] in ("ACTIVE", "STANDBY") for p in s["paths"]) == paths,
                           f"has not {paths} usable paths")
        return next(p["name"] for p in stats["paths"] if p["id"] == stats["active"])

    def until(self, fact, complaint, seconds=10, look=None):
        """What the sender, or who is looked at, says once that is so."""
        deadline = time.monotonic() + seconds
        while True:
            stats = (look or self.sent_stats)()
            if fact(stats):
                return stats
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.label}: {complaint} after {seconds} s: {stats['paths']}")
            time.sleep(0.05)


class Flow(Ends):
    """One connection over the links of the lab. One end sends, the other reads; either may have dialed."""

    def __init__(self, lab, kind, sender, receiver, label):
        self.lab, self.kind, self.sender, self.receiver, self.label = lab, kind, sender, receiver, label
        self.prefix = lab.file(label.replace(" ", "-"))
        self.ours = kind == "rendr"
        self.in_flight = 0  # the most bytes that were ever seen written and not acknowledged

    def open(self, dialer, acceptor, paths, shape=LINK):
        for link in self.lab.links:
            self.lab.shape(link, shape)
        self.open_as_is(dialer, acceptor, paths)

    def open_as_is(self, dialer, acceptor, paths):
        """Over links that are shaped already."""
        dialed = dialer.ask(f"dial {self.kind} {' '.join(paths)}")["flow"]
        accepted = acceptor.ask("accept")["flow"]
        self.dialer, self.dialed = dialer, dialed
        self.out, self.into = (dialed, accepted) if self.sender is dialer else (accepted, dialed)

    def read(self):
        return self.receiver.ask(f"progress {self.into}")["read"]

    def sent_stats(self):
        stats = self.sender.ask(f"stats {self.out}")
        self.in_flight = max(self.in_flight, stats["sendQueued"])
        return stats

    def read_stats(self):
        return self.receiver.ask(f"stats {self.into}")

    def until_read(self, bytes, seconds=30):
        deadline, seen = time.monotonic() + seconds, 0
        while True:
            read = self.read()
            if read >= bytes:
                return read
            if read > seen:
                deadline, seen = time.monotonic() + seconds, read
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.label}: stands still at {read} of {bytes} bytes for {seconds} s")
            time.sleep(0.01)

    def end(self, when="now", before_back=lambda: None):
        """Ends both directions and the connection; what was sent has to arrive."""
        sent = self.sender.ask(f"finish {self.out} {when}")
        got = self.receiver.ask(f"ended {self.into} 60")
        before_back()
        back_sent = self.receiver.ask(f"finish {self.into} now")
        back_got = self.sender.ask(f"ended {self.out} 60")
        self.stats = self.sent_stats() if self.ours else None
        self.their_stats = self.read_stats() if self.ours else None
        self.events = self.sender.ask(f"events {self.out}")["events"] if self.ours else []
        self.sender.ask(f"close {self.out} {self.prefix}-sender")
        self.receiver.ask(f"close {self.into} {self.prefix}-receiver")
        self.errors = [r["error"] for r in (sent, got, back_sent, back_got) if r.get("error")]
        self.bytes = sent["bytes"]
        self.back_bytes = back_sent["bytes"]
        self.intact = all((out["bytes"], out["sha256"]) == (came["bytes"], came["sha256"])
                          for out, came in ((sent, got), (back_sent, back_got)))
        self.read_series = self.lab.series(self.prefix + "-receiver", "read")
        self.written = self.lab.series(self.prefix + "-sender", "written")
        for end in ("receiver", "sender"):
            for kind in ("read", "written"):
                os.remove(f"{self.prefix}-{end}-{kind}.csv")

    def require_whole(self, label):
        self.lab.require(not self.errors, f"{label}: an error: {self.errors}")
        self.lab.require(self.intact, f"{label}: not all bytes arrived, or others")

    def require_books(self, label, gone=()):
        """The counters of both ends tell the same story. gone: (sender's, receiver's) view of paths that were removed."""
        s, r = self.stats, self.their_stats
        given = sum(p["sent"] for p in s["paths"]) + sum(p["sent"] for p, _ in gone)
        came = sum(p["received"] for p in r["paths"]) + sum(p["received"] for _, p in gone)
        again = sum(s["resent"].values())
        for fact, text in {
                s["bytesSent"] == self.bytes: f"{s['bytesSent']} bytes sent, the application wrote {self.bytes}",
                r["bytesReceived"] == self.bytes: f"{r['bytesReceived']} bytes received of {self.bytes}",
                given == self.bytes + again: f"{given} bytes given to paths, {self.bytes} once and {again} again",
                came == self.bytes + r["duplicates"]: f"{came} bytes came in by paths, {r['duplicates']} of them twice",
                r["duplicates"] <= again: f"{r['duplicates']} bytes came twice, only {again} were sent again"}.items():
            self.lab.require(fact, f"{label}: the books do not agree: {text}")

    def gap(self, begin, end):
        """The longest time in which the receiver got nothing, in milliseconds; one that began before does count."""
        times = [t for t, _ in self.read_series if t < end]
        return max((b - a for a, b in zip(times, times[1:]) if b > begin), default=0) / 1e6

    def plot(self, title, begin, end, marks=()):
        """marks: (nanoseconds, label), beside the moves of the flow."""
        seconds = lambda at: (at - begin) / 1e9
        marks = [(seconds(at), label) for at, label in marks]
        marks += [(seconds(e["at"]), f"move ({e['cause'].lower()})") for e in self.events
                  if e["what"] == "move" and begin < e["at"] < end]
        self.lab.plots.append(report.timeline(title, report.throughput(self.read_series, begin, end, 200), marks))


class Packets(Ends):
    """One direction of a packet connection; one end sends, and the other counts. Either may have dialed."""

    def __init__(self, lab, sender, out, receiver, into, label):
        self.lab, self.sender, self.out, self.receiver, self.into, self.label = lab, sender, out, receiver, into, label

    @classmethod
    def dial(cls, lab, kind, a, b, paths, label):
        out = a.ask(f"dial {kind} {' '.join(paths)}")["flow"]
        made = cls(lab, a, out, b, b.ask("accept")["flow"], label)
        made.dialer, made.dialed = a, out
        return made

    def back(self):
        return Packets(self.lab, self.receiver, self.into, self.sender, self.out, f"{self.label}, back")

    def start(self, rate, count=0):
        """So many a second, or as fast as they are taken; for ever if no count is given."""
        self.sender.ask(f"send {self.out} {rate} {count}")

    def gap(self):
        """The longest time in which the receiver got nothing, in milliseconds, since it began or was told to forget."""
        return self.receiver.ask(f"progress {self.into}")["gap"] / 1e6

    def forget_gap(self):
        self.receiver.ask(f"forget-gap {self.into}")

    def sent_stats(self):
        return self.sender.ask(f"stats {self.out}")

    def read_stats(self):
        return self.receiver.ask(f"stats {self.into}")

    def finish(self, when="all", silence=0.5):
        """Waits until all were sent and have come, or nothing has come for so long."""
        sent = self.sender.ask(f"finish {self.out} {when}")
        self.lab.require(not sent.get("error"), f"{self.label}: {sent.get('error')}")
        self.sent, self.began = sent["sent"], sent["began"]
        heard, before = time.monotonic(), -1
        while True:
            self.got = self.receiver.ask(f"progress {self.into}")
            if self.got["packets"] > before:
                heard, before = time.monotonic(), self.got["packets"]
            if before >= self.sent or time.monotonic() - heard > silence:
                break
            time.sleep(0.01)
        self.lost = self.sent - self.got["packets"]

    def require_all(self, label):
        """Each packet has arrived, once, and as it was sent."""
        self.lab.require(self.lost == 0, f"{label}: {self.lost} of {self.sent} packets were lost")
        self.require_once(label)

    def require_once(self, label):
        self.lab.require(self.got["wrong"] == 0, f"{label}: {self.got['wrong']} packets came twice, or damaged")

    def require_books(self, label):
        """What became of each packet: it came, or the sender gave it up, or the receiver did not take it."""
        self.stats, self.their_stats = s, r = self.sent_stats(), self.read_stats()
        missing = self.lost - r["packetsDropped"]
        for fact, text in {
                s["packetsSent"] == self.sent: f"{s['packetsSent']} packets sent, the application sent {self.sent}",
                r["packetsDelivered"] == self.got["packets"]: f"{r['packetsDelivered']} delivered, {self.got['packets']} came",
                0 <= missing <= s["packetsExpired"]:
                    f"{missing} packets are missing that nobody dropped, {s['packetsExpired']} were given up"}.items():
            self.lab.require(fact, f"{label}: the books do not agree: {text}")
        self.require_once(label)

    def close(self):
        """Ends the connection."""
        self.sender.ask(f"close {self.out} -")
        error = self.receiver.ask(f"ended {self.into} 60").get("error")
        self.receiver.ask(f"close {self.into} -")
        self.lab.require(not error, f"{self.label}: {error}")


class Multipath:
    """Pairs of agents whose plain sockets are Multipath TCP, with a subflow over each link."""

    def __init__(self, lab):
        self.lab = lab
        laboratory.need("mptcpize", "mptcpize")
        for namespace in (lab.a, lab.b):
            laboratory.run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.mptcp.enabled=1")
            laboratory.run("ip", "-n", namespace, "mptcp", "limits", "set", "subflow", "4", "add_addr_accepted", "4")
        laboratory.run("ip", "-n", lab.b, "mptcp", "endpoint", "add", "10.2.0.2", "dev", "p2", "signal")

    def pair(self):
        return self.lab.pair(("mptcpize", "run"))

    def joined(self):
        """Subflows that joined so far, by the kernel's own counter."""
        names, values = [], []
        for line in laboratory.run("ip", "netns", "exec", self.lab.a, "cat", "/proc/net/netstat").splitlines():
            if line.startswith("MPTcpExt:"):
                (values if names else names).extend(line.split()[1:])
        return int(dict(zip(names, values)).get("MPJoinSynAckRx", 0))

    def require_joined(self):
        self.lab.figures["mptcpSubflowsJoined"] = self.joined()
        self.lab.require(self.joined() > 0, "mptcp: no second subflow was ever joined, so this was plain TCP")


def listen(b):
    """Makes b listen on both links. Returns what to dial."""
    endpoints = b.ask("listen rendr tcp://10.1.0.2:0 tcp://10.2.0.2:0")["endpoints"]
    return [f"{e}?name=p{i}" for i, e in enumerate(endpoints, 1)]


def listen_plainly(b):
    return ["10.1.0.2:" + b.ask("listen tcp 0.0.0.0:0")["endpoints"][0].rsplit(":", 1)[1]]
