"""NSD, Knot DNS, BIND, PowerDNS and txnames as primaries and secondaries of each other.

Each of them is described in the same words: the zones that it has itself, and those that it copies. A zone's refresh
time is an hour, so that nobody fetches it again within a test unless it's told to by NOTIFY.
"""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .servers import HOST, Server, ServerUnavailable, program

#: Seconds in which a server has to do what it was told.
LIMIT = 20.0

#: Where Debian's PowerDNS has the tables that its database needs.
SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")


@dataclass(frozen=True)
class Key:
    """A key for TSIG: its name, its algorithm, and the secret in Base64."""

    name: str
    algorithm: str
    secret: str

    @property
    def digKey(self) -> str:
        """As dig and nsupdate take it."""
        return f"{self.algorithm}:{self.name}:{self.secret}"

    @property
    def clause(self) -> str:
        """As BIND and txnames take it."""
        return f'key "{self.name}" {{ algorithm {self.algorithm}; secret "{self.secret}"; }};\n'


SHA256 = Key("sha256.key.test", "hmac-sha256", "S2VlcCBpdCwgd2hhdGV2ZXIgeW91IGFyZSB0b2xkLi4=")
SHA512 = Key(
    "sha512.key.test",
    "hmac-sha512",
    "QSBzZWNyZXQgdGhhdCBpcyBhcyBsb25nIGFzIHdoYXQgdGhlIGFsZ29yaXRobSBnaXZlcywgNjQgb2N0ZXRzLg==",
)
KEYS = (SHA256, SHA512)


def nameOf(value: object) -> str:
    """The name of a case."""
    return value.algorithm if isinstance(value, Key) else "unsigned" if value is None else str(value)


@dataclass(frozen=True)
class Own:
    """A zone that a server has itself: its file, whose key may have it (or anybody here), and the port that is told."""

    origin: str
    path: Path
    key: Key | None = None
    told: int | None = None


@dataclass(frozen=True)
class Copy:
    """A zone that a server copies: from which port, and by which key."""

    origin: str
    primary: int
    key: Key | None = None


def contents(origin: str, serial: int, size: int = 4000, extra: Sequence[str] = ()) -> frozenset[str]:
    """The records of a zone, as dig shows them: of many types, and so many that a transfer has several messages.

    Each serial has addresses that no other has.
    """
    common = f"""
@ 3600 IN SOA ns.@ hostmaster.@ {serial} 3600 600 864000 300
@ 3600 IN NS ns.@
@ 3600 IN MX 10 mail.@
@ 300 IN TXT "a text; with a semicolon" "and \\"another\\""
@ 300 IN CAA 0 issue "ca.test"
ns.@ 3600 IN A 192.0.2.1
ns.@ 3600 IN AAAA 2001:db8::1
mail.@ 60 IN A 192.0.2.{serial % 200}
alias.@ 60 IN CNAME mail.@
*.wild.@ 60 IN A 192.0.2.3
_sip._tcp.@ 60 IN SRV 1 2 5060 mail.@
host.@ 60 IN SSHFP 4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789
_443._tcp.@ 60 IN TLSA 3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
sub.@ 60 IN NS ns.sub.@
sub.@ 60 IN NS ns.elsewhere.test.
sub.@ 60 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
ns.sub.@ 60 IN A 192.0.2.4
away.@ 60 IN DNAME elsewhere.test.
deep.deep.deep.@ 60 IN PTR a\\.b.@
ext.@ 60 IN TYPE65280 \\# 4 01020304
serial-{serial}.@ 60 IN A 192.0.2.5
""".strip().splitlines()
    many = [f"host-{number}.@ 60 IN A 10.0.{number // 256}.{number % 256}" for number in range(size)]
    return frozenset(normal(line.replace("@", f"{origin}.")) for line in [*common, *many, *extra])


