"""Starts NSD, Knot DNS, BIND and txnames on free loopback ports, each with many zones.

One daemon serves all zones of a run, because starting one is slow. Each writes its settings, log
and state into a folder of its own, answers on one port of 127.0.0.1 over UDP and TCP, and is ended
by its process id.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

#: Seconds that a server may take to load its zones and to answer.
START_LIMIT = 40.0
#: Seconds that a server may take to end before it is killed.
STOP_LIMIT = 5.0

HOST = "127.0.0.1"


class ServerUnavailable(Exception):
    """A server that is not installed, or does not start; the text says why."""


class ServerCrashed(ServerUnavailable):
    """A server that a signal ended which nobody sent."""


@dataclass(frozen=True)
class ZoneSource:
    """A zone to serve: its origin (text, no trailing dot; "." is the root) and its file."""

    origin: str
    path: Path

    @property
    def absolute(self) -> str:
        """The origin with its trailing dot."""
        return self.origin if self.origin.endswith(".") else self.origin + "."


def freePort() -> int:
    """A port that was free for UDP and TCP on 127.0.0.1 a moment ago."""
    for _ in range(50):
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind((HOST, 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind((HOST, port))
            except OSError:
                continue
            return port
    raise ServerUnavailable("no port is free for both UDP and TCP")


def program(name: str) -> str:
    """The path of an installed program; ServerUnavailable where it is absent."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise ServerUnavailable(f"{name} is not installed")
    return found


@dataclass
class Server:
    """A running server: where it answers and where it logs."""

    name: str
    command: list[str]
    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def logFile(self) -> Path:
        """The file with all that the server wrote to stdout and stderr."""
        return self.folder / "output"

    def log(self) -> str:
        """What the server has said so far."""
        return self.logFile.read_text(errors="replace") if self.logFile.exists() else ""

    def start(self, readyText: str | None = None) -> None:
        """Start and wait until it answers (and has logged ``readyText``), at most START_LIMIT."""
        with self.logFile.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        deadline = time.monotonic() + START_LIMIT
        while not (self._answers() and (readyText is None or readyText in self.log())):
            self.checkRunning()
            if time.monotonic() > deadline:
                self.stop()
                raise ServerUnavailable(f"{self.name} does not answer: {self.log()[-2000:]}")

    def _answers(self) -> bool:
        """Whether one query over UDP gets a reply within 50 ms, and TCP connects."""
        query = b"\x12\x34\x00\x00\x00\x01" + bytes(6) + b"\x05ready\x00\x00\x01\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.05)
            try:
                udp.connect((HOST, self.port))
                udp.send(query)
                udp.recv(4096)
                socket.create_connection((HOST, self.port), 1.0).close()
            except TimeoutError:
                return False
            except OSError:  # refused: ICMP comes back at once, so give the server the 50 ms
                _pause()
                return False
        return True

    def checkRunning(self) -> None:
        """Raise ServerUnavailable, with what it said, where the server has ended by itself."""
        code = None if self.process is None else self.process.poll()
        if code is not None:
            kind = ServerCrashed if code < 0 else ServerUnavailable
            raise kind(f"{self.name} ended with {code}: {self.log()[-2000:]}")

    def stop(self) -> None:
        """End the server, by its process id."""
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_LIMIT)


def _pause() -> None:
    """Wait 50 ms between two tries to reach a server that is still starting."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as quiet:
        quiet.bind((HOST, 0))
        quiet.settimeout(0.05)
        with suppress(TimeoutError):
            quiet.recv(1)


def nsd(folder: Path, zones: Sequence[ZoneSource]) -> Server:
    """NSD with these zones; $INCLUDE counts from the folder of the first."""
    port = freePort()
    blocks = "\n".join(
        f'zone:\n  name: "{z.absolute}"\n  zonefile: "{z.path}"\n  provide-xfr: {HOST} NOKEY' for z in zones
    )
    conf = folder / "nsd.conf"
    conf.write_text(
        f"""server:
  server-count: 1
  ip-address: {HOST}@{port}
  username: ""
  chroot: ""
  zonesdir: "{zones[0].path.parent}"
  database: ""
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zones"
  minimal-responses: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  verbosity: 1
