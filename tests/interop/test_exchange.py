"""The exchange on Twisted's own reactors, over real sockets, with NSD, Knot DNS and BIND."""

import gc
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from twisted.internet import defer, task

from txnames import dns
from txnames.error import QueryTimeoutError, UnreachableError
from txnames.protocol import sockets
from txnames.protocol.exchange import Exchange
from txnames.protocol.randomness import RandomOctets

from .reactors import KINDS, LIMIT, run
from .servers import HOST, Server, ZoneSource, freePort, knot, named, nsd, running

LINK_LOCAL = "20"
TEXT = """$ORIGIN exchange.example.
$TTL 3600
@ IN SOA ns hostmaster 1 7200 3600 1209600 300
@ IN NS ns
ns IN A 192.0.2.1
large IN TXT {large}
""" + "".join(f"host{number} IN A 10.0.{number >> 8}.{number & 255}\n" for number in range(2000))


def wire(name: str) -> bytes:
    """A name of the zone in wire form."""
    return dns.Name(f"{name}.exchange.example").wire


@pytest.fixture(scope="module")
def servers(daemons: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Server]]:
    """NSD, Knot DNS and BIND with one zone."""
    folder: Path = tmp_path_factory.mktemp("exchange")
    zone = folder / "exchange.zone"
    zone.write_text(TEXT.format(large=" ".join(f'"{"x" * 250}"' for _ in range(12))))
    with running(folder, [ZoneSource("exchange.example", zone)], ["nsd", "knot", "named"]) as found:
        yield found


@pytest.mark.parametrize("connect", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["nsd", "knot", "named"])
def test_many(servers: dict[str, Server], name: str, kind: str, connect: bool) -> None:
    """Two thousand questions at once are answered by each server, on each reactor, from few random ports."""

    async def ask(reactor: Any) -> Any:
        exchange = Exchange(reactor, connect=connect, maximumInFlight=100, sockets=16)
        server = HOST, servers[name].port
        asked = [exchange.ask(server, wire(f"host{number}"), dns.A, timeout=5) for number in range(2000)]
        opened = len(exchange._sockets)
        replies = await defer.gatherResults(asked, consumeErrors=True)
        await exchange.close()
        assert opened <= 16
        return replies

    replies = run(ask, kind)
    for number, reply in enumerate(replies):
        assert reply.message.queries[0].name.wire == wire(f"host{number}")
        assert reply.message.answers[0].payload.dottedQuad() == f"10.0.{number >> 8}.{number & 255}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["nsd", "knot", "named"])
def test_truncated(servers: dict[str, Server], name: str, kind: str) -> None:
    """What is too large for a datagram comes over TCP, and questions share that connection."""

    async def ask(reactor: Any) -> Any:
        exchange = Exchange(reactor)
        server = HOST, servers[name].port
        large = await exchange.ask(server, wire("large"), dns.TXT, timeout=5)
        asked = [exchange.ask(server, wire(f"host{number}"), dns.A, timeout=5, stream=True) for number in range(100)]
        replies = await defer.gatherResults(asked, consumeErrors=True)
        connections = len(exchange._connections)
        await exchange.close()
        return large, replies, connections

    large, replies, connections = run(ask, kind)
    assert large.transport == "tcp"
    assert len(large.message.answers[0].payload.data) == 12
    assert [reply.message.answers[0].payload.dottedQuad() for reply in replies] == [f"10.0.0.{n}" for n in range(100)]
    assert connections == 1


@pytest.mark.parametrize("kind", KINDS)
def test_refused(daemons: None, kind: str) -> None:
    """Where nobody listens, connected sockets know that at once, and so do connections; others wait in vain."""
    server = HOST, freePort()

    async def ask(reactor: Any) -> list[Any]:
        found = []
        for connect, stream in (True, False), (True, False), (False, True), (False, False):
            exchange = Exchange(reactor, connect=connect)
            before = reactor.seconds()
            try:
                await exchange.ask(server, wire("www"), dns.A, timeout=0.5, stream=stream)
            except Exception as error:
                found.append((type(error), reactor.seconds() - before >= 0.4))
            await exchange.close()
        return found

    unreachable = (UnreachableError, False)
    assert run(ask, kind) == [unreachable, unreachable, unreachable, (QueryTimeoutError, True)]


def test_refusedTogether(daemons: None) -> None:
    """All questions that wait at a socket fail when the system says that nobody listens, and later ones anew."""
    server = HOST, freePort()

    async def ask(reactor: Any) -> Any:
        exchange = Exchange(reactor, connect=True, sockets=4)
        for _ in range(3):
            asked = [exchange.ask(server, wire("www"), dns.A, timeout=5) for _ in range(100)]
            results: Any = await defer.DeferredList(asked, consumeErrors=True)
            assert {failure.type for _, failure in results} == {UnreachableError}
        await exchange.close()
        return reactor.getDelayedCalls()

    assert len(run(ask)) == 1


def withCookies(server: Server) -> Server:
    """A server that isn't started yet, with cookies switched on where they are off (NSD, Knot DNS)."""
    conf = server.folder / f"{server.name}.conf"
    text = conf.read_text()
    text = text.replace("server-count: 1", "server-count: 1\n  answer-cookie: yes")
    text = text.replace("template:\n", "mod-cookies:\n  - id: some\n    badcookie-slip: 1\n\ntemplate:\n")
    conf.write_text(text.replace("  - id: default\n", "  - id: default\n    global-module: mod-cookies/some\n"))
    return server