def normal(line: str) -> str:
    """A record in the one way to write it: a blank between the fields, in lower case."""
    owner, ttl, cls, type, rdata = line.split(maxsplit=4)
    rdata = rdata if '"' in rdata else " ".join(rdata.split())
    if type in {"SSHFP", "TLSA", "DS"}:
        # dig breaks long digests into words.
        fields = rdata.split()
        rdata = " ".join([*fields[: 2 if type == "SSHFP" else 3], "".join(fields[2 if type == "SSHFP" else 3 :])])
    return " ".join([owner, ttl, cls, type, rdata]).lower()


def writeZone(path: Path, records: frozenset[str]) -> None:
    """Write a zone file, which takes the place of the old one at once."""
    new = path.with_suffix(".new")
    new.write_text("".join(f"{line}\n" for line in sorted(records, key=lambda line: (" in soa " not in line, line))))
    os.replace(new, path)


def dig(port: int, *arguments: str, key: Key | None = None) -> str:
    """What dig says when it asks this port."""
    signed = () if key is None else ("-y", key.digKey)
    command = ["dig", f"@{HOST}", "-p", str(port), "+tries=1", "+time=5", *signed, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout


def transferred(port: int, origin: str, key: Key | None = None) -> frozenset[str]:
    """The records that a transfer by dig gives; none where it's refused."""
    lines = dig(port, "+noall", "+answer", "+onesoa", "AXFR", f"{origin}.", key=key).splitlines()
    return frozenset(normal(line) for line in lines if line and not line.startswith(";"))


def serialAt(port: int, origin: str) -> int | None:
    """The serial that a server has of a zone; None where it has none."""
    fields = dig(port, "+short", "+norec", "SOA", f"{origin}.").split()
    return int(fields[2]) if len(fields) == 7 else None


def eventually(check: Callable[[], object], what: Callable[[], str], limit: float = LIMIT) -> None:
    """Wait until something is true; fail where it isn't in time, and say what is instead."""
    deadline = time.monotonic() + limit
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit:g} seconds: {what()}")
        time.sleep(0.05)


def awaitSerial(server: Server, origin: str, serial: int | None) -> None:
    """Wait until a server has this serial of a zone, or doesn't have the zone."""

    def what() -> str:
        return f"{server.name} has {serialAt(server.port, origin)} of {origin}, not {serial}:\n{server.log()[-3000:]}"

    eventually(lambda: serialAt(server.port, origin) == serial, what)


def awaitText(server: Server, text: str) -> None:
    """Wait until a server has logged something."""
    eventually(lambda: text in server.log(), lambda: f"{text!r} in the log of {server.name}:\n{server.log()[-3000:]}")


def assertSame(server: Server, origin: str, expected: frozenset[str], key: Key | None = None) -> None:
    """A server has exactly these records of a zone."""
    found = transferred(server.port, origin, key)
    missing, added = sorted(expected - found), sorted(found - expected)
    counts = f"{len(missing)} missing {missing[:9]}, {len(added)} too many {added[:9]}"
    assert found == expected, f"{server.name}: {counts}\n{server.log()[-2000:]}"


# --- the servers ---


def _nsd(folder: Path, port: int, owned: Sequence[Own], copied: Sequence[Copy]) -> Server:
    """NSD, which makes the differences between zone files itself."""
    keys = "".join(f'key:\n  name: "{k.name}"\n  algorithm: {k.algorithm}\n  secret: "{k.secret}"\n' for k in KEYS)
    blocks = ""
    for own in owned:
        key = "NOKEY" if own.key is None else own.key.name
        blocks += f'zone:\n  name: "{own.origin}"\n  zonefile: "{own.path}"\n  provide-xfr: {HOST} {key}\n'
        blocks += "  store-ixfr: yes\n  create-ixfr: yes\n"
        blocks += "" if own.told is None else f"  notify: {HOST}@{own.told} {key}\n"
    for copy in copied:
        key = "NOKEY" if copy.key is None else copy.key.name
        blocks += f'zone:\n  name: "{copy.origin}"\n  provide-xfr: {HOST} NOKEY\n'
        blocks += f"  request-xfr: {HOST}@{copy.primary} {key}\n  allow-notify: {HOST} {key}\n"
    (folder / "nsd.conf").write_text(
        f"""server:
  server-count: 1
  ip-address: {HOST}@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/pid"
  xfrdfile: "{folder}/xfrd"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zones"
  xfrd-reload-timeout: 0
  rrl-ratelimit: 0
  verbosity: 2
remote-control:
  control-enable: no
{keys}{blocks}"""
    )
    return Server("nsd", [program("nsd"), "-d", "-c", f"{folder}/nsd.conf"], port, folder)


