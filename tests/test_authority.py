"""Authorities answer from zones in files, in programs and in memory."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import defer
from twisted.python import log
from zope.interface.verify import verifyObject

from tests.deferreds import errorOf, resultOf
from txnames import dns
from txnames.authority import BindAuthority, FileAuthority, MemoryAuthority, PySourceAuthority, getSerial
from txnames.common import ResolverBase
from txnames.error import AuthoritativeDomainError, DomainError, NoSuchNameError, NotResponsibleError, ZoneFileError
from txnames.interfaces import IZoneSource
from txnames.wire.name import Name
from txnames.zone.lines import ZoneLines
from txnames.zone.source import Source
from txnames.zone.tree import Zone

TEXT = b"$TTL 60\n$ORIGIN Example.\n@ SOA ns hm 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\na MX 1 b\nb CNAME c\n"
SOA = dns.Record_SOA("ns.example", "hm.example", 1, 2, 3, 700, 600)
OWNED: list[tuple[bytes | str | Name, Any]] = [
    ("example", SOA),
    ("example", dns.Record_NS("ns.example")),
    ("ns.example", dns.Record_A("192.0.2.1", ttl=9)),
]
PROGRAM = """\
zone = [
    SOA("Example", mname="ns.example", rname="hm.example", serial=1, expire="1H", minimum=60),
    NS("example", "ns.example"),
    A("ns.example", "192.0.2.1", ttl=9),
    A("NS.example", "192.0.2.2", ttl=9),
    *[TXT(f"t{n}.example", b"x") for n in range(2)],
]
"""


@pytest.fixture
def written(tmp_path: Path) -> Callable[[bytes | str], str]:
    """Writes a zone file, and gives its name."""

    def write(text: bytes | str) -> str:
        path = tmp_path / "zone"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


@pytest.fixture
def logged() -> Iterable[list[str]]:
    """What goes to the log."""
    messages: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        messages.append(" ".join(event["message"]))

    log.addObserver(observe)
    yield messages
    log.removeObserver(observe)


def answers(authority: Any, name: str, type: int = dns.A) -> list[tuple[str, int, Any]]:
    """Owner, TTL and data of the answers to a question."""
    found, _, _ = resultOf(authority.query(dns.Query(name, type)))
    return [(str(header.name), header.ttl, header.payload) for header in found]


class OwnRecords(FileAuthority):
    """An authority of a program, as those for twisted.names are written."""

    def __init__(self, soa: Any, records: Any) -> None:
        ResolverBase.__init__(self)
        self.soa, self.records = soa, records


class TestFileAuthority:
    """What all authorities have in common."""

    def test_interface(self) -> None:
        """An authority is a resolver that gives its zone away; the class itself has none."""
        authority = MemoryAuthority("example", OWNED)
        assert verifyObject(IZoneSource, authority)
        assert isinstance(authority.zone, Zone)
        assert FileAuthority.soa is FileAuthority.records is BindAuthority.records is None

    def test_answers(self) -> None:
        """Data, a name without such data, one that does not exist, and one that lies elsewhere."""
        authority = MemoryAuthority("example", OWNED)
        assert answers(authority, "NS.Example") == [("NS.Example", 9, dns.Record_A("192.0.2.1", ttl=9))]
        sections = resultOf(authority.lookupText("ns.example"))
        assert (sections[0], [header.type for header in sections[1]], sections.authoritative) == ([], [dns.SOA], True)
        error = errorOf(authority.lookupAddress("x.example"))
        assert isinstance(error, NoSuchNameError)
        assert isinstance(error, AuthoritativeDomainError)
        assert error.sections is not None
        assert [header.type for header in error.sections[1]] == [dns.SOA]
        assert isinstance(errorOf(authority.lookupAddress("example.net")), NotResponsibleError)
        assert isinstance(errorOf(authority.query(dns.Query("ns.example", dns.A, dns.CH))), NotResponsibleError)
        assert resultOf(authority.query(dns.Query("ns.example", 65280)))[0] == []

    def test_minimalAny(self) -> None:
        """ANY gets one RRset, or all if so wished."""
        authority = MemoryAuthority("example", OWNED)
        assert len(resultOf(authority.lookupAllRecords("example"))[0]) == 1
        authority.minimalAny = False
        assert len(resultOf(authority.lookupAllRecords("example"))[0]) == 2

    def test_lookupZone(self) -> None:
        """All records come with the SOA first and last, for the name of the zone only."""
        authority = MemoryAuthority("example", OWNED)
        found, _, _ = resultOf(authority.lookupZone("EXAMPLE"))
        assert [header.type for header in found] == [dns.SOA, dns.NS, dns.A, dns.SOA]
        assert [header.type for header in resultOf(authority.query(dns.Query("example", dns.AXFR)))[0]][-1] == dns.SOA
        assert type(errorOf(authority.lookupZone("ns.example"))) is DomainError

    def test_withoutZone(self) -> None:
        """An authority without a zone answers nothing."""
        authority = OwnRecords(None, None)
        assert isinstance(errorOf(authority.lookupAddress("example")), NotResponsibleError)
        assert type(errorOf(authority.lookupZone("example"))) is DomainError
        assert authority.zone is None
        assert repr(authority) == "<OwnRecords without a zone>"
        with pytest.raises(NotImplementedError):
            FileAuthority("x")

    def test_ownRecords(self) -> None:
        """Records that a program sets are answered with, as they are at the time, even if they have no TTL."""
        authority = OwnRecords(
            (b"example", SOA), {b"Example": [dns.Record_NS("x")], "a.example": [dns.Record_A("192.0.2.2")]}
        )
        assert answers(authority, "a.example") == [("a.example", 700, dns.Record_A("192.0.2.2"))]
        assert answers(authority, "example", dns.SOA) == [("example", 700, SOA)]
        authority.records["a.example"].append(dns.Record_A("192.0.2.3"))
        assert len(answers(authority, "a.example")) == 2
        authority.records[b"*.example"] = [dns.Record_A("192.0.2.4")]
        assert answers(authority, "w.example") == [("w.example", 700, dns.Record_A("192.0.2.4"))]
        authority.soa = (b"example", dns.Record_SOA("x", "y", 1, minimum=5))
        assert answers(authority, "w.example")[0][1] == 5
        authority.records = {}
        assert isinstance(errorOf(authority.lookupAddress("a.example")), NoSuchNameError)
        assert [header.payload for header in resultOf(authority.lookupZone("example"))[0]] == [authority.soa[1]] * 2
        assert authority.zone is None

    def test_unreadableRecords(self, logged: list[str]) -> None:
        """Records that nobody could read are left out, with a word in the log; with such an SOA there is no answer."""
        authority = OwnRecords((b"example", SOA), {"a.example": [dns.Record_TXT(), dns.Record_TXT(b"x")]})
        assert answers(authority, "a.example", dns.TXT) == [("a.example", 700, dns.Record_TXT(b"x"))]
        assert len(logged) == 1
        assert "leaves a record out: error: 'a.example', <TXT data=[] ttl=None>" in logged[0]
        authority.soa = (b"example", dns.Record_SOA("ns", "hm", 1, ttl=-1))
        for failed in (authority.lookupText("a.example"), authority.lookupZone("example")):
            assert isinstance(errorOf(failed), ZoneFileError)

    def test_replacedRecords(self, written: Callable[..., str]) -> None:
        """The records of a loaded zone may be replaced; who watches is told."""
        authority = BindAuthority(written(TEXT))
        told: list[Zone | None] = []
        authority.watch(lambda: told.append(authority.zone))
        authority.records = {b"ns.example": [dns.Record_A("192.0.2.7")]}
        assert told == [None]
        assert answers(authority, "ns.example")[0][2] == dns.Record_A("192.0.2.7")
        authority.reload()
        assert told[1] is authority.zone is not None
        assert answers(authority, "ns.example")[0][2] == dns.Record_A("192.0.2.1", ttl=60)

    @pytest.mark.parametrize("name", ["_lookup", "query", "lookupAddress"])
    def test_ownAnswers(self, name: str) -> None:
        """A subclass with answers of its own is asked; its zone is not passed on."""
        kind = type("Own", (MemoryAuthority,), {name: lambda *arguments: defer.succeed(([], [], []))})
        authority = kind("example", OWNED)
        assert authority.zone is None
        assert answers(authority, "ns.example") == []


class TestBindAuthority:
    """Zones from zone files."""

    def test_load(self, written: Callable[..., str], logged: list[str]) -> None:
        """An authority has the zone's name, its SOA, its records and the warnings, which go to the log."""
        path = written(TEXT)
        authority = BindAuthority(path)
        assert authority.origin == b"Example."
        assert authority.soa == (b"example", dns.Record_SOA("ns.example", "hm.example", 1, 2, 3, 4, 5, ttl=60))
        assert authority.records[b"ns.example"] == [dns.Record_A("192.0.2.1", ttl=60)]
        assert set(authority.records) == {b"example", b"ns.example", b"a.example", b"b.example"}
        assert [str(warning) for warning in authority.warnings] == logged
        assert logged == [
            f"{path}:6: warning: the MX record of a.example. names b.example., which is an alias: 'a MX 1 b'"
        ]
        assert repr(authority) == f"<BindAuthority example. from {path}>"
        assert answers(authority, "ns.example") == [("ns.example", 60, dns.Record_A("192.0.2.1", ttl=60))]
        assert answers(BindAuthority(os.fsencode(path)), "ns.example")
        assert answers(BindAuthority(Path(path)), "ns.example")

    def test_origin(self, written: Callable[..., str]) -> None:
        """The origin may be given, and is otherwise in the file."""
        path = written(TEXT.replace(b"$ORIGIN Example.\n", b""))
        for origin in ("example", b"example.", Name("example")):
            assert BindAuthority(path, origin=origin).soa[0] == b"example"
        with pytest.raises(ZoneFileError, match=r"begin with \$ORIGIN"):
            BindAuthority(path)

    def test_strict(self, written: Callable[..., str]) -> None:
        """When strict, a warning keeps the zone from loading."""
        with pytest.raises(ZoneFileError, match="which is an alias"):
            BindAuthority(written(TEXT), strict=True)

    def test_missing(self, tmp_path: Path) -> None:
        """A file that isn't there is the system's error."""
        with pytest.raises(FileNotFoundError):
            BindAuthority(str(tmp_path / "missing"))

    def test_include(self, written: Callable[..., str], tmp_path: Path) -> None:
        """Files are included from the folder of the zone, and from others that are allowed."""
        other = tmp_path / "other"
        other.mkdir()
        (tmp_path / "inside").write_text("i TXT x\n")
        (other / "outside").write_text("o TXT x\n")
        assert b"i.example" in BindAuthority(written(TEXT + b"$INCLUDE inside\n")).records
        folder = tmp_path / "zones"
        folder.mkdir()
        path = folder / "zone"
        path.write_bytes(TEXT + b"$INCLUDE ../other/outside\n")
        with pytest.raises(ZoneFileError, match="lies outside of the zone file's folder"):
            BindAuthority(path)
        allowed: Any
        for allowed in (True, [other], [str(other)], [os.fsencode(other)], other, str(other), os.fsencode(other)):
            assert b"o.example" in BindAuthority(path, allowInclude=allowed).records
        for allowed in (str(folder), folder, os.fsencode(folder)):
            with pytest.raises(ZoneFileError, match="lies outside of the zone file's folder"):
                BindAuthority(path, allowInclude=allowed)

    def test_reload(self, written: Callable[..., str], logged: list[str]) -> None:
        """A reload takes the new version; one that fails leaves the old one."""
        authority = BindAuthority(written(TEXT))
        before = authority.zone
        written(TEXT + b"x FOO\n")
        with pytest.raises(ZoneFileError):
            authority.reload()
        assert authority.zone is before
        assert answers(authority, "ns.example")
        written(TEXT.replace(b" 1 2 3", b" 2 2 3"))
        authority.reload()
        assert authority.zone is not None
        assert authority.zone.serial == 2
        assert authority.soa[1].serial == 2

    def test_manyWarnings(self, written: Callable[..., str], logged: list[str]) -> None:
        """Of many warnings only the first go to the log."""
        authority = BindAuthority(written(TEXT + b"".join(b"m%d MX 1 b\n" % number for number in range(30))))
        assert len(authority.warnings) == 31
        assert len(logged) == 21
        assert logged[-1] == f"{authority}: 11 further warnings"


