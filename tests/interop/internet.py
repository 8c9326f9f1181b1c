"""A small Internet on the loopback interface: a root, two top-level domains and a dozen zones below them.

NSD, Knot DNS and BIND serve it, each zone from the addresses that the delegations name, on port 53, as resolvers expect
it. All of it lives in a network namespace of its own.
"""

import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .servers import START_LIMIT, STOP_LIMIT, ServerUnavailable, program

HERE = Path(__file__).parent / "internet"
ROOTS = ("127.53.0.1", "127.53.0.2")
RESOLVERS = tuple(f"127.53.9.{number}" for number in range(1, 6))

#: Who serves what, and where: a folder's name, the program, its addresses, and its zones.
SERVERS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("root-nsd", "nsd", ("127.53.0.1",), (".",)),
    ("root-knot", "knot", ("127.53.0.2",), (".",)),
    ("alpha-knot", "knot", ("127.53.1.1",), ("alpha",)),
    ("alpha-named", "named", ("127.53.1.2",), ("alpha",)),
    ("beta-named", "named", ("127.53.2.1",), ("beta",)),
    ("beta-nsd", "nsd", ("127.53.2.2",), ("beta",)),
    ("nsd", "nsd", ("127.53.3.1",), ("one.alpha", "five.alpha", "three.beta")),
    (
        "knot",
        "knot",
        ("127.53.3.2",),
        ("one.alpha", "two.alpha", "three.alpha", "one.beta", "two.beta", "deep.empty.beta"),
    ),
    (
        "named",
        "named",
        ("127.53.3.3",),
        ("sub.one.alpha", "three.alpha", "four.alpha", "five.alpha", "one.beta", "four.beta"),
    ),
)


def zoneFile(origin: str) -> Path:
    """The file of a zone."""
    return HERE / f"{'root' if origin == '.' else origin}.zone"


@dataclass
class Internet:
    """What runs: a prefix for the commands that are to be in the same network, and a folder for their files."""

    folder: Path
    prefix: tuple[str, ...] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], address: str, port: int = 53) -> None:
        """Start a server, and wait until it answers at an address."""
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*self.prefix, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        self.processes.append(process)
        probe = ["dig", f"@{address}", "-p", str(port), "+tries=1", "+time=1", "+norec", "ready", "A"]
        tries = int(START_LIMIT * 2)
        for _ in range(tries):
            if process.poll() is not None:
                raise ServerUnavailable(f"{name} ended with {process.returncode}: {log.read_text()[-2000:]}")
            try:
                if self.run(probe).returncode == 0:
                    return
                # Nobody listens there yet: dig says so at once.
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        raise ServerUnavailable(f"{name} does not answer: {log.read_text()[-2000:]}")

    def run(self, command: Sequence[str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command in this network to its end."""
        return subprocess.run([*self.prefix, *command], capture_output=True, text=True, timeout=timeout, check=False)

    def stop(self) -> None:
        """End all servers, by their process ids."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_LIMIT)


@contextmanager
def internet(folder: Path) -> Iterator[Internet]:
    """Start everything; end it afterwards."""
    with ExitStack() as stack:
        made = Internet(folder, _network(stack))
        stack.callback(made.stop)
        for name, kind, addresses, zones in SERVERS:
            place = folder / name
            place.mkdir()
            made.start(name, _COMMANDS[kind](place, addresses, zones), addresses[0])
        yield made


def _network(stack: ExitStack) -> tuple[str, ...]:
    """Make a network namespace with all addresses, and say what to write before a command so that it runs in it."""
    script = "\n".join([f"ip address add {address}/8 dev lo" for address in _addresses()])
    holder = subprocess.Popen(
        [program("unshare"), "-rn", "sh", "-ec", f"ip link set lo up\n{script}\necho ready\nexec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    stack.callback(holder.wait, STOP_LIMIT)
    stack.callback(holder.stdout.close)
    stack.callback(holder.stdin.close)
    if holder.stdout.readline() != b"ready\n":
        raise ServerUnavailable("no network namespace can be made")
    return (program("nsenter"), "-t", str(holder.pid), "-U", "-n", "--preserve-credentials")


def _addresses() -> list[str]:
    """All addresses that are in use, and those of the servers under test."""
    return [address for _, _, addresses, _ in SERVERS for address in addresses] + list(RESOLVERS)


def _nsd(folder: Path, addresses: Sequence[str], zones: Sequence[str]) -> list[str]:
    """NSD's command."""
    listen = "\n".join(f"  ip-address: {address}" for address in addresses)
    blocks = "\n".join(f'zone:\n  name: "{origin}"\n  zonefile: "{zoneFile(origin)}"' for origin in zones)
    conf = folder / "nsd.conf"
    conf.write_text(
        f"""server:
  server-count: 1
{listen}
  username: ""
  chroot: ""
  zonesdir: "{HERE}"
  database: ""
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zones"
  rrl-ratelimit: 0
  verbosity: 1
remote-control:
  control-enable: no
{blocks}
"""
    )
    return [program("nsd"), "-d", "-c", str(conf)]


def _knot(folder: Path, addresses: Sequence[str], zones: Sequence[str]) -> list[str]:
    """Knot's command."""
    blocks = "\n".join(f'  - domain: "{origin}"\n    file: "{zoneFile(origin)}"' for origin in zones)
    conf = folder / "knot.conf"
    conf.write_text(
        f"""server:
  listen: [{", ".join(f"{address}@53" for address in addresses)}]
  rundir: "{folder}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}"
log:
  - target: stderr
    any: info
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
zone:
{blocks}
"""
    )
    return [program("knotd"), "-c", str(conf)]


def _named(folder: Path, addresses: Sequence[str], zones: Sequence[str]) -> list[str]:
    """BIND's command."""
    blocks = "\n".join(f'zone "{origin}" {{ type primary; file "{zoneFile(origin)}"; }};' for origin in zones)
    conf = folder / "named.conf"
    conf.write_text(
        f"""options {{
  directory "{folder}";
  listen-on {{ {"; ".join(addresses)}; }};
  listen-on-v6 {{ none; }};
  pid-file "{folder}/pid";
  session-keyfile "{folder}/session.key";
  managed-keys-directory "{folder}";
  dnssec-validation no;
  empty-zones-enable no;
  recursion no;
  notify no;
}};
controls {{ }};
{blocks}
"""
    )
    return [program("named"), "-g", "-n", "1", "-c", str(conf)]


_COMMANDS = {"nsd": _nsd, "knot": _knot, "named": _named}


def hints(folder: Path) -> Path:
    """A file with the root's servers, in the form of the one that IANA publishes."""
    path = folder / "root.hints"
    lines = [". 3600000 NS a.roots.", ". 3600000 NS b.roots."]
    lines += [f"{letter}.roots. 3600000 A {address}" for letter, address in zip("ab", ROOTS, strict=True)]
    path.write_text("\n".join(lines) + "\n")
    return path


def unbound(folder: Path, address: str) -> list[str]:
    """Unbound's command: a resolver that begins at our root."""
    conf = folder / "unbound.conf"
    conf.write_text(
        f"""server:
  interface: {address}
  port: 53
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-ip6: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/pid"
  root-hints: "{hints(folder)}"
  module-config: "iterator"
  num-threads: 1
  local-zone: "." transparent
  minimal-responses: yes
  rrset-roundrobin: no
remote-control:
  control-enable: no
"""
    )
    return [program("unbound"), "-d", "-c", str(conf)]
