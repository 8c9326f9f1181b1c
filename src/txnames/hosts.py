"""The hosts file: addresses of hosts that need no server (RFC 952's late descendant, hosts(5))."""

from __future__ import annotations

import ipaddress
import os
from typing import Any, Final

from twisted.internet import defer
from twisted.python import log

from txnames.common import ResolverBase, Timeout
from txnames.error import DomainError
from txnames.wire.header import Query, RRHeader
from txnames.wire.name import Name, domainString
from txnames.wire.numbers import AAAA, ALL_RECORDS, ANY, IN, PTR, A, typeName
from txnames.wire.record import recordClass
from txnames.zone.answer import Sections

__all__ = ["Resolver", "searchFileFor", "searchFileForAll"]

_TYPES: Final = (A, AAAA, PTR, ALL_RECORDS)

_CHECK: Final = 5.0
"""The least seconds between two looks whether the file is another."""


class _Hosts:
    """What a hosts file says.

    @ivar addresses: the addresses of each name, in order; names in lower case.
    @ivar names: the names of each address, in order, as they are written.
    """

    def __init__(self, octets: bytes) -> None:
        self.addresses: dict[bytes, list[str]] = {}
        self.names: dict[str, list[bytes]] = {}
        for line in octets.splitlines():
            address, *names = line.partition(b"#")[0].split() or [b""]
            try:
                found = str(ipaddress.ip_address(address.decode("ascii")))
            except ValueError:
                continue
            for name in names:
                known = self.addresses.setdefault(name.lower().rstrip(b"."), [])
                if found not in known:
                    known.append(found)
            # An address with a scope is none for others.
            if names and "%" not in found:
                self.names.setdefault(found, []).append(names[0].rstrip(b"."))


def _read(file: Any) -> bytes:
    """The octets of a file given by its name or as a C{FilePath}; nothing, if it cannot be read."""
    path = getattr(file, "path", file)
    try:
        with open(path, "rb") as opened:
            return opened.read()
    except OSError:
        return b""


def searchFileFor(file: Any, name: bytes | str) -> str | None:
    """The first address that a hosts file has for a name; C{None} if it has none.

    @param file: its name.
    """
    found = _addresses(file, name)
    return found[0] if found else None


def searchFileForAll(hostsFile: Any, name: bytes | str) -> list[str]:
    """All addresses that a hosts file has for a name, in order.

    @param hostsFile: its name, or a C{FilePath}.
    """
    return list(_addresses(hostsFile, name))


def _addresses(file: Any, name: bytes | str) -> list[str]:
    """The addresses of a name."""
    return _Hosts(_read(file)).addresses.get(domainString(name).lower().rstrip(b"."), [])


class Resolver(ResolverBase):
    """Answers from a hosts file; what is not in it is for the next resolver.

    @ivar file: the name of the file.
    @ivar ttl: the TTL of the answers, in seconds.
    """

    def __init__(self, file: Any = b"/etc/hosts", ttl: int = 3600, *, reactor: Any = None) -> None:
        """Make a resolver.

        @param reactor: what tells the time, which says when to look whether the file is another; by default the global
            one, when it is first needed.
        """
        super().__init__()
        self.file = file
        self.ttl = ttl
        self._reactor = reactor
        self._hosts: _Hosts | None = None
        self._stamp: Any = None
        self._checked = 0.0

    def _current(self) -> _Hosts:
        """What the file says; it is read again when it is another, which is looked for every few seconds."""
        if self._reactor is None:
            from twisted.internet import reactor

            self._reactor = reactor
        now = self._reactor.seconds()
        if self._hosts is None or now - self._checked >= _CHECK or now < self._checked:
            self._checked = now
            try:
                found = os.stat(getattr(self.file, "path", self.file))
                stamp: Any = found.st_mtime_ns, found.st_size, found.st_ino
            except OSError as error:
                stamp = None
                if error.errno != 2:
                    log.msg(f"the hosts file was not read: {error}")
            if self._hosts is None or stamp != self._stamp:
                self._stamp = stamp
                self._hosts = _Hosts(_read(self.file))
        return self._hosts

    def knows(self, name: bytes) -> bool:
        """Whether the file has an address for a name, be it one of another family than that which is wanted."""
        return name.lower().rstrip(b".") in self._current().addresses

    def query(self, query: Query, timeout: Timeout = None) -> defer.Deferred[Any]:
        """Answer a question for addresses, or for the name of an address.

        @return: a Deferred of L{Sections}; it fails with L{DomainError} for what the file does not say, and with
            C{NotImplementedError} for types that no hosts file has.
        """
        return self._answer(query.name, query.cls, query.type)

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Look a name up."""
        return self._answer(Name(name), cls, type)

    def _answer(self, name: Name, cls: int, type: int) -> defer.Deferred[Any]:
        """Answer a question."""
        if cls not in (IN, ANY) or type not in _TYPES:
            return defer.fail(NotImplementedError(f"a hosts file has no records of type {typeName(type)}"))
        records = []
        if type == PTR:
            address = _reversed(name)
            if address is not None:
                records = [recordClass(PTR)(one, ttl=self.ttl) for one in self._current().names.get(address, ())]
        else:
            for one in self._current().addresses.get(name.name.lower(), ()):
                family = AAAA if ":" in one else A
                if type in (family, ALL_RECORDS) and "%" not in one:
                    records.append(recordClass(family)(one, ttl=self.ttl))
        if not records:
            return defer.fail(DomainError(name.name))
        # A tuple, as programs that were written for twisted.names compare it with one.
        answers: Any = tuple(RRHeader(name, record.TYPE, IN, self.ttl, record) for record in records)
        return defer.succeed(Sections(answers, [], [], cached=True))


def _reversed(name: Name) -> str | None:
    """The address whose reverse name this is (RFC 1035 section 3.5, RFC 3596 section 2.5); C{None} if it is none."""
    labels = [label.decode("ascii", "replace").lower() for label in name.labels]
    zone, parts = labels[-2:], labels[-3::-1]
    try:
        if zone == ["in-addr", "arpa"] and len(parts) == 4:
            return str(ipaddress.IPv4Address(".".join(parts)))
        if zone == ["ip6", "arpa"] and len(parts) == 32 and all(len(part) == 1 for part in parts):
            return str(ipaddress.IPv6Address(int("".join(parts), 16)))
    except ValueError:
        pass
    return None