class Stepped(BindAuthority):
    """Has a step of its own, which does the same."""

    def parseLines(self, lines: Any) -> None:
        """Do the same."""
        super().parseLines(lines)


class TestSteps:
    """A subclass may have its own steps of reading a zone file, as with twisted.names."""

    def test_class(self, written: Callable[..., str]) -> None:
        """C{class_IN} and C{addRecord} see each record."""
        seen: list[Any] = []

        class Tapped(BindAuthority):
            """Takes note of records."""

            def class_IN(self, ttl: int | None, type: str, domain: bytes, rdata: Any) -> None:
                """Take note."""
                seen.append((ttl, type, domain, list(rdata)))
                super().class_IN(ttl, type, domain, rdata)

            def class_CH(self, ttl: int | None, type: str, domain: bytes, rdata: Any) -> None:
                """Take records of this class, too."""
                seen.append((ttl, type, domain, list(rdata)))

        authority = Tapped(written(TEXT + b't 5 CH TXT ( ; c\n "a;b" c)\n'))
        assert seen[0] == (60, "SOA", b"Example", [b"ns", b"hm", b"1", b"2", b"3", b"4", b"5"])
        assert seen[-1] == (5, "TXT", b"t.Example", [b"a;b", b"c"])
        assert authority.soa == (b"example", dns.Record_SOA("ns.example", "hm.example", 1, 2, 3, 4, 5, ttl=60))
        assert authority.records[b"ns.example"] == [dns.Record_A("192.0.2.1", ttl=60)]
        assert isinstance(authority.zone, Zone)
        assert answers(authority, "ns.example") == [("ns.example", 60, dns.Record_A("192.0.2.1", ttl=60))]
        assert [warning.reason for warning in authority.warnings] == [
            "the MX record of a.example. names b.example., which is an alias"
        ]

    def test_lines(self, written: Callable[..., str], tmp_path: Path) -> None:
        """The steps know directives, continuations, comments and owners that are left out."""

        class Filtered(BindAuthority):
            """Leaves out some lines."""

            def stripComments(self, lines: Iterable[bytes]) -> Any:
                """Leave out a line."""
                return super().stripComments(line for line in lines if b"secret" not in line)

        (tmp_path / "f").write_text("f TXT x\n secret\n")
        text = (
            TEXT
            + b'\n; x\nt TXT ( "a;b" ; c\n d\\;)\n TXT "e\n$TTL 1h\n$INCLUDE f sub\n'
            + b" TXT g\n$GENERATE 1-2 g$ 5 A 192.0.2.$\n"
        )
        text = text.replace(b'"e\n', b'"e" ; "\n') + b'secret FOO\n@ TXT \\"\n$INCLUDE f\n'
        records = Filtered(written(text)).records
        assert records[b"t.example"] == [
            dns.Record_TXT(b"a;b", b"d;", ttl=60),
            dns.Record_TXT(b"e", ttl=60),
            dns.Record_TXT(b"g", ttl=3600),
        ]
        assert records[b"f.sub.example"] == records[b"f.example"] == [dns.Record_TXT(b"x", ttl=3600)]
        assert records[b"g2.example"] == [dns.Record_A("192.0.2.2", ttl=5)]
        assert records[b"example"][-1] == dns.Record_TXT(b'"', ttl=3600)

    def test_names(self, written: Callable[..., str]) -> None:
        """An owner that is left out is the one before, as it was where it stood (RFC 1035 section 5.1)."""
        text = b"a TXT 1\n$ORIGIN b.Example.\n TXT 2\n$ORIGIN c\n TXT 3\nd TXT 4\n$ORIGIN example.\n TXT 5\n TXT 6\n"
        records = Stepped(written(TEXT.replace(b"a MX 1 b\nb CNAME c\n", b"") + text)).records
        assert set(records) == {b"example", b"ns.example", b"a.example", b"d.c.b.example"}
        assert [record.data for record in records[b"a.example"]] == [[b"1"], [b"2"], [b"3"]]
        assert [record.data for record in records[b"d.c.b.example"]] == [[b"4"], [b"5"], [b"6"]]

    def test_ttls(self, written: Callable[..., str]) -> None:
        """Without C{$TTL} a record has the last TTL that stood there; one that is too large counts as none."""
        text = TEXT.replace(b"$TTL 60\n", b"").replace(b"@ SOA", b"@ 50 SOA")
        text += b"d TXT x\ne 70 TXT x\nf TXT x\ng 4294967295 TXT x\nh TXT x\n$TTL 2147483648\ni TXT x\n"
        records = Stepped(written(text)).records
        names = (b"ns", b"d", b"e", b"f", b"g", b"h", b"i")
        assert [records[name + b".example"][0].ttl for name in names] == [50, 50, 70, 70, 0, 0, 0]
        bare = Stepped(written(TEXT.replace(b"$TTL 60\n", b"")))
        assert bare.soa[1].ttl == bare.records[b"ns.example"][0].ttl == 5

    def test_soas(self, written: Callable[..., str]) -> None:
        """The zone is that of the first SOA record, or of the origin that was given."""
        path = written(TEXT + b"sub SOA ns hm 9 2 3 4 5\nt CLASS1 60 TXT x\n")
        authority = Stepped(path)
        assert (authority.soa[0], authority.soa[1].serial) == (b"example", 1)
        assert authority.records[b"t.example"] == [dns.Record_TXT(b"x", ttl=60)]
        assert Stepped(path, origin="example").soa[0] == b"example"
        with pytest.raises(ZoneFileError, match="the zone has no SOA record"):
            Stepped(path, origin="example.net")

    def test_genericData(self, written: Callable[..., str]) -> None:
        """Data may be in the generic form (RFC 3597 section 5), and strings in quotes are told from words."""
        text = (
            b't A \\# 4 C0000202\nu TYPE65280 \\# 2 AB CD\nv TXT "\\\\#" 1\nw SVCB 1 . alpn="h2" ech="AQID"\n'
            b'$GENERATE 1-1 x$ TXT "a b"\n'
        )
        authority = Stepped(written(TEXT + text))
        assert answers(authority, "t.example") == [("t.example", 60, dns.Record_A("192.0.2.2", ttl=60))]
        ((name, ttl, record),) = answers(authority, "u.example", 65280)
        assert (name, ttl, record.data, record.TYPE) == ("u.example", 60, b"\xab\xcd", 65280)
        assert authority.records[b"v.example"] == [dns.Record_TXT(b"\\#", b"1", ttl=60)]
        assert authority.records[b"w.example"][0].toText() == '1 . alpn="h2" ech=AQID'
        assert authority.records[b"x1.example"] == [dns.Record_TXT(b"a", b"b", ttl=60)]

    def test_taken(self, written: Callable[..., str]) -> None:
        """A zone that was read by steps is taken as a whole, with what is wrong with its records."""
        told: list[Zone | None] = []
        authority = Stepped(written(TEXT))
        authority.watch(lambda: told.append(authority.zone))
        before = authority.zone
        written(TEXT + b"x A y\n")
        with pytest.raises(ZoneFileError):
            authority.reload()
        assert authority.zone is before
        assert told == []
        written(TEXT + b"ns 70 A 192.0.2.2\n")
        authority.reload()
        assert told == [authority.zone]
        assert isinstance(told[0], Zone)
        assert any("a TTL of 70 s" in warning.reason for warning in authority.warnings)
        with pytest.raises(ZoneFileError, match="a TTL of 70 s"):
            Stepped(authority._filename, strict=True)

    def test_remarks(self, written: Callable[..., str]) -> None:
        """What not all servers read is a warning here, too."""
        for text, reason in (
            (b"x OPENPGPKEY AB==\n", "whose last digit has bits that get lost"),
            (b"y TXT \\2\n", "a backslash before digits"),
        ):
            path = written(TEXT + text)
            assert reason in Stepped(path).warnings[0].reason
            with pytest.raises(ZoneFileError, match=reason):
                Stepped(path, strict=True)

    @pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError(), KeyboardInterrupt()])
    def test_ownErrors(self, written: Callable[..., str], error: BaseException) -> None:
        """Whatever a step raises, the old zone stays."""
        failing = False

        class Failing(BindAuthority):
            """Fails at times."""

            def addRecord(self, *arguments: Any) -> None:
                """Add a record, or fail."""
                super().addRecord(*arguments)
                if failing and arguments[2] == "NS":
                    raise error

        authority = Failing(written(TEXT))
        before = authority.zone
        failing = True
        with pytest.raises(type(error)):
            authority.reload()
        assert authority.zone is before
        assert answers(authority, "ns.example")

    def test_withoutFiles(self, written: Callable[..., str]) -> None:
        """Lines that come from no file include none, and those from elsewhere begin no chain of files."""
        lines = ZoneLines()
        with pytest.raises(ValueError, match="no file that another one could be included from"):
            lines.parseLines([[b"$INCLUDE", b"x"]])
        asked: list[Any] = []

        def opened(path: str, includer: Any) -> Source:
            asked.append((path, includer))
            return Source.fromBytes(b"", path)

        lines._opener = opened
        lines.parseLines([[b"$INCLUDE", b"a\\032b"]])
        assert asked == [("a b", None)]

    def test_deepIncludes(self, written: Callable[..., str], tmp_path: Path) -> None:
        """Files include each other so deep and no deeper."""
        for number in range(12):
            (tmp_path / f"f{number}").write_text(f"$INCLUDE f{number + 1}\n")
        (tmp_path / "f8").write_text("x TXT x\n")
        assert b"x.example" in Stepped(written(TEXT + b"$INCLUDE f0\n")).records
        (tmp_path / "f8").write_text("$INCLUDE f9\n")
        with pytest.raises(ZoneFileError, match="more than 10 deep"):
            Stepped(written(TEXT + b"$INCLUDE f0\n"))

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (TEXT + b"$INCLUDE zone\n", "the file zone includes itself"),
            (TEXT + b"$INCLUDE missing\n", "the file missing cannot be read: No such file"),
            (TEXT + b"$TTL\n", r"nothing follows \$TTL"),
            (TEXT + b"$TTL 1 2\n", r"too much follows \$TTL"),
            (TEXT + b"$ORIGIN a. b.\n", r"too much follows \$ORIGIN"),
            (TEXT + b"$INCLUDE a. b. c\n", r"too much follows \$INCLUDE"),
            (TEXT + b"x IN IN A 192.0.2.1\n", "'IN' is neither a type nor a class nor a TTL"),
            (TEXT + b"x 60 70 A 192.0.2.1\n", "'70' is neither a type nor a class nor a TTL"),
            (TEXT + b"$FOO A 192.0.2.1\n", r"the directive \$FOO is not known"),
            (TEXT + b"$ORIGIN a..b\n TXT x\n", "an empty label"),
            (TEXT + b"c CH A 192.0.2.1\n", "records of class CH"),
            (TEXT + b"c 4294967296 A 192.0.2.1\n", "a TTL of 4294967296 s"),
            (TEXT + b"c ANY x\n", "the data of ANY can only be given as"),
            (TEXT + b"c TYPE250 \\# 1 00\n", "TSIG"),
            (TEXT + b"x 60 IN\n", "a line without a type: 'x 60 IN'"),
            (TEXT + b"x FOO\n", "'FOO' is not a span of time"),
            (TEXT + b"x TXT (\n", "this parenthesis is not closed"),
            (TEXT + b"x A y\n", "A.address: 'y' is not an IPv4 address"),
            (TEXT + b"b TXT x\n", "a CNAME record at b.example. beside other data"),
        ],
    )
    def test_errors(self, written: Callable[..., str], text: bytes, reason: str) -> None:
        """What cannot be read keeps the zone from loading; the old one stays."""
        authority = Stepped(written(TEXT))
        written(text)
        with pytest.raises(ZoneFileError, match=reason.replace("(", r"\(")):
            authority.reload()
        assert authority.soa[1].serial == 1
        assert answers(authority, "ns.example")

    def test_noSOA(self, written: Callable[..., str]) -> None:
        """Steps that leave the SOA out leave no zone."""

        class Empty(BindAuthority):
            """Reads nothing."""

            def parseLines(self, lines: Any) -> None:
                """Read nothing."""

        with pytest.raises(ZoneFileError, match="the zone has no SOA record"):
            Empty(written(TEXT))

    def test_addRecord(self, written: Callable[..., str]) -> None:
        """Records can be added to a zone that was loaded."""
        authority = BindAuthority(written(TEXT))
        authority.addRecord(b"example.", 5, b"A", b"new", b"IN", [b"192.0.2.9"])
        authority.addRecord(b"example.", 5, "A", b"new.example.", "IN", [b"192.0.2.8"])
        assert [record.dottedQuad() for _, _, record in answers(authority, "new.example")] == ["192.0.2.9", "192.0.2.8"]
        assert answers(authority, "ns.example")
        with pytest.raises(NotImplementedError, match="records of class HS"):
            authority.addRecord(b"example.", 5, "A", b"new", "HS", [])


