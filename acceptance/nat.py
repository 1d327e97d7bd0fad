# SPDX-License-Identifier: Apache-2.0
"""A NAT in front of the end that dials, which forgets on demand; and the books of whom the other end answers."""
import json
import subprocess

import lab as laboratory

SPAN = 1000  # ports that one mapping takes: a NAT gives each socket behind it one of its own

# A kernel that cuts a batch into datagrams for a device without checksums, as that of a link is, gets those wrong of which
# a NAT on the same machine has changed the port. A NAT of a network never sees a batch.
BEHIND_NAT = "gso=false"


class Nat:
    """Sits on the links of a, for UDP to one port of b. Nobody behind it or beyond it is told when it forgets."""

    def __init__(self, lab, port):
        for program in ("nft", "conntrack"):
            laboratory.need(program, {"nft": "nftables"}.get(program, program))
        self.lab, self.port = lab, port
        self.rules, self.times = {}, 0
        self.nft(lab.a, f"""
            table ip nat {{
              chain out {{
                type nat hook postrouting priority srcnat
              }}
              chain strangers {{
                type filter hook input priority 0
                udp sport {port} ct state new drop
              }}
            }}""")
        self.nft(lab.b, f"""
            table ip answered {{
              set peers {{
                type ipv4_addr . inet_service
                flags dynamic
                counter
                size 65535
              }}
              chain out {{
                type filter hook output priority 0
                udp sport {port} update @peers {{ ip daddr . udp dport }}
              }}
            }}""")

    @staticmethod
    def nft(namespace, rules):
        done = subprocess.run(["ip", "netns", "exec", namespace, "nft", "-f", "-"], input=rules, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise laboratory.Untried(f"this kernel does not take the rules of the NAT: {done.stdout.strip()}")

    def rebind(self, link, other_address):
        """Forgets what is on a link: from now on its packets come from other ports. Returns from where, for answered()."""
        self.times += 1
        number = link.removeprefix("p")
        address = f"10.{number}.0.{100 + self.times if other_address else 1}"
        low = 10_000 + SPAN * self.times % 50_000
        self.rules[link] = f"oifname {link} udp dport {self.port} snat to {address}:{low}-{low + SPAN - 1}"
        self.apply()
        self.forget(link)
        return address, low

    def leave(self, link):
        """From now on a link's packets come from where they were sent."""
        self.rules.pop(link, None)
        self.apply()
        self.forget(link)

    def apply(self):
        self.nft(self.lab.a, "flush chain ip nat out\n"
                 + "".join(f"add rule ip nat out {rule}\n" for rule in self.rules.values()))

    def forget(self, link):
        laboratory.run("ip", "netns", "exec", self.lab.a, "conntrack", "-D", "-p", "udp", "--orig-dst",
                       f"10.{link.removeprefix('p')}.0.2", check=False)  # it fails if there was nothing to forget

    def answered(self, place=None):
        """Packets that b sent to the address and the ports from one on; or to each address and port."""
        listed = json.loads(laboratory.run("ip", "netns", "exec", self.lab.b, "nft", "-j", "list", "set", "ip", "answered",
                                           "peers"))
        elements = next(entry["set"] for entry in listed["nftables"] if "set" in entry).get("elem", [])
        to = {tuple(e["elem"]["val"]["concat"]): e["elem"]["counter"]["packets"] for e in elements}
        if place is None:
            return to
        return sum(packets for (host, port), packets in to.items() if host == place[0] and self.holds(place, port))

    def require_whole(self, label):
        """What the NAT has changed has to be what the other end takes for whole: else it was the NAT that lost it."""
        names, values = (line.split()[1:] for line in laboratory.run(
            "ip", "netns", "exec", self.lab.b, "cat", "/proc/net/snmp").splitlines() if line.startswith("Udp:"))
        damaged = int(dict(zip(names, values))["InCsumErrors"])
        self.lab.require(damaged == 0, f"{label}: the NAT damaged {damaged} datagrams")

    @staticmethod
    def holds(place, port):
        """Whether a port is one of a mapping."""
        return place[1] <= port < place[1] + SPAN
