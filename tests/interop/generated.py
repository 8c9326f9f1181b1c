"""Zones drawn by hypothesis: small, dense, and with every rule of lookup likely to meet another.

All names are made of few labels, so that owners, targets, cuts, wildcards and DNAMEs hit each other.
What one of the three would refuse is taken out afterwards (`Draft`), so that nearly all zones load.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .corpus import ZoneCase

Labels = tuple[str, ...]

_LABELS = st.sampled_from(["a", "b", "c", "*", "d", "ns", "www", "X", "_t", "e-f"])
_OUTSIDE = st.sampled_from([("www", "example", "com"), ("ns", "example"), ("test",), ()])
_TTLS = st.sampled_from(["", "", "", "0 ", "60 ", "86400 "])
_NAMES = st.lists(_LABELS, min_size=0, max_size=4).map(tuple)
_DEEPER = st.lists(_LABELS, min_size=1, max_size=2).map(tuple)


@dataclass
class Draft:
    """A zone in the making: what stands at each name, as (TTL, type, text); the origin comes last."""

    origin: str
    minimum: int
    nodes: dict[Labels, list[tuple[str, str, str]]] = field(default_factory=dict)

    def put(self, owner: Labels, ttl: str, kind: str, text: str) -> None:
        """Add a record unless the rules for CNAME, DNAME and NS forbid it there."""
        key = tuple(label.lower() for label in owner)
        node = self.nodes.setdefault(key, [])
        kinds = {k for _ttl, k, _text in node}
        if (
            "CNAME" in kinds
            or (kind == "CNAME" and (node or not owner))
            or (kind == "DNAME" and (kinds & {"DNAME", "NS"} or "*" in owner[:1]))
            or (kind == "NS" and (kinds & {"DNAME"} or "*" in owner[:1]))
            or (kind == "NS" and not owner and not text.endswith("."))  # BIND wants an address
            or (kind == "DS" and not owner)
            or (not owner and kind == "DNAME")
            or len(node) > 12
        ):
            return
        same = [t for t, k, _text in node if k == kind]  # one TTL for each RRset
        node.append((same[0] if same else ttl, kind, text))

    def owners(self, kind: str) -> set[Labels]:
        """The names that have records of a type."""
        return {key for key, node in self.nodes.items() if any(k == kind for _t, k, _x in node)}

    def childNames(self) -> list[Labels]:
        """Cuts where another zone may begin: NSD allows no DNAME above, not even in another zone."""
        dnames = self.owners("DNAME")
        return [
            key
            for key in self.nodes
            if key in self.owners("NS")
            and key
            and "*" not in key
            and not any(key[n:] in dnames for n in range(len(key)))
        ]

    def text(self) -> str:
        """The zone file, without what lies below a DNAME."""
        dnames = self.owners("DNAME")
        lines = [
            "$TTL 3600",
            f"$ORIGIN {self.origin}.",
            f"@ SOA ns.example. h.example. 1 7200 3600 1209600 {self.minimum}",
            "@ NS ns.example.",
        ]
        for owner, node in self.nodes.items():
            if any(owner[n:] in dnames for n in range(1, len(owner))):
                continue
            name = ".".join(owner) or "@"
            lines += [f"{name} {ttl}{kind} {text}" for ttl, kind, text in node]
        return "\n".join(lines) + "\n"


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A zone with up to 25 things in it."""
    draft = Draft("", draw(st.sampled_from([0, 300, 7200])))
    owners: list[Labels] = [()]
    for _ in range(draw(st.integers(3, 25))):
        base = draw(st.one_of(_NAMES, st.sampled_from(owners)))
        owner = (*draw(st.one_of(st.just(()), _DEEPER)), *base)[-6:]
        owners.append(owner)
        ttl = draw(_TTLS)

        def target() -> str:
            """A name: mostly one of the zone, a neighbour of one, or outside."""
            if draw(st.integers(0, 9)) == 0:
                return ".".join(draw(_OUTSIDE)) + "."
            chosen = draw(st.one_of(st.sampled_from(owners), _NAMES))
            if draw(st.booleans()):
                chosen = (*draw(_DEEPER), *chosen)[-6:]
            return ".".join(chosen) or "@"

        kind = draw(
            st.sampled_from(
                ["A", "A", "AAAA", "TXT", "MX", "CNAME", "CNAME", "DNAME", "cut", "cut", "SRV", "PTR", "DS"]
            )
        )
        number = draw(st.integers(1, 3))
        if kind in {"A", "AAAA"}:
            prefix = "192.0.2." if kind == "A" else "2001:db8::"
            for n in range(number):
                draft.put(owner, ttl, kind, f"{prefix}{len(owners) + 30 * n}")
        elif kind == "TXT":
            draft.put(owner, ttl, kind, '"' + "t" * draw(st.sampled_from([1, 40, 200])) + '"')
        elif kind == "cut":
            for n in range(number):
                host = draw(st.one_of(st.just(("ns", *owner)), st.just((f"ns{n}", *owner)), _NAMES))
                inside = draw(st.integers(0, 4)) > 0
                draft.put(owner, ttl, "NS", (".".join(host) or "@") if inside else "ns.example.net.")
                if inside and draw(st.booleans()):
                    draft.put(host, "", "A", f"192.0.2.{100 + n}")
            if draw(st.booleans()):
                draft.put(owner, "", "DS", "1 8 1 " + "00" * 20)
        elif kind == "DS":
            draft.put(owner, ttl, kind, "1 8 1 " + "00" * 20)
        else:
            before = {"MX": "10 ", "SRV": "0 0 80 "}.get(kind, "")
            draft.put(owner, ttl, kind, before + target())
    return draft


@st.composite
def families(draw: st.DrawFn) -> list[Draft]:
    """A zone, and at times a child of it that is loaded too."""
    parent = draw(drafts())
    cuts = parent.childNames()
    if not cuts or not draw(st.booleans()):
        return [parent]
    # NSD checks DNAMEs over all zones at once: the parent has nothing below such a cut.
    size = len(cuts[0])
    parent.nodes = {key: node for key, node in parent.nodes.items() if len(key) <= size or key[-size:] != cuts[0]}
    child = draw(drafts())
    child.origin = ".".join(cuts[0])
    return [parent, child]


def generate(count: int, start: int | None) -> list[Draft]:
    """So many zones and their children; the same ones each time for the same ``start``, and for None."""
    found: list[Draft] = []

    @settings(
        max_examples=count,
        phases=[Phase.generate],
        derandomize=start is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(families())
    def collect(family: list[Draft]) -> None:
        """Keep what is drawn, under an origin of its own."""
        name = f"g{len(found):03}.test"
        for draft in family:
            draft.origin = f"{draft.origin}.{name}" if draft.origin else name
            found.append(draft)

    (collect if start is None else seed(start)(collect))()
    return found


def writeDrafts(drafts_: Sequence[Draft], folder: Path) -> list[ZoneCase]:
    """Write the zones into a folder."""
    cases = []
    for draft in drafts_:
        path = folder / f"{draft.origin.replace('.', '-')}.zone"
        path.write_text(draft.text())
        cases.append(ZoneCase(path.stem, path, draft.origin, "generated"))
    return cases