class TestPySourceAuthority:
    """Zones that are Python programs."""

    def test_load(self, written: Callable[..., str]) -> None:
        """The program's records are answered with, their TTLs as they were given."""
        path = written(PROGRAM)
        authority = PySourceAuthority(path)
        assert authority.soa == (b"example", dns.Record_SOA("ns.example", "hm.example", 1, expire="1H", minimum=60))
        assert answers(authority, "t1.example", dns.TXT) == [("t1.example", 3600, dns.Record_TXT(b"x"))]
        assert answers(authority, "ns.example") == [
            ("ns.example", 9, dns.Record_A("192.0.2.1", ttl=9)),
            ("ns.example", 9, dns.Record_A("192.0.2.2", ttl=9)),
        ]
        assert isinstance(authority.zone, Zone)
        assert repr(authority) == f"<PySourceAuthority example. from {path}>"

    def test_records(self, written: Callable[..., str]) -> None:
        """The records show as they were made; they are a view, not to be changed."""
        records = PySourceAuthority(written(PROGRAM)).records
        assert list(records) == [b"example", b"ns.example", b"t0.example", b"t1.example"]
        assert len(records) == 4
        assert records[b"T0.example"] == [dns.Record_TXT(b"x")]
        records[b"t0.example"].clear()
        assert records[b"t0.example"]
        with pytest.raises(TypeError):
            records[b"x"] = []

    def test_places(self, written: Callable[..., str]) -> None:
        """An error tells the line of the program."""
        path = written(PROGRAM.replace("]\n", "    CNAME('ns.example', 'x'),\n    CNAME('t0.example', 'y'),\n]\n"))
        with pytest.raises(ZoneFileError) as caught:
            PySourceAuthority(path)
        problems: list[Any] = caught.value.problems
        assert [(problem.file, problem.line) for problem in problems] == [(path, 7), (path, 8)]
        path = written(PROGRAM.replace("]\n", "    A('x..example', '192.0.2.1'),\n]\n"))
        with pytest.raises(ZoneFileError, match=r":7: error: 'x\.\.example'.*an empty label"):
            PySourceAuthority(path)

    def test_errors(self, written: Callable[..., str]) -> None:
        """A program has to bind C{zone}, and that has to have an SOA record; its own exceptions pass."""
        with pytest.raises(ValueError, match="binds no zone"):
            PySourceAuthority(written("zones = []"))
        with pytest.raises(ZoneFileError, match="the zone has no SOA record"):
            PySourceAuthority(written("zone = []"))
        with pytest.raises(ZeroDivisionError):
            PySourceAuthority(written("1 / 0"))
        with pytest.raises(SyntaxError):
            PySourceAuthority(written("zone = ["))
        with pytest.raises(ZoneFileError, match="the zone has no SOA record"):
            PySourceAuthority(written(PROGRAM.replace('"Example"', '"x..example"')))
        with pytest.raises(ZoneFileError, match="lies outside of the zone"):
            PySourceAuthority(written(PROGRAM.replace("zone = [", "zone = [A('a.net', '192.0.2.1'),")), strict=True)

    def test_reload(self, written: Callable[..., str]) -> None:
        """A program that fails leaves the old version."""
        authority = PySourceAuthority(written(PROGRAM))
        written("zone = [")
        with pytest.raises(SyntaxError):
            authority.reload()
        assert answers(authority, "ns.example")
        written(PROGRAM.replace("serial=1", "serial=2"))
        authority.reload()
        assert authority.soa[1].serial == 2

    def test_namespace(self, written: Callable[..., str]) -> None:
        """There is a function for each record type; others can be wrapped, too."""
        authority = PySourceAuthority(written(PROGRAM))
        names = authority.setupConfigNamespace()
        assert {"A", "AAAA", "SOA", "MX", "SRV", "CAA", "DS", "NSAP_PTR", "HTTPS"} <= set(names)
        assert names["MX"]("a", 1, name="b", ttl=5) == ("a", dns.Record_MX(1, "b", ttl=5))
        assert names["A"](name="a", address="192.0.2.1") == ("a", dns.Record_A("192.0.2.1"))
        assert authority.wrapRecord(dict)("a", b=1) == ("a", {"b": 1})