@pytest.mark.parametrize("make", [nsd, knot, named])
def test_cookies(daemons: None, tmp_path: Path, make: Callable[..., Server]) -> None:
    """Servers with cookies get theirs back; Knot DNS answers nobody by UDP who has none."""
    zone = tmp_path / "exchange.zone"
    zone.write_text(TEXT.format(large='"x"'))
    server = withCookies(make(tmp_path, [ZoneSource("exchange.example", zone)]))

    async def ask(reactor: Any) -> Any:
        exchange = Exchange(reactor)
        address = HOST, server.port
        found = []
        for number in range(5):
            reply = await exchange.ask(address, wire(f"host{number}"), dns.A, timeout=5)
            found.append((reply.transport, reply.rcode, len(exchange.peer(address).serverCookie)))
        await exchange.close()
        return found

    try:
        server.start("all zones loaded" if make is named else None)
        assert run(ask) == [("udp", 0, 16)] * 5
    finally:
        server.stop()


def test_nothingIsLeft(servers: dict[str, Server]) -> None:
    """A closed exchange leaves no socket, no connection and no delayed call."""

    async def ask(reactor: Any) -> Any:
        before = set(reactor.getReaders())
        exchange = Exchange(reactor, connect=True)
        server = HOST, servers["nsd"].port
        for stream in False, True:
            await exchange.ask(server, wire("host1"), dns.A, timeout=5, stream=stream)
        unanswered = exchange.ask((HOST, freePort()), wire("host1"), dns.A, timeout=5, stream=True)
        unanswered.addErrback(lambda _: None)
        await exchange.close()
        return [one for one in reactor.getReaders() if one not in before], reactor.getDelayedCalls()

    readers, calls = run(ask)
    assert readers == []
    assert len(calls) == 1


@pytest.mark.parametrize("connect", [False, True])
def test_rest(servers: dict[str, Server], connect: bool) -> None:
    """While nothing waits, the reactor has nothing of an exchange; one that is forgotten has closed its sockets."""

    async def ask(reactor: Any) -> Any:
        before = set(reactor.getReaders())
        exchange = Exchange(reactor, connect=connect)
        server = HOST, servers["nsd"].port
        seen = []
        for number in range(3):
            await exchange.ask(server, wire(f"host{number}"), dns.A, timeout=5)
            seen.append((set(reactor.getReaders()) - before, len(reactor.getDelayedCalls())))
        systems = list(exchange._sockets._systems)
        del exchange
        # Until then the reactor is about to be done with the socket of the last reply.
        await task.deferLater(reactor, 0)
        gc.collect()
        return seen, [system.fileno() for system in systems]

    seen, descriptors = run(ask)
    assert seen == [(set(), 1)] * 3
    assert descriptors
    assert set(descriptors) == {-1}


@pytest.mark.parametrize("kind", KINDS)
def test_taken(servers: dict[str, Server], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody else has is passed over, and costs no socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("", 0))
        taken = other.getsockname()[1]
        free = [freePort() - sockets._LOWEST for _ in range(3)]
        draws = [taken - sockets._LOWEST, taken - sockets._LOWEST, *free]

        async def ask(reactor: Any) -> Any:
            exchange = Exchange(reactor)
            server = HOST, servers["nsd"].port
            exchange.peer(server)
            take = exchange._random.take
            drawn = iter(draws)
            monkeypatch.setattr(
                RandomOctets,
                "take",
                lambda _, size: next(drawn).to_bytes(3, "big") if size == 3 else take(size),
            )
            reply = await exchange.ask(server, wire("host1"), dns.A, timeout=5)
            await exchange.close()
            return reply.rcode, next(drawn, None)

        rcode, left = run(ask, kind)
    gc.collect()
    assert rcode == dns.OK
    assert left in free[1:]


def ipv6Addresses() -> list[str]:
    """The loopback address, and this machine's own link-local addresses with their scope ids."""
    found = ["::1"]
    table = Path("/proc/net/if_inet6")
    for line in table.read_text().splitlines() if table.exists() else []:
        octets, _, _, scope, _, name = line.split()
        if scope == LINK_LOCAL:
            found.append(f"{socket.inet_ntop(socket.AF_INET6, bytes.fromhex(octets))}%{name}")
    return found


def echo(server: socket.socket) -> None:
    """Send so many datagrams back as replies to themselves."""
    for _ in range(2):
        octets, address = server.recvfrom(4096)
        server.sendto(octets[:2] + bytes([octets[2] | 0x80]) + octets[3:], address)


@pytest.mark.parametrize("address", ipv6Addresses())
def test_ipv6(daemons: None, address: str) -> None:
    """Questions go to IPv6 addresses too, with a scope id where they need one."""
    *_, place = socket.getaddrinfo(address, 0, type=socket.SOCK_DGRAM)[0]
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as server:
        server.bind(place)
        server.settimeout(LIMIT)
        thread = Thread(target=echo, args=(server,))
        thread.start()

        async def ask(reactor: Any) -> list[Any]:
            found = []
            for connect in False, True:
                exchange = Exchange(reactor, connect=connect)
                found.append(await exchange.ask((address, server.getsockname()[1]), wire("www"), dns.A, timeout=2))
                await exchange.close()
            return found

        replies = run(ask)
        thread.join(LIMIT)
    assert [reply.server[0] for reply in replies] == [address, address]