def knotText(folder: Path, port: int, owned: Sequence[Own], copied: Sequence[Copy], catalog: str = "") -> str:
    """The settings of Knot DNS, with more lines for each of its own zones (a catalog's members)."""
    keys = "".join(f'  - id: "{k.name}"\n    algorithm: {k.algorithm}\n    secret: "{k.secret}"\n' for k in KEYS)
    remotes = acls = zones = ""
    for number, own in enumerate(owned):
        key = "" if own.key is None else f"    key: {own.key.name}\n"
        acls += f"  - id: own{number}\n    address: {HOST}\n    action: transfer\n{key}"
        zones += f'  - domain: "{own.origin}"\n    file: "{own.path}"\n    acl: own{number}\n{catalog}'
        zones += "    zonefile-load: difference\n    journal-content: changes\n"
        if own.told is not None:
            remotes += f'  - id: told{number}\n    address: "{HOST}@{own.told}"\n{key}'
            zones += f"    notify: told{number}\n"
    for number, copy in enumerate(copied):
        key = "" if copy.key is None else f"    key: {copy.key.name}\n"
        acls += f"  - id: copy{number}\n    address: {HOST}\n    action: notify\n{key}"
        remotes += f'  - id: from{number}\n    address: "{HOST}@{copy.primary}"\n{key}'
        zones += f'  - domain: "{copy.origin}"\n    master: from{number}\n    acl: [copy{number}, anybody]\n'
    return f"""server:
  listen: {HOST}@{port}
  rundir: "{folder}"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 2
database:
  storage: "{folder}"
log:
  - target: stderr
    any: info
key:
{keys}remote:
  - id: nobody
    address: "{HOST}@9"
{remotes}acl:
  - id: anybody
    address: {HOST}
    action: transfer
{acls}template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
zone:
{zones}"""


def _knot(folder: Path, port: int, owned: Sequence[Own], copied: Sequence[Copy]) -> Server:
    """Knot DNS, which makes the differences between zone files itself."""
    (folder / "knot.conf").write_text(knotText(folder, port, owned, copied))
    return Server("knot", [program("knotd"), "-c", f"{folder}/knot.conf"], port, folder)


def namedText(folder: Path, port: int, owned: Sequence[Own], copied: Sequence[Copy], options: str = "") -> str:
    """The settings of BIND."""
    zones = ""
    for own in owned:
        key = "" if own.key is None else f' key "{own.key.name}"'
        allowed = HOST if own.key is None else key
        told = "" if own.told is None else f"also-notify {{ {HOST} port {own.told}{key}; }};"
        zones += (
            f'zone "{own.origin}" {{ type primary; file "{own.path}"; allow-transfer {{ {allowed}; }}; {told} }};\n'
        )
    for copy in copied:
        key = "" if copy.key is None else f' key "{copy.key.name}"'
        zones += f'zone "{copy.origin}" {{ type secondary; primaries {{ {HOST} port {copy.primary}{key}; }}; }};\n'
    return f"""options {{
  directory "{folder}";
  listen-on port {port} {{ {HOST}; }};
  listen-on-v6 {{ none; }};
  pid-file "{folder}/pid";
  session-keyfile "{folder}/session.key";
  managed-keys-directory "{folder}";
  dnssec-validation no;
  empty-zones-enable no;
  recursion no;
  check-names primary ignore;
  notify explicit;
  notify-delay 0;
  ixfr-from-differences yes;
  allow-transfer {{ {HOST}; }};
  {options}
}};
controls {{ }};
{"".join(key.clause for key in KEYS)}{zones}"""