class TestMemoryAuthority:
    """Zones that a program makes and changes."""

    def test_zone(self) -> None:
        """The records given are answered with; those without a TTL have the greater of expire and minimum."""
        authority = MemoryAuthority(b"Example", OWNED)
        assert answers(authority, "example", dns.NS) == [("example", 700, dns.Record_NS("ns.example", ttl=700))]
        assert authority.soa[0] == b"example"
        assert repr(authority) == "<MemoryAuthority example.>"
        authority.reload()
        assert authority.records[b"ns.example"] == [dns.Record_A("192.0.2.1", ttl=9)]

    def test_errors(self) -> None:
        """A zone with errors is not made."""
        with pytest.raises(ZoneFileError, match=r"^error: the zone has no SOA record at example$"):
            MemoryAuthority("example", [("a.example", SOA)])
        with pytest.raises(ZoneFileError, match=r"error: a CNAME record at ns.example. beside other data"):
            MemoryAuthority("example", [*OWNED, ("ns.example", dns.Record_CNAME("x"))])
        with pytest.raises(ZoneFileError, match=r"'a..b', <A address=192.0.2.1 ttl=None>: an empty label"):
            MemoryAuthority("example", [*OWNED, ("a..b", dns.Record_A("192.0.2.1"))])
        with pytest.raises(ZoneFileError, match="lies outside of the zone"):
            MemoryAuthority("example", [*OWNED, ("example.net", dns.Record_A("192.0.2.1"))], strict=True)

    def test_change(self) -> None:
        """Records are removed, by themselves, by type or by name, and added, in one step."""
        authority = MemoryAuthority(
            "example", [*OWNED, ("a.example", dns.Record_TXT(b"x")), ("b.example", dns.Record_TXT(b"y"))]
        )
        before = authority.zone
        told: list[int] = []
        authority.watch(lambda: told.append(authority.soa[1].serial))
        authority.change(
            add=[("c.example", dns.Record_A("192.0.2.3")), ("example", dns.Record_SOA("ns", "hm", 2, expire=800))],
            remove=[("ns.example", dns.Record_A("192.0.2.1")), ("a.example", "txt"), "b.example", ("x.example", 1)],
        )
        assert told == [2]
        assert answers(authority, "c.example")[0][1] == 800
        assert set(authority.records) == {b"example", b"c.example"}
        assert before is not None
        assert before.serial == 1
        authority.change(
            add=[("d.example", dns.Record_A("192.0.2.3")), ("d.example", dns.Record_A("192.0.2.4", ttl=5))]
        )
        assert [ttl for _, ttl, _ in answers(authority, "d.example")] == [5, 5]

    def test_changeFails(self) -> None:
        """A change that would leave a bad zone is not made, nor is any part of it."""
        authority = MemoryAuthority("example", OWNED)
        before = authority.zone
        with pytest.raises(ZoneFileError, match="beside other data"):
            authority.change(add=[("x.example", dns.Record_A("192.0.2.3")), ("x.example", dns.Record_CNAME("y"))])
        with pytest.raises(ZoneFileError, match="has no SOA record"):
            authority.change(remove=[("example", dns.SOA)])
        with pytest.raises(ValueError, match="is not in the zone"):
            authority.change(add=[("example.net", dns.Record_A("192.0.2.3"))])
        for bad in (dns.Record_TXT(), dns.Record_A("192.0.2.3", ttl=-1), dns.Record_TSIG(), object()):
            with pytest.raises(ValueError, match=r"^'b\.example', <"):
                authority.change(add=[("a.example", dns.Record_TXT(b"x")), ("b.example", bad)])
            with pytest.raises(ZoneFileError, match=r"'b\.example', <"):
                authority.replace([*OWNED, ("b.example", bad)])
        assert authority.zone is before

    def test_replace(self) -> None:
        """All records may be replaced."""
        authority = MemoryAuthority("example", OWNED)
        authority.replace([*OWNED[:2], ("ns.example", dns.Record_AAAA("::1"))])
        assert answers(authority, "ns.example") == []
        with pytest.raises(ZoneFileError):
            authority.replace([])
        assert len(authority.records) == 2