remote-control:
  control-enable: no
{blocks}
"""
    )
    return Server("nsd", [program("nsd"), "-d", "-c", str(conf)], port, folder)


def knot(folder: Path, zones: Sequence[ZoneSource]) -> Server:
    """Knot DNS with these zones; it answers only when all are loaded or refused."""
    port = freePort()
    blocks = "\n".join(f'  - domain: "{z.absolute}"\n    file: "{z.path}"' for z in zones)
    conf = folder / "knot.conf"
    conf.write_text(
        f"""server:
  listen: {HOST}@{port}
  rundir: "{folder}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  tcp-idle-timeout: 60
database:
  storage: "{folder}"
log:
  - target: stderr
    any: info
acl:
  - id: transfer
    address: {HOST}
    action: transfer
template:
  - id: default
    acl: transfer
    zonefile-sync: -1
    journal-content: none
zone:
{blocks}
"""
    )
    return Server("knot", [program("knotd"), "-c", str(conf)], port, folder)


def named(folder: Path, zones: Sequence[ZoneSource], options: str = "check-names master ignore;") -> Server:
    """BIND with these zones and ``options``; $INCLUDE counts from the folder of the first."""
    port = freePort()
    blocks = "\n".join(f'zone "{z.absolute}" {{ type primary; file "{z.path}"; }};' for z in zones)
    conf = folder / "named.conf"
    conf.write_text(
        f"""options {{
  directory "{zones[0].path.parent}";
  listen-on port {port} {{ {HOST}; }};
  listen-on-v6 {{ none; }};
  pid-file "{folder}/pid";
  session-keyfile "{folder}/session.key";
  managed-keys-directory "{folder}";
  minimal-responses yes;
  dnssec-validation no;
  empty-zones-enable no;
  recursion no;
  notify no;
  allow-transfer {{ {HOST}; }};
  {options}
}};
controls {{ }};
{blocks}
"""
    )
    command = [program("named"), "-g", "-n", "1", "-c", str(conf)]
    return Server("named", command, port, folder)


def txnames(folder: Path, zones: Sequence[ZoneSource], options: Sequence[str] = ()) -> Server:
    """``twistd -n dns`` of txnames with these zones, under this interpreter."""
    port = freePort()
    run = "from twisted.scripts.twistd import run; run()"
    command = [sys.executable, "-c", run, "-n", f"--rundir={folder}", f"--pidfile={folder}/pid"]
    command += ["dns", "--port", str(port), "--interface", HOST, *options]
    for zone in zones:
        command += ["--bindzone", f"{zone.absolute}={zone.path}"]
    return Server("txnames", command, port, folder)


#: The three that must agree, with the text that says that all zones are loaded or refused.
DAEMONS = {"nsd": (nsd, None), "knot": (knot, None), "named": (named, "all zones loaded")}


@contextmanager
def running(
    folder: Path, zones: Sequence[ZoneSource], names: Iterable[str], *, asItComes: bool = False
) -> Iterator[dict[str, Server]]:
    """Start the servers of these names ("nsd", "knot", "named", "txnames"); end them afterwards.

    ``asItComes`` leaves named its own settings, with which it refuses zones for names that are no host names.
    """
    with ExitStack() as stack:
        servers = {}
        for name in names:
            place = folder / name
            place.mkdir(parents=True)
            make, readyText = DAEMONS.get(name, (txnames, None))
            server = named(place, zones, "") if asItComes and name == "named" else make(place, zones)
            stack.callback(server.stop)
            server.start(readyText)
            servers[name] = server
        yield servers
