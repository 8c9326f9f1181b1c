"""The zones of our own and the questions that each is asked."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import dns.name
import dns.rdatatype

from .servers import ZoneSource, program

HERE = Path(__file__).parent

#: The types that every name is asked for; the types that a zone holds come on top.
TYPES = tuple(
    int(dns.rdatatype.from_text(text))
    for text in ["A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "DNAME", "DS", "SRV", "ANY", "PTR"]
)

#: Where the target stands in the text of the types that lead to another name.
_TARGET = {"NS": 0, "CNAME": 0, "DNAME": 0, "PTR": 0, "MX": 1, "SRV": 3}

_DIRECTIVE = re.compile(r"^; (rule|origin|group|ask): (.*)$")


@dataclass(frozen=True)
class Question:
    """One name (uncompressed wire) and type, for the zone of this name."""

    zone: str
    qname: bytes
    qtype: int

    def text(self) -> str:
        """The question as dig takes it, with the zone it comes from."""
        name = dns.name.from_wire(self.qname, 0)[0]
        return f"[{self.zone}] {name} {dns.rdatatype.to_text(dns.rdatatype.RdataType.make(self.qtype))}"


@dataclass(frozen=True)
class ZoneCase:
    """A zone file with its first lines read: ``; rule:``, ``; origin:``, ``; group:``, ``; ask:``."""

    name: str
    path: Path
    origin: str
    rule: str
    group: str = "main"
    ask: tuple[str, ...] = field(default=())

    @property
    def source(self) -> ZoneSource:
        """What a server needs to serve it."""
        return ZoneSource(self.origin, self.path)


def wireName(name: dns.name.Name | str) -> bytes:
    """The uncompressed wire form of an absolute name."""
    name = dns.name.from_text(name) if isinstance(name, str) else name
    wire = name.to_wire()
    assert wire is not None
    return wire


def readCase(path: Path) -> ZoneCase:
    """Read the directives in the comments at the top of a zone file."""
    found: dict[str, list[str]] = {"ask": []}
    for line in path.read_text("latin-1").splitlines():
        match = _DIRECTIVE.match(line)
        if match is None:
            break
        found.setdefault(match[1], []).append(match[2])
    return ZoneCase(
        path.stem,
        path,
        found["origin"][0],
        found["rule"][0],
        found.get("group", ["main"])[0],
        tuple(found["ask"]),
    )


@lru_cache(maxsize=1)
def zoneCases() -> tuple[ZoneCase, ...]:
    """All zones of our own, by name."""
    return tuple(readCase(path) for path in sorted((HERE / "zones").glob("*.zone")))


def _variants(owner: dns.name.Name, origin: dns.name.Name) -> Iterator[dns.name.Name]:
    """Names above, below and beside an owner."""
    yield owner
    yield dns.name.Name(label.upper() for label in owner.labels)
    ancestor = owner
    while ancestor != dns.name.root:
        ancestor = ancestor.parent()
        yield ancestor
        if ancestor.is_subdomain(origin):
            for below in (b"zz", b"*"):
                yield from _child(ancestor, below)
        else:
            break
    for below in (b"zz", b"*"):
        yield from _child(owner, below)
    yield from _child(owner, b"b", b"zz")
    if owner == origin or not owner.labels[0]:
        return
    for label in (owner.labels[0] + b"0", b"0" + owner.labels[0], owner.labels[0][:-1]):
        if label:
            yield from _child(owner.parent(), label)
    if b"*" in owner.labels:
        one = [b"syn" if label == b"*" else label for label in owner.labels]
        yield dns.name.Name(one)
        yield from _child(dns.name.Name(one[1:]), b"*", b"syn")
        yield from _child(dns.name.Name(one[1:]), b"two", b"syn")


def _child(parent: dns.name.Name, *labels: bytes) -> Iterator[dns.name.Name]:
    """The name below a parent, unless it would be too long."""
    try:
        yield dns.name.Name((labels[0], *labels[1:], *parent.labels))
    except (dns.name.NameTooLong, dns.name.LabelTooLong):
        return


def compiled(
    source: ZoneSource,
) -> list[tuple[dns.name.Name, list[int], list[dns.name.Name]]]:
    """Each owner of a zone with its types and some names that its data leads to, read by BIND."""
    lenient = [
        "-i",
        "none",
        "-k",
        "ignore",
        "-m",
        "ignore",
        "-M",
        "ignore",
        "-n",
        "ignore",
        "-r",
        "ignore",
        "-S",
        "ignore",
        "-T",
        "ignore",
    ]
    done = subprocess.run(
        [program("named-compilezone"), *lenient, "-o", "-", source.absolute, str(source.path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    owners: dict[str, tuple[list[int], list[dns.name.Name]]] = {}
    for line in done.stdout.splitlines():
        if line.startswith(";"):  # notes on RRSIG
            continue
        owner, _ttl, _class, kind, *rdata = line.split()
        types, targets = owners.setdefault(owner, ([], []))
        rrtype = int(dns.rdatatype.from_text(kind))
        if rrtype not in types:
            types.append(rrtype)
        if kind in _TARGET and len(targets) < 4:
            targets.append(dns.name.from_text(rdata[_TARGET[kind]]))
    return [(dns.name.from_text(owner), *found) for owner, found in owners.items()]


def questionsFor(case: ZoneCase) -> list[Question]:
    """Every question for a zone, each once; names keep their case."""
    origin = dns.name.from_text(case.origin)
    asked: dict[tuple[bytes, int], None] = {}

    def add(names: Iterable[dns.name.Name], types: Iterable[int]) -> None:
        for name in names:
            for qtype in types:
                asked[(wireName(name), int(qtype))] = None

    for line in case.ask:
        name, kind, *rest = line.split()
        if not rest:
            add([dns.name.from_text(name, origin)], [dns.rdatatype.from_text(kind)])
    for seen, (owner, own, targets) in enumerate(compiled(case.source)):
        if seen >= 60:  # of a zone with very many owners, the rest is asked as it stands
            add([owner], [*TYPES[:1], *own])
            continue
        add(_variants(owner, origin), TYPES)
        add([owner, *_child(owner.parent(), b"syn")] if owner != origin else [owner], own)
        add(targets, TYPES)
    beside = [dns.name.from_text(text) for text in ("beside.test.", "outside.example.", "test.")]
    beside += [*_child(origin, b"random-child"), *_child(origin, b"two", b"random-child")]
    add(beside, TYPES)
    return [Question(case.name, qname, qtype) for qname, qtype in asked]
