"""The programs in ``listings/names`` run and give the answers that they promise."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.query
import dns.rcode
import dns.zone
import pytest

from tests.listings.serving import LISTINGS, LOOPBACK, ask, servingListing, texts


@pytest.fixture(scope="module")
def lowLevel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run ``low_level_server.py``; gives its port."""
    with servingListing("low_level_server.py", tmp_path_factory.mktemp("low")) as port:
        yield port


@pytest.fixture(scope="module")
def zoneServer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run ``zone_server.py``; gives its port."""
    with servingListing("zone_server.py", tmp_path_factory.mktemp("zones")) as port:
        yield port


def test_lowLevelServerGivesTheCannedAddress(lowLevel: int) -> None:
    """Whatever name is asked for, its address is 192.0.2.1."""
    reply = ask(lowLevel, "Whatever.example", "A")
    assert texts(reply) == ["Whatever.example. 60 IN A 192.0.2.1"]
    assert reply.flags & dns.flags.AA


def test_lowLevelServerHasNothingElse(lowLevel: int) -> None:
    """A question for another type gets a reply without records."""
    reply = ask(lowLevel, "whatever.example", "MX")
    assert reply.rcode() == dns.rcode.NOERROR
    assert texts(reply) == []


@pytest.mark.parametrize("opcode", [dns.opcode.NOTIFY, dns.opcode.UPDATE])
def test_lowLevelServerAnswersQueriesOnly(lowLevel: int, opcode: dns.opcode.Opcode) -> None:
    """There is no reply to a message that is no query."""
    message = dns.message.make_query("whatever.example", "SOA")
    message.set_opcode(opcode)
    with pytest.raises(dns.exception.Timeout):
        dns.query.udp(message, LOOPBACK, timeout=0.5, port=lowLevel)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
@pytest.mark.parametrize(
    ("name", "type", "answer"),
    [
        ("ns1.example-domain.com", "A", ["ns1.example-domain.com. 3600 IN A 192.0.2.53"]),
        ("53.100.51.198.in-addr.arpa", "PTR", ["53.100.51.198.in-addr.arpa. 3600 IN PTR ns2.example-domain.com."]),
        (
            "200.100.51.198.in-addr.arpa",
            "PTR",
            ["200.100.51.198.in-addr.arpa. 3600 IN PTR guest-200.example-domain.com."],
        ),
        ("www.memory.example", "TXT", ['www.memory.example. 60 IN TXT "made while the program runs"']),
    ],
    ids=["python", "bind", "generated", "memory"],
)
def test_zoneServerAnswersFromEachZone(zoneServer: int, name: str, type: str, answer: list[str], tcp: bool) -> None:
    """The Python zone, the BIND zone and the one in memory are all served, over UDP and TCP."""
    reply = ask(zoneServer, name, type, tcp=tcp)
    assert texts(reply) == answer
    assert reply.flags & dns.flags.AA


def test_zoneServerRefusesOtherNames(zoneServer: int) -> None:
    """A question outside all zones is refused."""
    assert ask(zoneServer, "www.example.org", "A").rcode() == dns.rcode.REFUSED


def test_overridingServerTells(tmp_path: Path) -> None:
    """``counting_server.py`` counts questions, whatever their case, and answers them as ever."""
    with servingListing("counting_server.py", tmp_path) as port:
        assert texts(ask(port, "ns2.example-domain.com", "A")) == ["ns2.example-domain.com. 3600 IN A 198.51.100.53"]
        ask(port, "NS2.example-domain.com", "AAAA", tcp=True)
        tally = texts(ask(port, "tally.example-domain.com", "TXT"))
    assert len(tally) == 1
    assert '"ns2.example-domain.com: 2"' in tally[0]


def test_overridingServerTellsOfLongNames(tmp_path: Path) -> None:
    """A name that doesn't fit in a string together with its count is cut."""
    name = ".".join(["a" * 63] * 3 + ["b" * 61])
    with servingListing("counting_server.py", tmp_path) as port:
        ask(port, name, "A")
        assert f'"{name[:240]}: 1"' in texts(ask(port, "tally.example-domain.com", "TXT"))[0]


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run ``custom_resolver.py``; gives its port."""
    with servingListing("custom_resolver.py", tmp_path_factory.mktemp("sums")) as port:
        yield port


@pytest.mark.parametrize(
    ("name", "rcode", "answer"),
    [
        ("3.4.sum.example", dns.rcode.NOERROR, ["3.4.sum.example. 60 IN A 127.0.0.7"]),
        ("three.4.sum.example", dns.rcode.NXDOMAIN, []),
        ("200.100.sum.example", dns.rcode.REFUSED, []),
        ("3.4.example", dns.rcode.REFUSED, []),
        (".", dns.rcode.REFUSED, []),
    ],
)
def test_customResolverAnswers(sums: int, name: str, rcode: dns.rcode.Rcode, answer: list[str]) -> None:
    """``custom_resolver.py`` computes answers, and its failures reach the client as the codes they stand for."""
    reply = ask(sums, name, "A")
    assert (reply.rcode(), texts(reply)) == (rcode, answer)


def printed(name: str) -> str:
    """Run a program that needs no arguments, and give what it prints."""
    command = [sys.executable, str(LISTINGS / name)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def test_ownRecordPrintsItsForms() -> None:
    """``own_record.py`` shows what follows from the fields of a record type."""
    assert printed("own_record.py").splitlines() == [
        "<SENSOR reading=215 host=hall.example.org ttl=60>",
        "215 hall.example.org.",
        "00d70468616c6c076578616d706c65036f726700",
    ]


def test_writeZonePrintsTheTwin() -> None:
    """``write_zone.py`` prints the zone that the zone file beside it has, as dnspython reads both."""
    written = dns.zone.from_text(printed("write_zone.py"), origin="example-domain.com")
    assert written == dns.zone.from_file(str(LISTINGS / "example-domain.com.zone"))


def test_listingsHaveTests() -> None:
    """Every file of ``listings/names`` is used by a test in this folder."""
    folders = (Path(__file__).parent, LISTINGS)
    used = "".join(path.read_text("utf-8") for folder in folders for path in folder.glob("*.py"))
    names = [path.name for path in LISTINGS.iterdir() if path.is_file()]
    assert [name for name in names if f'"{name}"' not in used] == []
