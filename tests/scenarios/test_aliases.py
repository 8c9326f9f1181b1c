"""CNAME and DNAME, in one zone and from zone to zone (RFC 1034 section 3.6.2, RFC 6672)."""

import pytest

from tests.scenarios.world import EXAMPLE, OTHER, World
from txnames.testing.behaviours import silent


def test_inZone(world: World) -> None:
    """An alias and what it leads to come in this order, though the server gave both at once."""
    world.example("www CNAME host \n host A 192.0.2.80")
    said = world.ask("www.example.com")
    assert said.answers == ["www.example.com. CNAME host.example.com.", "host.example.com. A 192.0.2.80"]


def test_acrossZones(world: World) -> None:
    """An alias leads to another zone, from the root down."""
    world.example("www CNAME www.other.org.")
    world.other()
    assert str(world.ask("www.example.com")) == "NOERROR -> www.other.org. 198.51.100.80"


def test_longChain(world: World) -> None:
    """Aliases that go to and fro between two zones are followed."""
    world.example("\n".join(f"a{count} CNAME b{count}.other.org." for count in range(4)) + "\n a4 A 192.0.2.80")
    world.other("\n".join(f"b{count} CNAME a{count + 1}.example.com." for count in range(4)))
    said = world.ask("a0.example.com")
    assert len(said.answers) == 9
    assert said.answers[-1] == "a4.example.com. A 192.0.2.80"
    owners = [answer.split()[0] for answer in said.answers]
    assert owners[:4] == ["a0.example.com.", "b0.other.org.", "a1.example.com.", "b1.other.org."]


def test_cachedChain(world: World) -> None:
    """A chain is answered from the cache, in its order, and each of its parts too."""
    world.example("www CNAME www.other.org.")
    world.other("www CNAME host \n host A 198.51.100.80")
    first = world.ask("www.example.com")
    world.asked()
    assert world.ask("www.example.com").answers == first.answers
    assert world.asked() == []


def test_targetKnown(world: World) -> None:
    """Where the target is known already, only the alias is asked."""
    world.example("www CNAME www.other.org.")
    world.other()
    world.ask("www.other.org")
    world.asked()
    assert str(world.ask("www.example.com")) == "NOERROR -> www.other.org. 198.51.100.80"
    assert world.count(OTHER) == 0


def test_otherType(world: World) -> None:
    """An alias holds for all types."""
    world.example("www CNAME host \n host A 192.0.2.80 \n host AAAA 2001:db8::80 \n host MX 10 mail")
    assert str(world.ask("www.example.com", "AAAA")) == "NOERROR -> host.example.com. 2001:db8::80"
    assert str(world.ask("www.example.com", "MX")) == "NOERROR -> host.example.com. 10 mail.example.com."
    assert str(world.ask("www.example.com", "TXT")) == "NOERROR -> host.example.com."


def test_askedForAlias(world: World) -> None:
    """An alias that is asked for is not followed."""
    world.example("www CNAME www.other.org.")
    world.other()
    assert str(world.ask("www.example.com", "CNAME")) == "NOERROR -> www.other.org."
    assert world.count(OTHER) == 0


def test_toNothing(world: World) -> None:
    """An alias of a name that does not exist: NXDOMAIN, with the alias (RFC 6604 section 3)."""
    world.example("www CNAME nosuch.other.org.")
    world.other()
    said = world.ask("www.example.com")
    assert str(said) == "NXDOMAIN -> nosuch.other.org."
    assert said.authority == ["other.org. SOA"]
    assert str(world.ask("www.example.com")) == str(said)


def test_toNothingInZone(world: World) -> None:
    """The same within one zone."""
    world.example("www CNAME nosuch")
    said = world.ask("www.example.com")
    assert str(said) == "NXDOMAIN -> nosuch.example.com."
    assert said.authority == ["example.com. SOA"]


def test_toNoData(world: World) -> None:
    """An alias of a name that has no such records: NOERROR, with the alias and the SOA of the target's zone."""
    world.example("www CNAME www.other.org.")
    world.other("www TXT x")
    said = world.ask("www.example.com")
    assert str(said) == "NOERROR -> www.other.org."
    assert said.authority == ["other.org. SOA"]


def test_targetFails(world: World) -> None:
    """An alias whose target nobody answers for: SERVFAIL."""
    world.example("www CNAME www.other.org.")
    world.other().behaves(silent)
    assert world.ask("www.example.com", limit=30).rcode == "SERVFAIL"