def _named(folder: Path, port: int, owned: Sequence[Own], copied: Sequence[Copy]) -> Server:
    """BIND, which makes the differences between zone files itself."""
    (folder / "named.conf").write_text(namedText(folder, port, owned, copied))
    return Server("named", [program("named"), "-g", "-n", "1", "-c", f"{folder}/named.conf"], port, folder)


def pdns(folder: Path, port: int, owned: Sequence[Own], copied: Sequence[Copy]) -> Server:
    """PowerDNS, which has its zones in a database."""
    if not SCHEMA.exists():
        raise ServerUnavailable("PowerDNS's backend for SQLite is not installed")
    (folder / "pdns.conf").write_text(
        f"""launch=gsqlite3
gsqlite3-database={folder}/database
gsqlite3-pragma-synchronous=0
local-address={HOST}
local-port={port}
socket-dir={folder}
daemon=no
guardian=no
security-poll-suffix=
primary=yes
secondary=yes
xfr-cycle-interval=1
only-notify=
allow-axfr-ips={HOST if all(own.key is None for own in owned) else ""}
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
zone-metadata-cache-ttl=0
distributor-threads=1
loglevel=5
"""
    )
    with closing(sqlite3.connect(folder / "database")) as database, database:
        database.executescript("PRAGMA journal_mode=WAL;" + SCHEMA.read_text())
        names = [(key.name, key.algorithm, key.secret) for key in KEYS]
        database.executemany("INSERT INTO tsigkeys (name, algorithm, secret) VALUES (?, ?, ?)", names)
        for copy in copied:
            place = f"{HOST}:{copy.primary}"
            sql = "INSERT INTO domains (name, type, master) VALUES (?, 'SLAVE', ?)"
            number = database.execute(sql, (copy.origin, place)).lastrowid
            facts = [("IXFR", "1")] + ([] if copy.key is None else [("AXFR-MASTER-TSIG", copy.key.name)])
            _facts(database, number, facts)
    for own in owned:
        addPdns(folder, own)
    return Server("pdns", [program("pdns_server"), f"--config-dir={folder}"], port, folder)


def addPdns(folder: Path, own: Own) -> None:
    """Give PowerDNS a zone of its own."""
    loadPdns(folder, own)
    with closing(sqlite3.connect(folder / "database", timeout=LIMIT)) as database, database:
        database.execute("UPDATE domains SET type = 'MASTER' WHERE name = ?", (own.origin,))
        (number,) = database.execute("SELECT id FROM domains WHERE name = ?", (own.origin,)).fetchone()
        facts = [] if own.key is None else [("TSIG-ALLOW-AXFR", own.key.name)]
        facts += [] if own.told is None else [("ALSO-NOTIFY", f"{HOST}:{own.told}")]
        _facts(database, number, facts)


def _facts(database: sqlite3.Connection, number: int | None, facts: Sequence[tuple[str, str]]) -> None:
    """Tell PowerDNS facts about a zone."""
    sql = "INSERT INTO domainmetadata (domain_id, kind, content) VALUES (?, ?, ?)"
    database.executemany(sql, [(number, kind, content) for kind, content in facts])


