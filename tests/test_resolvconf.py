"""Tests of L{txnames.resolvconf}."""

import pytest

from txnames.resolvconf import ResolvConf, candidates, parse

FULL = b"""\
# a comment
; another
nameserver 192.0.2.1
nameserver 2001:db8::1   # with a comment behind it
nameserver fe80::1%eth0
domain local.example
search one.example two.example. ; and so on
options ndots:2 timeout:7 attempts:3 rotate edns0 use-vc trust-ad
sortlist 192.0.2.0
"""


def read(octets: bytes) -> tuple[ResolvConf, list[str]]:
    """Read a file; the warnings too."""
    warnings: list[str] = []
    return parse(octets.splitlines(keepends=True), warnings.append), warnings


def test_everything() -> None:
    """All that such a file may say is taken."""
    found, warnings = read(FULL)
    assert found == ResolvConf(
        servers=(("192.0.2.1", 53), ("2001:db8::1", 53), ("fe80::1%eth0", 53)),
        domain=b"local.example",
        search=(b"one.example", b"two.example."),
        ndots=2,
        timeout=7,
        attempts=3,
        rotate=True,
        useStream=True,
    )
    assert warnings == []


@pytest.mark.parametrize(
    "line",
    [
        b"nameserver",
        b"nameserver host.example",
        b"nameserver 192.0.2.256",
        b"nonsense 1",
        b"options ndots:x",
        b"options timeout:",
        b"options nonsense",
        b"options debug:1",
        b"\xff\xfe",
    ],
)
def test_malformed(line: bytes) -> None:
    """A line that makes no sense is left out with one warning, and the others count."""
    found, warnings = read(b"nameserver 192.0.2.1\n" + line + b"\nnameserver 192.0.2.2\n")
    assert [host for host, _ in found.servers] == ["192.0.2.1", "192.0.2.2"]
    assert len(warnings) == 1
    assert "line 2" in warnings[0]


def test_bounds() -> None:
    """Numbers beyond what makes sense are brought within it."""
    found, _ = read(b"options ndots:99 timeout:0 attempts:99")
    assert (found.ndots, found.timeout, found.attempts) == (15, 1, 5)


def test_domainIsASearchList() -> None:
    """The local domain is the ending for relative names, unless a search list follows; the last line counts."""
    assert read(b"domain a.example")[0].search == (b"a.example",)
    assert read(b"search b.example\ndomain a.example")[0].search == (b"a.example",)
    assert read(b"domain\nsearch\n")[0] == ResolvConf()


@pytest.mark.parametrize(
    ("name", "tried"),
    [
        (b"www", [b"www.a.example", b"www.b.example", b"www"]),
        (b"www.sub", [b"www.sub", b"www.sub.a.example", b"www.sub.b.example"]),
        (b"www.", [b"www."]),
        (b"", [b""]),
    ],
)
def test_candidates(name: bytes, tried: list[bytes]) -> None:
    """Relative names get endings, before or after they are tried as they are; absolute ones get none."""
    assert candidates(name, ResolvConf(search=(b"a.example", b"b.example."))) == tried
    assert candidates(name, ResolvConf()) == [name]


def test_rootAsEnding() -> None:
    """The root among the endings means the name as it is."""
    assert candidates(b"www", ResolvConf(search=(b".",))) == [b"www"]


@pytest.mark.parametrize("keyword", [b"search", b"domain"])
def test_noDomains(keyword: bytes) -> None:
    """What is no domain is left out, with one warning each."""
    found, warnings = read(keyword + b" bad..example" + (b" b.example " + b"x" * 64 if keyword == b"search" else b""))
    assert found.search == ((b"b.example",) if keyword == b"search" else ())
    assert found.domain == b""
    assert len(warnings) == (2 if keyword == b"search" else 1)
    assert "'bad..example' is no domain" in warnings[0]


def test_tooLong() -> None:
    """A name that gets too long with an ending is not tried; escapes count as what they stand for."""
    conf = ResolvConf(search=(b"a.example", b"b"), ndots=9)
    name = b".".join([b"x" * 61] * 4)
    assert candidates(name, conf) == [name + b".b", name]
    escaped = b".".join([b"\\120" * 61] * 4)
    assert candidates(escaped, conf) == [escaped + b".b", escaped]
