"""Tests of L{txnames.testing.behaviours}."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.testing.asking import Asker
from txnames.testing import Behaviour, Internet
from txnames.testing.behaviours import (
    BADCOOKIE,
    adds,
    changed,
    cookies,
    deniesEmpty,
    echoesOPT,
    forges,
    hangsUp,
    ignoresEDNS,
    lame,
    loses,
    lowersCase,
    minimal,
    only,
    refusesEDNS,
    replies,
    silent,
    silentToEDNS,
    truncated,
    upward,
)
from txnames.testing.scripts import record, scriptedZone
from txnames.wire.edns import EDNSMessage
from txnames.wire.header import Query
from txnames.wire.numbers import rcodeName, typeName
from txnames.wire.options import CookieOption

ZONE = """
    @         NS ns
    ns        A  192.0.2.1
    www       A  192.0.2.80
    www.deep  A  192.0.2.81
    sub       NS ns.sub
    ns.sub    A  192.0.2.2
"""


def said(reply: EDNSMessage | None) -> str:
    """A reply in few words: response code, flags, and the records of each section."""
    if reply is None:
        return "nothing"
    words = [rcodeName(reply.rCode)]
    words += [word for word, is_ in (("AA", reply.auth), ("TC", reply.trunc)) if is_]
    words.append("plain" if reply.ednsVersion is None else "EDNS")
    for section in (reply.answers, reply.authority, reply.additional):
        words.append("|")
        words += [
            f"{one.name} {typeName(one.type)}" if one.type == 6 else f"{one.name} {one.payload.toText()}"
            for one in section
        ]
    return " ".join(words)


def behaving(*behaviours: Behaviour) -> Asker:
    """Somebody who asks a server that behaves in these ways."""
    internet = Internet()
    internet.serve("192.0.2.1", {"example": ZONE}).behaves(*behaviours)
    return Asker(internet)


WELL = "NOERROR AA EDNS | www.example 192.0.2.80 | |"
PLAIN = "NOERROR AA plain | www.example 192.0.2.80 | |"


@pytest.mark.parametrize(
    ("behaviour", "edns", "plain", "stream"),
    [
        (None, WELL, PLAIN, WELL),
        (silent, "nothing", "nothing", "nothing"),
        (silentToEDNS, "nothing", PLAIN, "nothing"),
        (refusesEDNS(), "FORMERR plain | | |", PLAIN, "FORMERR plain | | |"),
        (refusesEDNS(4, edns=True), "NOTIMP EDNS | | |", PLAIN, "NOTIMP EDNS | | |"),
        (refusesEDNS(16), "BADVERS EDNS | | |", PLAIN, "BADVERS EDNS | | |"),
        (ignoresEDNS, PLAIN, PLAIN, PLAIN),
        (lame(), "REFUSED plain | | |", "REFUSED plain | | |", "REFUSED plain | | |"),
        (lame(2), "SERVFAIL plain | | |", "SERVFAIL plain | | |", "SERVFAIL plain | | |"),
        (truncated, "NOERROR AA TC plain | | |", "NOERROR AA TC plain | | |", WELL),
        (hangsUp, WELL, PLAIN, "nothing"),
        (upward(), *["NOERROR plain | |  a.root. |"] * 3),
        (upward("b.root.", "192.0.2.9"), *["NOERROR plain | |  b.root. | b.root 192.0.2.9"] * 3),
        (only(silent, transport="tcp"), WELL, PLAIN, "nothing"),
        (only(silent, type="AAAA"), WELL, PLAIN, WELL),
        (only(silent, type="A"), *["nothing"] * 3),
        (only(silent, name="example"), WELL, PLAIN, WELL),
        (only(silent, name="WWW.example."), *["nothing"] * 3),
        (only(silent, below="example."), *["nothing"] * 3),
        (only(silent, below="a.example."), WELL, PLAIN, WELL),
        (
            adds(answers=["a. A 192.0.2.3"], authority=["b. 5 NS c."], additional=["d. TXT x y"]),
            'NOERROR AA EDNS | www.example 192.0.2.80 a 192.0.2.3 | b c. | d "x" "y"',
            'NOERROR AA plain | www.example 192.0.2.80 a 192.0.2.3 | b c. | d "x" "y"',
            'NOERROR AA EDNS | www.example 192.0.2.80 a 192.0.2.3 | b c. | d "x" "y"',
        ),
        (replies(3, answers=["@ 60 CNAME x."], auth=False), *["NXDOMAIN plain | www.example x. | |"] * 3),
    ],
)
def test_answers(behaviour: Any, edns: str, plain: str, stream: str) -> None:
    """What a server says, by UDP with and without EDNS, and by TCP."""
    asker = behaving(*([] if behaviour is None else [behaviour]))
    assert said(asker.ask("www.example")) == edns
    assert said(asker.ask("www.example", ednsVersion=None)) == plain
    assert said(asker.ask("www.example", tcp=True)) == stream


def test_minimal() -> None:
    """Referrals may come without glue."""
    assert (
        said(behaving().ask("sub.example")) == "NOERROR EDNS | | sub.example ns.sub.example. | ns.sub.example 192.0.2.2"
    )
    assert said(behaving(minimal).ask("sub.example")) == "NOERROR EDNS | | sub.example ns.sub.example. |"


def test_deniesEmpty() -> None:
    """Empty non-terminals may be denied; other names aren't."""
    asker = behaving(deniesEmpty)
    assert said(asker.ask("deep.example")) == "NXDOMAIN AA EDNS | | example SOA |"
    assert said(asker.ask("www.deep.example")) == "NOERROR AA EDNS | www.deep.example 192.0.2.81 | |"
    assert said(asker.ask("www.example", "MX")) == "NOERROR AA EDNS | | example SOA |"


