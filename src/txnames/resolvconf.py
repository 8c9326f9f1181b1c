"""The file that says which servers to ask, and how: resolv.conf, as the system's own resolver reads it."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

import attrs
from twisted.python import log

from txnames.wire.name import Name

__all__ = ["ResolvConf", "candidates", "parse"]

_PORT = 53
_LONGEST_NAME = 253
"""The octets of dotted names, without a last dot, that are not too long in wire form."""

_MOST_DOTS = 15
_LONGEST_TIMEOUT = 30
_MOST_ATTEMPTS = 5


@attrs.frozen
class ResolvConf:
    """What a resolv.conf says.

    @ivar servers: the servers to ask, hosts and ports, in order.
    @ivar domain: the local domain; empty if there is none.
    @ivar search: the domains that are tried as the endings of relative names, in order.
    @ivar ndots: how many dots make a name that is first tried as it is.
    @ivar timeout: the seconds for each attempt; C{None} where the file doesn't say.
    @ivar attempts: how often all servers are tried; C{None} where the file doesn't say.
    @ivar rotate: whether lookups begin with each of the servers in turn.
    @ivar edns: whether servers are asked with EDNS; here they are whatever the file says.
    @ivar useStream: whether servers are asked over TCP.
    """

    servers: tuple[tuple[str, int], ...] = ()
    domain: bytes = b""
    search: tuple[bytes, ...] = ()
    ndots: int = 1
    timeout: int | None = None
    attempts: int | None = None
    rotate: bool = False
    edns: bool = True
    useStream: bool = False


def parse(lines: Iterable[bytes], warn: Callable[[str], Any] = log.msg) -> ResolvConf:
    """Read the lines of a file.

    The last C{domain} or C{search} counts.  What cannot be understood is left out, with one warning each.

    @param warn: called with each warning.
    """
    found: dict[str, Any] = {"servers": []}
    for number, line in enumerate(lines, 1):
        if line[:1] in (b"#", b";"):
            continue
        keyword, *words = line.split() or [b""]
        # A comment may also follow what is said.
        for place, word in enumerate(words):
            if word[:1] in (b"#", b";"):
                words = words[:place]
                break
        if keyword == b"nameserver":
            server = _server(words)
            if server is None:
                warn(f"resolv.conf, line {number}: {_shown(line)} names no IP address, and is left out")
            else:
                found["servers"].append((server, _PORT))
        elif keyword == b"domain":
            found["search"] = _domains(words[:1], number, warn)
            found["domain"] = b"".join(found["search"])
        elif keyword == b"search":
            found["search"] = _domains(words, number, warn)
        elif keyword == b"options":
            for word in words:
                if not _option(word, found):
                    warn(f"resolv.conf, line {number}: the option {_shown(word)} makes no sense, and is left out")
        elif keyword and keyword != b"sortlist":
            warn(f"resolv.conf, line {number}: {_shown(line)} is not understood, and left out")
    return ResolvConf(**{**found, "servers": tuple(found["servers"])})


def _shown(octets: bytes) -> str:
    """A part of the file as a message shows it."""
    return repr(octets.strip().decode("ascii", "backslashreplace"))


def _server(words: list[bytes]) -> str | None:
    """The address of a server, with its scope if it has one; C{None} for what is none."""
    if not words:
        return None
    try:
        return str(ipaddress.ip_address(words[0].decode("ascii")))
    except ValueError:
        return None


def _domains(words: list[bytes], number: int, warn: Callable[[str], Any]) -> tuple[bytes, ...]:
    """The words that are domains."""
    found = []
    for word in words:
        try:
            Name(word.strip(b"."))
        except ValueError as error:
            warn(f"resolv.conf, line {number}: {_shown(word)} is no domain ({error}), and is left out")
        else:
            found.append(word)
    return tuple(found)


def _option(word: bytes, found: dict[str, Any]) -> bool:
    """Take an option.

    @return: whether it makes sense; one that is known elsewhere does, though it means nothing here.
    """
    name, colon, value = word.decode("ascii", "replace").partition(":")
    bounds = {"ndots": (0, _MOST_DOTS), "timeout": (1, _LONGEST_TIMEOUT), "attempts": (1, _MOST_ATTEMPTS)}.get(name)
    if bounds is not None:
        if not (value.isascii() and value.isdigit()):
            return False
        found[name] = min(max(int(value), bounds[0]), bounds[1])
    elif name == "rotate":
        found["rotate"] = True
    elif name == "use-vc":
        found["useStream"] = True
    elif name == "edns0":
        found["edns"] = True
    else:
        return name in _ELSEWHERE and not colon
    return True


_ELSEWHERE = frozenset(
    (
        *("debug", "inet6", "ip6-bytestring", "ip6-dotint", "no-aaaa", "no-check-names", "no-ip6-dotint", "no-reload"),
        *("no-tld-query", "single-request", "single-request-reopen", "strict-error", "trust-ad"),
    )
)
"""Options of other resolvers that concern nothing that is done here."""


def candidates(name: bytes, conf: ResolvConf) -> list[bytes]:
    """The absolute names that a name may stand for, in the order in which they are tried; none that is too long.

    @param name: dotted; with a last dot it is absolute.
    """
    if name.endswith(b".") or not name or not conf.search:
        return [name]
    ended = [name + b"." + domain.strip(b".") if domain.strip(b".") else name for domain in conf.search]
    tried = [name, *ended] if name.count(b".") >= conf.ndots else [*ended, name]
    return [one for one in dict.fromkeys(tried) if one is name or len(one) <= _LONGEST_NAME or _isName(one)]


def _isName(name: bytes) -> bool:
    """Whether a name can be asked for."""
    try:
        Name(name)
    except ValueError:
        return False
    return True
