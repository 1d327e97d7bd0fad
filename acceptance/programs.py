# SPDX-License-Identifier: Apache-2.0
"""Programs that run beside a run: anybody's, and the rendr command between the two namespaces of a lab."""
import os
import re
import signal
import subprocess
import threading

import lab as laboratory

RENDR = os.path.join(laboratory.ROOT, "rendr")


class Running:
    """A process whose output is read line by line, and that ends with this script, even if nobody can end it any more."""

    def __init__(self, command, log, **options):
        self.lines = []
        self.command = command
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True, **options)
        self.seen = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.seen:
                self.lines.append(line.rstrip("\n"))
                self.seen.notify_all()
        with self.seen:
            self.process.wait()
            self.seen.notify_all()

    def after(self, pattern, count=1, limit=300):
        """What the pattern's group matched in the first `count` lines that have it."""
        def found():
            return [m.group(1) for m in (re.search(pattern, line) for line in self.lines) if m]
        with self.seen:
            self.seen.wait_for(lambda: len(found()) >= count or self.process.returncode is not None, timeout=limit)
            if len(found()) < count:
                raise RuntimeError(f"{' '.join(self.command)} printed no line with {pattern!r}")
            return found()[:count]

    def stop(self, number=signal.SIGTERM, limit=60):
        """Asks it to end. Returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.status(limit)

    def status(self, limit):
        """Waits for its end."""
        try:
            self.process.wait(timeout=limit)
        except subprocess.TimeoutExpired as e:
            raise RuntimeError(f"{' '.join(self.command)} has not ended after {limit} s") from e
        self.reader.join(timeout=10)
        return self.process.returncode

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Programs:
    """Programs in the namespaces of a lab, each with a log of its own."""

    def __init__(self, lab):
        self.lab = lab

    def start(self, namespace, name, *command, merged=False, **options):
        """merged: what it says on standard error is among its lines, not in the log."""
        with open(self.lab.file(f"{name}.log"), "a") as log:
            running = Running(["ip", "netns", "exec", namespace, *command], subprocess.STDOUT if merged else log, **options)
        self.lab.children.append(running)
        return running

    def said(self, name):
        with open(self.lab.file(f"{name}.log")) as log:
            return log.read()


class Tunnel:
    """`rendr forward` in a, `rendr accept` in b, packets between them over every link."""

    PORT = 5555

    def __init__(self, programs, name, listen, to, paths, options=()):
        """paths: URIs without the port, what may be dialed. listen, to: ports at the loopback address of each end."""
        lab, self.name, self.programs = programs.lab, name, programs
        key = os.path.join(lab.scratch, f"{name}.key")
        subprocess.run([RENDR, "keygen", "--out", key], check=True, stdout=lab.log, stderr=lab.log)
        bare = [path.split("?") for path in paths]
        environment = dict(os.environ, RENDR_JAVA_OPTS="-Xmx512m")
        self.accept = programs.start(
            lab.b, f"{name}-accept", RENDR, "--verbose", "accept", "--udp", "--psk-file", key, "--to", f"127.0.0.1:{to}",
            *(word for uri, _ in bare for word in ("--endpoint", f"{uri}:{self.PORT}")), env=environment)
        self.accept.after("^(accepting) ", len(paths))
        self.forward = programs.start(
            lab.a, f"{name}-forward", RENDR, "--verbose", "forward", "--udp", "--psk-file", key, *options,
            "--listen", f"127.0.0.1:{listen}",
            *(word for uri, more in bare for word in ("--path", f"{uri}:{self.PORT}?{more}")), env=environment)
        self.forward.after("^(listening) ")

    def states(self):
        """The state of every path of every flow that is open, by what the dialing end says."""
        said, states = self.programs.said(f"{self.name}-forward"), {}
        over = set(re.findall(r"flow (\w+): ended", said))
        for flow, path, state in re.findall(r"flow (\w+): path \d+ \((\w+)\) is (\w+)", said):
            if flow not in over:
                states.setdefault(flow, {})[path] = state
        return states

    def deaths(self, path):
        """How often it died, in all flows."""
        return self.programs.said(f"{self.name}-forward").count(f" ({path}) is DOWN")

    def stop(self):
        """Ends both, and returns what they say of what they carried and went through, by end."""
        statuses = {end: process.stop() for end, process in (("forward", self.forward), ("accept", self.accept))}
        return {end: self.books(self.programs.said(f"{self.name}-{end}"), status) for end, status in statuses.items()}

    @staticmethod
    def books(said, status):
        done = [tuple(map(int, line)) for line in re.findall(
            r"done, (\d+) datagrams sent, (\d+) received, (\d+) moves, longest gap (\d+) ms", said)]
        moves = re.findall(r": moved from (\S+) to (\S+) \((\w+)\)", said)
        return {"status": status, "flows": len(re.findall(r": open, flow ", said)),
                "broken": re.findall(r"(?m)^.*: broken.*$", said),
                "failures": re.findall(r"(?m)^\S+ (?:ERROR) .*$", said),
                "moves": {way: sum(f"{a} to {b} ({why})" == way for a, b, why in moves)
                          for way in sorted({f"{a} to {b} ({why})" for a, b, why in moves})},
                "datagramsSent": sum(d[0] for d in done), "datagramsReceived": sum(d[1] for d in done),
                "longestGapMillis": max((d[3] for d in done), default=None),
                "dropped": next(iter(re.findall(r"datagrams dropped in all: (.*)", said)), "none")}