def test_loses() -> None:
    """The first questions may get lost."""
    asker = behaving(loses(2))
    assert [said(asker.ask("www.example")) for _ in range(3)] == ["nothing", "nothing", WELL]


def test_only() -> None:
    """A behaviour may depend on anything in the request."""
    asker = behaving(only(silent, when=lambda incoming: incoming.message.dnssecOK))
    assert said(asker.ask("www.example", dnssecOK=True)) == "nothing"
    assert said(asker.ask("www.example")) == WELL


def test_echoesOPT() -> None:
    """A server may send back what it got."""
    option = CookieOption(b"12345678")
    reply = behaving(echoesOPT).ask("www.example", options=[option], dnssecOK=True, maxSize=1400)
    assert reply is not None
    assert (reply.options, reply.dnssecOK, reply.maxSize) == ([option], True, 1400)


def test_lowersCase() -> None:
    """A server may not care for the case of letters."""
    reply = behaving(lowersCase).ask("WwW.eXample")
    assert reply is not None
    assert reply.queries[0].name.name == b"www.example"


def cookieOf(reply: EDNSMessage | None) -> CookieOption:
    """The cookie in a reply."""
    assert reply is not None
    (option,) = reply.options
    assert isinstance(option, CookieOption)
    return option


def test_cookies() -> None:
    """A server hands out cookies to those who have one themselves."""
    asker = behaving(cookies(required=True))
    assert said(asker.ask("www.example")) == WELL
    first = asker.ask("www.example", options=[CookieOption(b"client..")])
    assert first is not None
    assert first.rCode == BADCOOKIE
    cookie = cookieOf(first)
    assert cookie.client == b"client.."
    second = asker.ask("www.example", options=[cookie])
    assert said(second) == WELL
    assert cookieOf(second) == cookie
    assert said(asker.ask("www.example", options=[CookieOption(b"client..")], tcp=True)) == WELL


def test_changingCookies() -> None:
    """A cookie may be good for one question only."""
    asker = behaving(cookies(required=True, changing=True))
    cookie = cookieOf(asker.ask("www.example", options=[CookieOption(b"client..")]))
    other = cookieOf(asker.ask("www.example", options=[cookie]))
    assert other != cookie
    assert said(asker.ask("www.example", options=[other])) == WELL
    assert said(asker.ask("www.example", options=[other])).startswith("BADCOOKIE")


FORGED = "NOERROR AA plain | www.example 192.0.2.66 | |"


@pytest.mark.parametrize(
    ("fields", "differs"),
    [
        ({"ident": 1}, lambda reply, source: reply.id == 4712),
        ({"question": Query("other.example")}, lambda reply, source: reply.queries == [Query("other.example")]),
        ({"swapped": True}, lambda reply, source: reply.queries[0].name.name == b"WWW.EXAMPLE"),
        ({"source": ("192.0.2.1", 54)}, lambda reply, source: source == ("192.0.2.1", 54)),
        ({"source": ("192.0.2.2", 53)}, lambda reply, source: source == ("192.0.2.2", 53)),
        ({"answer": False}, lambda reply, source: not reply.answer),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_forges(fields: dict[str, Any], differs: Callable[[EDNSMessage, tuple[str, int]], bool]) -> None:
    """A forged reply comes first, and differs from the genuine one."""
    asker = behaving(forges("@ A 192.0.2.66", **fields))
    assert said(asker.ask("www.example")) == FORGED
    forged, genuine = asker.received
    assert differs(*forged)
    assert not differs(*genuine)
    assert said(genuine[0]) == WELL


def test_manyForged() -> None:
    """There may be many of them, and no genuine one."""
    asker = behaving(forges(ident=-2, copies=5, genuine=False))
    asker.ask("www.example")
    assert [reply.id - 4711 for reply, _ in asker.received] == [-2, -1, 0, 1, 2]
    asker = behaving(forges(copies=3))
    asker.ask("www.example")
    assert len(asker.received) == 4


def test_changed() -> None:
    """Whatever else a reply should say can be written as a function."""

    def change(reply: EDNSMessage, incoming: Any) -> None:
        reply.trunc = incoming.source[0] == "203.0.113.1"

    assert said(behaving(changed(change)).ask("www.example")) == WELL.replace("AA", "AA TC")


def test_record() -> None:
    """A record is read from text."""
    made = record("www.example. 60 MX 10 mail")
    assert (str(made.name), made.ttl, made.payload.toText()) == ("www.example", 60, "10 mail.")
    assert record("a. A 192.0.2.1").ttl == 3600
    for text in ("a. A", "a.", "a. 60", "a. NOTYPE x", "a. A x"):
        with pytest.raises(ValueError, match=r"."):
            record(text)


def test_scriptedZone() -> None:
    """A zone may be odd, but each line must be readable."""
    zone = scriptedZone("example", "a CNAME a \n a A 192.0.2.1")
    assert len(zone.nodes) == 2
    assert scriptedZone("example", "@ 60 SOA ns hostmaster 7 1 1 1 60").serial == 7
    with pytest.raises(ValueError, match=r"A\.address"):
        scriptedZone("example", "a A 192.0.2")
