"""The world in which scenarios take place: a scripted Internet, a recursive server in it, and those who ask it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from twisted.internet import defer

from txnames import client, root
from txnames.cache import CacheResolver
from txnames.protocol.exchange import Exchange
from txnames.server import DNSServerFactory
from txnames.testing import UDP, Client, Internet, NameServer
from txnames.wire.edns import EDNSMessage
from txnames.wire.numbers import rcodeName, typeName, typeNumber

ROOT = "198.41.0.4"
COM = "192.5.6.30"
NET = "192.5.6.31"
ORG = "192.5.6.32"
EXAMPLE = "192.0.2.1"
OTHER = "198.51.100.1"
EVIL = "203.0.113.66"
"""Where nobody should ever ask, and what nobody should ever be told."""


class Said:
    """What a client was told.

    @ivar reply: the reply, decoded; C{None} if there was none.
    @ivar elapsed: how many seconds it took.
    """

    def __init__(self, reply: EDNSMessage | None, elapsed: float) -> None:
        self.reply = reply
        self.elapsed = elapsed

    @property
    def message(self) -> EDNSMessage:
        """The reply, which is there."""
        assert self.reply is not None, "there was no reply"
        return self.reply

    @property
    def rcode(self) -> str:
        """The response code by name."""
        return rcodeName(self.message.rCode)

    @property
    def answers(self) -> list[str]:
        """The answer section: name, type and data of each record."""
        return [_text(record) for record in self.message.answers]

    @property
    def authority(self) -> list[str]:
        """The authority section: name and type of each record."""
        return [f"{record.name}. {typeName(record.type)}" for record in self.message.authority]

    @property
    def ttls(self) -> list[int]:
        """The TTLs of the answer section, or of the authority section where that is empty."""
        return [record.ttl for record in self.message.answers or self.message.authority]

    @property
    def errors(self) -> list[int]:
        """The extended errors (RFC 8914)."""
        return [getattr(option, "info", 0) for option in self.message.options if option.code == 15]

    def __str__(self) -> str:
        """The response code, and the data of the answers, CNAMEs with an arrow."""
        if self.reply is None:
            return "nothing"
        words = [
            ("-> " if record.type == 5 else "" if record.type != 39 else "=> ") + record.payload.toText()
            for record in self.reply.answers
        ]
        return " ".join([self.rcode, *words])


class World:
    """A scripted Internet with a recursive server.

    There are a root, com, net and org, and what a scenario adds.

    @ivar internet: the Internet.
    @ivar host: the host of the recursive server.
    @ivar server: the recursive server.
    @ivar cache: its cache.
    """

    server: DNSServerFactory
    resolver: Any

    def __init__(self) -> None:
        self.internet = Internet()
        self.host = self.internet.host("10.0.0.53", "2001:db8:53::53")
        self.zone(".", "", ROOT)
        self.zone("com", "", COM)
        self.zone("net", "", NET)
        self.zone("org", "", ORG)
        self.started = False

    # --- the Internet ---

    def zone(self, origin: str, text: str, *addresses: str, glue: bool = True) -> NameServer:
        """Add a zone with servers, and delegate it; see L{Internet.zone}."""
        return self.internet.zone(origin, text, *addresses, glue=glue)

    def example(self, text: str = "www A 192.0.2.80", *addresses: str) -> NameServer:
        """Add the zone example.com, at L{EXAMPLE} if no address is given."""
        return self.zone("example.com", text, *(addresses or (EXAMPLE,)))

    def other(self, text: str = "www A 198.51.100.80", *addresses: str) -> NameServer:
        """Add the zone other.org, at L{OTHER} if no address is given."""
        return self.zone("other.org", text, *(addresses or (OTHER,)))

    def evil(self) -> NameServer:
        """Add the server that nobody should ask, which has an address for every name."""
        return self.internet.serve(
            EVIL, dict.fromkeys((".", "com", "org"), f"* A {EVIL} \n @ A {EVIL} \n www A {EVIL}")
        )

    # --- the recursive server ---

    def start(self, *, hints: Sequence[str] = (ROOT,), exchange: Any = None, cache: Any = None, **options: Any) -> None:
        """Start the recursive server.

        @param exchange: arguments of L{Exchange}.
        @param cache: arguments of L{CacheResolver}.
        @param options: arguments of L{root.Resolver}; without others it is not primed, and asks for whole names.
        """
        reactor = self.host.reactor
        asker = Exchange(reactor, random=Random(1), **(exchange or {}))
        self.cache = CacheResolver(reactor=reactor, **(cache or {}))
        options = {"priming": False, "minimisation": "off", "random": Random(2), **options}
        self.resolver = root.Resolver(list(hints), reactor=reactor, exchange=asker, cache=self.cache, **options)
        self.server = DNSServerFactory(caches=[self.cache], clients=[self.resolver], reactor=reactor)
        self.started = True

    def forward(self, *servers: str, **options: Any) -> None:
        """Start a server that forwards everything.

        @param servers: to these addresses.
        @param options: arguments of L{client.Resolver}.
        """
        reactor = self.host.reactor
        self.cache = CacheResolver(reactor=reactor)
        self.resolver = client.Resolver(
            servers=[(server, 53) for server in servers], reactor=reactor, random=Random(2), **options
        )
        self.server = DNSServerFactory(caches=[self.cache], clients=[self.resolver], reactor=reactor)
        self.started = True

    def asking(
        self,
        name: str,
        type: str = "A",
        *,
        address: tuple[str, int] = ("10.1.1.1", 5353),
        transport: str = UDP,
        **fields: Any,
    ) -> defer.Deferred[EDNSMessage | None]:
        """Ask the recursive server, and don't wait.

        @param fields: what else the request says, see L{EDNSMessage}; RD unless C{recDes} says otherwise.
        """
        if not self.started:
            self.start()
        return Client(self.server, address, transport).ask(name, typeNumber(type), **{"recDes": True, **fields})

    def ask(self, name: str, type: str = "A", *, limit: float = 60.0, **fields: Any) -> Said:
        """Ask the recursive server, and wait.

        @param limit: within how many seconds there has to be a reply.
        """
        asking = self.asking(name, type, **fields)
        began = self.internet.network.seconds()
        reply = self.internet.run(asking, limit)
        return Said(reply, self.internet.network.seconds() - began)

    def asked(self, address: str | None = None) -> list[str]:
        """The questions that arrived at a server, or at all, as C{"192.0.2.1 www.example. A"}, and are forgotten."""
        found = [str(asked) for asked in self.internet.asked(address)]
        self.internet.forget()
        return found

    def count(self, address: str | None = None) -> int:
        """How many questions arrived at a server, or at all, since the last time."""
        return len(self.asked(address))

    def close(self) -> None:
        """Close the recursive server; nothing may be left of it."""
        if self.started:
            self.started = False
            self.internet.run(self.server.close())
            self.internet.run(defer.maybeDeferred(self.resolver.close))
            self.internet.advance(2)
            assert self.host.leaks() == []


def _text(record: Any) -> str:
    """A record as text: name, type and data."""
    return f"{record.name}. {typeName(record.type)} {record.payload.toText()}"