def loadPdns(folder: Path, own: Own) -> None:
    """Put a zone file into the database of PowerDNS."""
    command = [program("pdnsutil"), f"--config-dir={folder}", "load-zone", own.origin, str(own.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise ServerUnavailable(f"PowerDNS does not take {own.origin}: {done.stdout}{done.stderr}")


def txnames(
    folder: Path, port: int, owned: Sequence[Own] = (), copied: Sequence[Copy] = (), more: Sequence[str] = ()
) -> Server:
    """``twistd -n dns`` of txnames under this interpreter, with more options."""
    (folder / "keys").write_text("".join(key.clause for key in KEYS))
    run = "from twisted.scripts.twistd import run; run()"
    command = [sys.executable, "-c", run, "-n", f"--rundir={folder}", f"--pidfile={folder}/pid", "dns"]
    command += ["--port", str(port), "--interface", HOST, "--tsig-key", f"{folder}/keys"]
    options = []
    for own in owned:
        options.append(("--bindzone", f"{own.origin}.={own.path}"))
        options.append(("--allow-transfer", HOST if own.key is None else f"key:{own.key.name}"))
        if own.told is not None:
            options.append(("--also-notify", f"{_keyed(own.key)}{HOST}:{own.told}"))
    options += [("--secondary", f"{_keyed(copy.key)}{HOST}:{copy.primary}/{copy.origin}") for copy in copied]
    for option in dict.fromkeys(options):
        command += option
    return Server("txnames", [*command, *more], port, folder)


def _keyed(key: Key | None) -> str:
    """What stands in front of a server that is asked, or told, by a key."""
    return "" if key is None else f"key:{key.name}@"


Make = Callable[[Path, int, Sequence[Own], Sequence[Copy]], Server]

#: The servers that are not ours, and how each is made.
DAEMONS: dict[str, Make] = {"nsd": _nsd, "knot": _knot, "named": _named, "pdns": pdns}


@dataclass
class Stage:
    """Servers that end with the test, each in a folder of its own."""

    folder: Path
    stack: ExitStack = field(repr=False)

    def port(self) -> int:
        """A free port that no other stage gets while this one lasts, in whichever process.

        It's none of those that the system gives to clients, as a server may bind it long after, or twice.
        """
        while True:
            port = random.randrange(10_000, 32_000)  # reason: nobody must be kept from guessing it
            with ExitStack() as taken:
                try:
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        taken.enter_context(socket.socket(socket.AF_INET, kind)).bind((HOST, port))
                    mark = taken.enter_context(socket.socket(socket.AF_UNIX))
                    mark.bind(f"\0txnames interop {port}")
                except OSError:
                    continue
                # The system forgets the mark with the process, if the process is killed.
                self.stack.enter_context(mark.dup())
            return port

    def place(self, name: str) -> Path:
        """A new folder."""
        place = self.folder / name
        place.mkdir()
        return place

    def zone(self, origin: str, records: frozenset[str]) -> Path:
        """A new zone file."""
        path = self.folder / f"{origin}.zone"
        writeZone(path, records)
        return path

    def run(self, server: Server) -> Server:
        """Start a server, and end it after the test."""
        self.stack.callback(server.stop)
        server.start("all zones loaded" if server.name == "named" else None)
        return server

    def daemon(self, kind: str, port: int, owned: Sequence[Own] = (), copied: Sequence[Copy] = ()) -> Server:
        """Start one that isn't ours."""
        return self.run(DAEMONS[kind](self.place(kind), port, owned, copied))

    def txnames(
        self,
        port: int | None = None,
        owned: Sequence[Own] = (),
        copied: Sequence[Copy] = (),
        more: Sequence[str] = (),
        name: str = "txnames",
    ) -> Server:
        """Start ours."""
        return self.run(txnames(self.place(name), self.port() if port is None else port, owned, copied, more))


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage without servers as yet."""
    with ExitStack() as stack:
        yield Stage(folder, stack)


def hangUp(server: Server) -> None:
    """Send SIGHUP: the zones and the settings are to be read again."""
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)


def change(server: Server, own: Own, records: frozenset[str]) -> None:
    """Let a server have another version of its own zone."""
    writeZone(own.path, records)
    if server.name == "pdns":
        loadPdns(server.folder, own)
    else:
        hangUp(server)
