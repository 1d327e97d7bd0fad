# SPDX-License-Identifier: Apache-2.0
"""Two hosts on one machine: network namespaces, emulated links between them, and an agent in each.

A run is `main(name, doc, body)`; body(lab) gets the Lab and returns nothing, it fills lab.figures and lab.problems.
"""
import argparse
import glob
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

import report

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PREFIX = "rendr-lab"
AGENTS = {"agent": "io.rendr.acceptance.Agent", "rsocket-agent": "io.rendr.acceptance.rsocket.RSocketAgent"}  # by module
FAILED, UNTRIED, SKIPPED = 1, 2, 77
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Untried(Exception):
    """The run cannot be tried on this machine, and what to do about it."""


class Skipped(Exception):
    """This machine does not permit what the run needs."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def now():
    """The clock of every process of this machine: what Java calls System.nanoTime()."""
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def run(*command, check=True):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode != 0:
        raise Untried(f"{' '.join(command)} failed: {done.stdout.strip()}")
    return done.stdout


class Lines:
    """A process that is asked by a line and answers by a line of JSON."""

    def __init__(self, command, log, environment=None):
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                                        bufsize=1, start_new_session=True, env=environment)

    def ask(self, command, limit=150):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        watchdog = threading.Timer(limit, self.kill)  # an answer that never comes is the end of the run
        watchdog.start()
        try:
            line = self.process.stdout.readline()
        finally:
            watchdog.cancel()
        if not line:
            raise RuntimeError(f"{self.name} gave no answer to {command!r}")
        answer = json.loads(line)
        if not answer.pop("ok"):
            raise RuntimeError(f"{command!r}: {answer.get('error')}")
        return answer

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Agent(Lines):
    """One end: a JVM inside a namespace. See io.rendr.acceptance.Agent for its commands."""

    def __init__(self, lab, namespace, before=(), options=(), module="agent"):
        java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else "java"
        super().__init__(["ip", "netns", "exec", namespace, *before, java, *lab.jvm, *options, "-cp", classpath(module),
                          AGENTS[module]], lab.log)
        self.name = f"the agent in {namespace}"


class Lab:
    """Two namespaces, a and b, and the links between them. Everything in it is gone when it is closed."""

    def __init__(self, name, arguments):
        self.name = name
        self.short = arguments.short
        self.figures, self.problems = {}, []
        self.plots = []
        self.began = self.said = time.monotonic()
        self.scratch = tempfile.mkdtemp(prefix=f"{PREFIX}-{name}-")
        self.out = arguments.out or self.scratch
        os.makedirs(self.out, exist_ok=True)
        self.log = open(os.path.join(self.out, "log"), "w")
        self.a, self.b = (f"{PREFIX}-{os.getpid()}-{end}" for end in "ab")
        self.children, self.namespaces = [], []
        self.links = []
        self.agents_built = False
        self.control = None

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, thrown, trace):
        self.close()

    def open(self):
        remove_stale()
        self.jvm = ["-Xmx1g", "-XX:+UseParallelGC", "-Djava.net.preferIPv4Stack=true", *newer_jdk_options()]
        for namespace in (self.a, self.b):
            try:
                run("ip", "netns", "add", namespace)
            except Untried as e:
                raise Skipped(f"no network namespace can be made here: {e}") from e
            self.namespaces.append(namespace)
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        emulator = os.path.join(self.scratch, "linkemu")
        build_emulator(emulator)
        path = os.path.join(self.scratch, "control")
        self.emulator_process = subprocess.Popen([emulator, "run", "--control", path, "--until-eof"],
                                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                                 start_new_session=True)
        self.children.append(self.emulator_process)
        if not self.emulator_process.stdout.readline().startswith("listening"):
            raise Untried("the link emulator did not start: " + open(self.log.name).read())
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(path)
        self.answers = self.control.makefile("r")

    def close(self):
        for child in self.children:
            if not isinstance(child, subprocess.Popen):
                child.kill()
            elif child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        for namespace in self.namespaces:
            run("ip", "netns", "delete", namespace, check=False)
        if self.control:
            self.control.close()
        self.log.close()
        keep = self.problems and self.out == self.scratch
        if keep:
            say(f"{self.name}: what was measured and said is in {self.scratch}")
        else:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def agent(self, namespace, before=(), options=(), module="agent"):
        if not self.agents_built:
            build_agents()
            self.agents_built = True
        agent = Agent(self, namespace, before, options, module)
        self.children.append(agent)
        return agent

    def pair(self, before=(), module="agent"):
        """An agent at each end."""
        return self.agent(self.a, before, module=module), self.agent(self.b, before, module=module)

    def end(self, *agents):
        for agent in agents:
            agent.kill()
            self.children.remove(agent)

    # Links

    def emulate(self, command):
        self.control.sendall((command + "\n").encode())
        answer = json.loads(self.answers.readline())
        if not answer.pop("ok"):
            raise RuntimeError(f"linkemu, {command}: {answer['error']}")
        return answer

    def link(self, number):
        """Makes link p<number>, on which a is 10.<number>.0.1 and b is 10.<number>.0.2."""
        self.emulate(f"link p{number} {self.a}:p{number}@10.{number}.0.1/24 {self.b}:p{number}@10.{number}.0.2/24")
        self.links.append(f"p{number}")

    def cable(self, number):
        """Makes p<number>, with the addresses of a link, of nothing but the kernel: no emulator limits how fast it is."""
        name = f"p{number}"
        run("ip", "link", "add", name, "netns", self.a, "type", "veth", "peer", "name", name, "netns", self.b)
        for end, namespace in enumerate((self.a, self.b), 1):
            run("ip", "-n", namespace, "addr", "add", f"10.{number}.0.{end}/24", "dev", name)
            run("ip", "-n", namespace, "link", "set", name, "up")

    def certificate(self):
        """Makes one for b, by all addresses that links may give it. Returns what an endpoint is told, and what a path."""
        need("openssl", "openssl")
        certificate, key = os.path.join(self.scratch, "b.pem"), os.path.join(self.scratch, "b.key")
        names = ",".join(f"IP:10.{number}.0.2" for number in range(1, 10))
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=rendr acceptance", "-addext", f"subjectAltName={names}", "-keyout", key, "-out", certificate)
        return f"tls.certificate={certificate}&tls.key={key}", f"tls.trust={certificate}"

    def shape(self, link, words, way="both"):
        """Changes a link now. Returns the moment after which the change surely holds."""
        self.emulate(f"set {link} {way} {words}")
        return now()

    def counters(self, link):
        """What happened on a link, by direction."""
        return self.emulate(f"get {link}")["links"][link]

    # What is found out

    def problem(self, text):
        self.problems.append(text)
        say(f"{self.name}: NOT OK: {text}")

    def require(self, fact, text):
        if not fact:
            self.problem(text)
        return fact

    def progress(self, text):
        """Said at most every 5 seconds."""
        if time.monotonic() - self.said > 5:
            self.said = time.monotonic()
            say(f"{self.name}: {self.said - self.began:4.0f} s: {text}")

    def file(self, name):
        return os.path.join(self.out, name)

    def series(self, prefix, kind):
        """What an agent wrote down: a list of (nanoseconds, bytes so far)."""
        with open(f"{prefix}-{kind}.csv") as lines:
            return [tuple(map(int, line.split(","))) for line in lines]


def spread(values, digits=1):
    """What is said of a distribution."""
    values = sorted(values)
    if not values:
        return {"n": 0}
    middle = (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
    return {"n": len(values), "min": round(values[0], digits), "median": round(middle, digits),
            "p90": round(values[int(0.9 * (len(values) - 1))], digits), "max": round(values[-1], digits)}


def machine():
    """What the figures were measured on, and what else ran."""
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    return {"cpu": model.group(1) if model else os.uname().machine, "cores": os.cpu_count(), "kernel": os.uname().release,
            "congestionControl": open("/proc/sys/net/ipv4/tcp_congestion_control").read().strip(),
            "load": round(os.getloadavg()[0], 2)}


class Busy:
    """How many cores all processes of the machine used together between two looks."""

    def __init__(self):
        self.at, self.used = time.monotonic(), self.look()

    @staticmethod
    def look():
        ticks = list(map(int, open("/proc/stat").readline().split()[1:9]))
        return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")

    def cores(self):
        return round((self.look() - self.used) / (time.monotonic() - self.at), 2)


def need(program, package):
    if not shutil.which(program):
        raise Untried(f"{program} is missing; install it with: apt-get install {package}")


def newer_jdk_options():
    version = subprocess.run(["java" if not os.environ.get("JAVA_HOME") else os.environ["JAVA_HOME"] + "/bin/java", "-version"],
                             stderr=subprocess.PIPE, text=True).stderr
    major = int(re.search(r'version "(\d+)', version).group(1))
    return ["--enable-native-access=ALL-UNNAMED", "-Dguice_bytecode_gen_option=DISABLED"] if major >= 24 else []


def newest(*patterns):
    return max((os.path.getmtime(f) for p in patterns for f in glob.glob(os.path.join(ROOT, p), recursive=True)), default=0)


def target(module, *names):
    return os.path.join(HERE, module, "target", *names)


def classpath(module):
    with open(target(module, "classpath")) as listed:
        return target(module, "classes") + ":" + listed.read().strip()


def built(module, sources):
    mark = target(module, "built-by-lab")
    return os.path.exists(mark) and os.path.exists(target(module, "classpath")) and os.path.getmtime(mark) >= sources \
        and all(map(os.path.exists, classpath(module).split(":")))


def build_agents():
    """Compiles what has changed."""
    sources = newest("*/src/main/**/*", "acceptance/*/src/main/**/*", "pom.xml", "*/pom.xml", "acceptance/*/pom.xml")
    if not all(built(module, sources) for module in AGENTS):
        say("building the agents ...")
        began = time.time()
        done = subprocess.run([os.path.join(ROOT, "mvnw"), "-f", os.path.join(ROOT, "pom.xml"), "-B", "-q", "-am", "-pl",
                               ",".join(f"acceptance/{module}" for module in AGENTS), "compile", "-Dspotless.check.skip=true",
                               "-Denforcer.skip=true"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Untried("the agents cannot be built:\n" + done.stdout[-4000:])
        for module in AGENTS:
            with open(target(module, "built-by-lab"), "w"):
                pass
            os.utime(target(module, "built-by-lab"), (began, began))


def build_emulator(binary):
    need("go", "golang-go")
    done = subprocess.run(["go", "build", "-o", binary, "."], cwd=os.path.join(HERE, "linkemu"), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Untried("the link emulator cannot be built:\n" + done.stdout)


def remove_stale():
    """Removes what an earlier run left that was killed without a chance to clean up."""
    for namespace in run("ip", "netns", "list").split("\n"):
        match = re.match(rf"({PREFIX}-(\d+)-[ab])\b", namespace)
        if not match or is_a_run(match.group(2)):
            continue
        for pid in run("ip", "netns", "pids", match.group(1), check=False).split():
            os.kill(int(pid), signal.SIGKILL)  # only what such a run started is in there
        run("ip", "netns", "delete", match.group(1), check=False)
        say(f"removed {match.group(1)}, left by an earlier run")


def is_a_run(pid):
    try:
        return HERE.encode() in open(f"/proc/{pid}/cmdline", "rb").read() or b"acceptance" in open(f"/proc/{pid}/cmdline", "rb").read()
    except FileNotFoundError:
        return False


def stop(number, frame):
    for again in STOPS:  # who sends one to a whole group may send it twice, and cleaning up takes its time
        signal.signal(again, signal.SIG_IGN)
    raise SystemExit(128 + number)


def main(name, doc, body, options=lambda parser: None):
    parser = argparse.ArgumentParser(prog=f"acceptance/run {name}", description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a small version, of a minute or so; only what is exact decides")
    parser.add_argument("--json", action="store_true", help="print one line of JSON at the end")
    parser.add_argument("--out", metavar="DIR", help="keep raw data, log, figures.json and report.html here")
    options(parser)
    arguments = parser.parse_args()
    for number in STOPS:
        signal.signal(number, stop)
    figures, problems = {}, []
    try:
        if os.geteuid() != 0:
            raise Skipped("needs root, for network namespaces")
        if not os.path.exists("/dev/net/tun"):
            raise Skipped("needs /dev/net/tun, and this kernel has none")
        need("ip", "iproute2")
        with Lab(name, arguments) as lab:
            figures, problems = lab.figures, lab.problems
            figures["machine"] = machine()
            busy = Busy()
            try:
                body(lab, arguments)
            except (RuntimeError, OSError, LookupError) as e:
                lab.problem(f"the run broke off: {type(e).__name__}: {e}")
                say(traceback.format_exc())
            figures["coresUsedByAll"] = busy.cores()
            figures["seconds"] = round(time.monotonic() - lab.began, 1)
            figures["problems"] = problems
            if arguments.out:
                with open(lab.file("figures.json"), "w") as file:
                    json.dump({"name": name, "ok": not problems, "figures": figures}, file, indent=2)
                report.write(lab.file("report.html"), name, doc, figures, lab.plots)
                say(f"{name}: the report is {lab.file('report.html')}")
    except Skipped as e:
        say(f"{name}: skipped: {e}")
        if arguments.json:
            print(json.dumps({"name": name, "ok": False, "skipped": True, "why": str(e), "figures": {}}))
        sys.exit(SKIPPED)
    except Untried as e:
        say(f"{name}: {e}")
        if arguments.json:
            print(json.dumps({"name": name, "ok": False, "untried": str(e), "figures": {}}))
        sys.exit(UNTRIED)
    say(f"{name}: {'ok' if not problems else 'NOT OK'}")
    if arguments.json:
        print(json.dumps({"name": name, "ok": not problems, "figures": figures}))
    sys.exit(FAILED if problems else 0)