class TestGetSerial:
    """Serial numbers from a file."""

    def test_grows(self, tmp_path: Path) -> None:
        """Each is greater than the one before, and begins with the date."""
        path = tmp_path / "serial"
        found = [getSerial(str(path)) for _ in range(120)]
        assert found == list(range(found[0], found[0] + 120))
        assert found[0] % 100 == 0
        assert 2024_01_01_00 < found[0] < 2**32
        assert getSerial(os.fsencode(path)) == found[-1] + 1

    @pytest.mark.parametrize("text", ["", "no number\n", "é", "12"])
    def test_unreadable(self, tmp_path: Path, text: str) -> None:
        """What is no serial number of today does not count."""
        path = tmp_path / "serial"
        path.write_text(text, "utf-8")
        assert getSerial(path) % 100 == 0

    def test_future(self, tmp_path: Path) -> None:
        """A number that is ahead of the date stays ahead."""
        path = tmp_path / "serial"
        path.write_text("4000000000")
        assert getSerial(path) == 4000000001
        assert path.read_text() == "4000000001\n"

    def test_link(self, tmp_path: Path) -> None:
        """A symbolic link is not followed."""
        (tmp_path / "serial").symlink_to(tmp_path / "other")
        with pytest.raises(OSError, match="symbolic links"):
            getSerial(tmp_path / "serial")
        assert not (tmp_path / "other").exists()