def test_dname(world: World) -> None:
    """A DNAME leads all that is below it into another zone."""
    world.example("d DNAME other.org.")
    world.other()
    said = world.ask("www.d.example.com")
    assert said.answers == [
        "d.example.com. DNAME other.org.",
        "www.d.example.com. CNAME www.other.org.",
        "www.other.org. A 198.51.100.80",
    ]
    assert said.rcode == "NOERROR"


def test_dnameItself(world: World) -> None:
    """A DNAME does not hold for its own name."""
    world.example("d DNAME other.org. \n d A 192.0.2.80")
    assert str(world.ask("d.example.com")) == "NOERROR 192.0.2.80"
    assert world.ask("d.example.com", "DNAME").answers == ["d.example.com. DNAME other.org."]


def test_dnameToNothing(world: World) -> None:
    """A DNAME leads to a name that does not exist."""
    world.example("d DNAME other.org.")
    world.other()
    assert world.ask("nosuch.d.example.com").rcode == "NXDOMAIN"


def test_dnameIsRemembered(world: World) -> None:
    """What a known DNAME leads to comes out right for other names too."""
    world.example("d DNAME other.org.")
    world.other("www A 198.51.100.80 \n mail A 198.51.100.25")
    world.ask("www.d.example.com")
    assert world.ask("mail.d.example.com").answers[-1] == "mail.other.org. A 198.51.100.25"


def test_dnameTooLong(world: World) -> None:
    """A DNAME that makes a name too long: YXDOMAIN (RFC 6672 section 2.2)."""
    label = "x" * 63
    world.example(f"d DNAME {label}.{label}.{label}.other.org.")
    said = world.ask(f"{label}.d.example.com")
    assert said.rcode == "YXDOMAIN"


def test_dnameThenCname(world: World) -> None:
    """DNAME and CNAME follow each other."""
    world.example("d DNAME other.org. \n host A 192.0.2.80")
    world.other("www CNAME host.example.com.")
    assert world.ask("www.d.example.com").answers[-1] == "host.example.com. A 192.0.2.80"


LOOPS = {
    "itself": ("www CNAME www", ""),
    "two": ("www CNAME a \n a CNAME www", ""),
    "entered": ("www CNAME a \n a CNAME b \n b CNAME a", ""),
    "acrossZones": ("www CNAME www.other.org.", "www CNAME www.example.com."),
    "dname": ("d DNAME d.example.com. \n www CNAME x.d", ""),
    "growing": ("d DNAME e.d \n www CNAME x.d", ""),
    "twoDnames": ("d DNAME other.org. \n www CNAME x.d", "@ DNAME d.example.com."),
}


@pytest.mark.parametrize("how", LOOPS)
def test_loops(world: World, how: str) -> None:
    """Aliases that lead back to themselves end soon, without an answer."""
    example, other = LOOPS[how]
    world.example(example)
    world.other(other)
    said = world.ask("www.example.com", limit=20)
    assert said.rcode in ("SERVFAIL", "YXDOMAIN")
    assert said.elapsed < 5
    assert world.count() < 60


def test_endlessChain(world: World) -> None:
    """A chain of aliases that doesn't end, though it never comes back, ends in SERVFAIL."""
    world.example("\n".join(f"a{count} CNAME a{count}.other.org." for count in range(60)))
    world.other("\n".join(f"a{count} CNAME a{count + 1}.example.com." for count in range(60)))
    said = world.ask("a0.example.com", limit=30)
    assert said.rcode == "SERVFAIL"
    assert world.count() < 60


def test_aliasBesideOthers(world: World) -> None:
    """A name with an alias and other records (against RFC 1034 section 3.6.2) gives one or the other."""
    world.example("www CNAME host \n www A 192.0.2.80 \n host A 192.0.2.81")
    assert str(world.ask("www.example.com")) in ("NOERROR 192.0.2.80", "NOERROR -> host.example.com. 192.0.2.81")
    assert world.internet.servers[EXAMPLE].asked


def test_anyOfAnAlias(world: World) -> None:
    """Who asks for all records of an alias gets the alias, and not what it leads to, whatever is known."""
    world.example("www CNAME host \n host A 192.0.2.80")
    world.ask("www.example.com")
    for _ in range(2):
        assert str(world.ask("www.example.com", "ANY")) == "NOERROR -> host.example.com."
