"""The port that reads and writes batches, over real sockets."""

import ctypes
import errno
import socket
from typing import Any

import pytest
from twisted.internet import defer, task

from txnames import dns
from txnames.authority import MemoryAuthority
from txnames.protocol import batch
from txnames.protocol.datagram import DNSDatagramProtocol
from txnames.protocol.listening import ListeningService
from txnames.server import DNSServerFactory

from .reactors import KINDS, run

pytestmark = pytest.mark.usefixtures("daemons")

RECORDS: list[Any] = [
    ("example", dns.Record_SOA("ns.example", "admin.example", 1, 2, 3, 4, 5, ttl=60)),
    ("example", dns.Record_NS("ns.example", ttl=60)),
    ("ns.example", dns.Record_A("192.0.2.1", ttl=60)),
    *[(f"host{n}.example", dns.Record_A(f"10.0.{n >> 8}.{n & 255}", ttl=60)) for n in range(300)],
]


def question(number: int, name: str | None = None) -> bytes:
    """A question in wire form."""
    message = dns.Message(id=number)
    message.queries = [dns.Query(f"host{number % 300}.example" if name is None else name)]
    return bytes(message.toStr())


def address(octets: bytes) -> str:
    """The address in a reply."""
    message = dns.Message()
    message.fromStr(octets)
    return str(message.answers[0].payload.dottedQuad())


async def replies(reactor: Any, client: socket.socket, count: int) -> list[tuple[bytes, Any]]:
    """What comes until so many datagrams have come."""
    found: list[tuple[bytes, Any]] = []
    while len(found) < count:
        try:
            found.append(client.recvfrom(4096))
        except BlockingIOError:
            await task.deferLater(reactor, 0.001)
    return found


def clientSocket(family: int = socket.AF_INET) -> socket.socket:
    """A socket to ask from."""
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return made


async def serving(reactor: Any, interfaces: list[str], factory: Any = None) -> Any:
    """A service that listens."""
    made = DNSServerFactory([MemoryAuthority("example", RECORDS)], reactor=reactor) if factory is None else factory
    service = ListeningService(made, 0, interfaces, reactor)
    service.startService()
    return service


def portOf(service: Any) -> Any:
    """The UDP port of a service."""
    return next(port for port in service.ports if isinstance(port, batch.BatchPort))


@pytest.mark.parametrize("kind", KINDS)
def test_many(kind: str) -> None:
    """Each of many requests that come together has its own reply, the first time and from memory."""

    async def ask(reactor: Any) -> None:
        service = await serving(reactor, ["127.0.0.1"])
        place = "127.0.0.1", portOf(service).getHost().port
        with clientSocket() as client:
            for _ in range(3):
                found = []
                for first in range(0, 300, 100):
                    for number in range(first, first + 100):
                        client.sendto(question(number), place)
                    found += await replies(reactor, client, 100)
                for octets, source in found:
                    assert source == place
                    number = int.from_bytes(octets[:2], "big")
                    assert address(octets) == f"10.0.{number >> 8}.{number & 255}"
                assert len({octets[:2] for octets, _ in found}) == 300
            assert portOf(service).dropped == 0
        await service.stopService()

    run(ask, kind)


@pytest.mark.parametrize(
    ("interfaces", "family", "asked"),
    [
        ([], socket.AF_INET, "127.0.0.2"),
        ([], socket.AF_INET, "127.0.0.1"),
        ([], socket.AF_INET6, "::1"),
        (["::1"], socket.AF_INET6, "::1"),
        (["0.0.0.0"], socket.AF_INET, "127.3.2.1"),
    ],
)
def test_source(interfaces: list[str], family: int, asked: str) -> None:
    """The reply leaves from the address that was asked, the first one and that from memory."""

    async def ask(reactor: Any) -> None:
        service = await serving(reactor, interfaces)
        number = portOf(service).getHost().port
        with clientSocket(family) as client:
            for _ in range(2):
                client.sendto(question(7), (asked, number))
                ((octets, source),) = await replies(reactor, client, 1)
                assert source[:2] == (asked, number)
                assert address(octets) == "10.0.0.7"
        await service.stopService()

    run(ask)


def test_later() -> None:
    """A reply that takes its time goes where it should, too; so does one of a protocol of a program's own."""

    async def ask(reactor: Any) -> None:
        class Slow:
            """Answers in the reactor's next turn."""

            def query(self, query: Any, timeout: Any = None) -> defer.Deferred[Any]:
                """Answer."""
                answer = dns.RRHeader(query.name, dns.A, payload=dns.Record_A("192.0.2.9"))
                return task.deferLater(reactor, 0.001, lambda: ([answer], [], []))

        for interfaces, asked in ([], "127.0.0.2"), (["127.0.0.1"], "127.0.0.1"):
            service = await serving(reactor, interfaces, DNSServerFactory([Slow()], reactor=reactor))
            with clientSocket() as client:
                client.sendto(question(7), (asked, portOf(service).getHost().port))
                ((octets, source),) = await replies(reactor, client, 1)
                assert source[0] == asked
                assert address(octets) == "192.0.2.9"
            await service.stopService()

    run(ask)


def test_oddDatagrams() -> None:
    """Datagrams that are no requests get no reply, and do no harm."""

    async def ask(reactor: Any) -> None:
        service = await serving(reactor, ["127.0.0.1"])
        place = "127.0.0.1", portOf(service).getHost().port
        with clientSocket() as client:
            for octets in (b"", b"\0", b"\xff" * 12, b"\0\1\x80" + bytes(9), bytes(5000)):
                client.sendto(octets, place)
            client.sendto(question(3), place)
            found = [one for one, _ in await replies(reactor, client, 2)]
            assert address(next(one for one in found if one[:2] == b"\0\3")) == "10.0.0.3"
            # Of what is too large the beginning was read: a header without a question.
            assert any(one[3] & 15 == dns.EFORMAT for one in found)
        await service.stopService()

    run(ask)


def test_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replies for which the system has no room are dropped and counted; one that it refuses costs only itself."""
    assert batch._system is not None
    read, write = batch._system
    codes = [errno.EPERM, 0, errno.EAGAIN]

    def refusing(*arguments: Any) -> int:
        code = codes.pop(0) if codes else 0
        if code:
            ctypes.set_errno(code)
            return -1
        return int(write(*arguments))

    async def ask(reactor: Any) -> None:
        service = await serving(reactor, ["127.0.0.1"])
        port = portOf(service)
        place = "127.0.0.1", port.getHost().port
        with clientSocket() as client:
            for number in range(3):
                client.sendto(question(number), place)
            found = await replies(reactor, client, 2)
            assert [octets[:2] for octets, _ in found] == [b"\0\1", b"\0\2"]
            assert port.dropped == 1
            client.sendto(question(5), place)
            while port.dropped < 2:
                await task.deferLater(reactor, 0.001)
            client.sendto(question(6), place)
            ((octets, _),) = await replies(reactor, client, 1)
            assert octets[:2] == b"\0\6"
        await service.stopService()

    monkeypatch.setattr(batch, "_system", (read, refusing))
    run(ask)


def test_ownProtocol() -> None:
    """A subclass that takes datagrams by itself does so on this port as on others."""

    async def ask(reactor: Any) -> None:
        taken: list[bytes] = []

        class Own(DNSDatagramProtocol):
            """Takes them down."""

            def datagramReceived(self, data: bytes, addr: Any) -> None:
                """Take one down, and answer it."""
                taken.append(data)
                super().datagramReceived(data, addr)

        service = await serving(reactor, ["127.0.0.1"])
        port = portOf(service)
        own = Own(service.factory, reactor)
        own.makeConnection(port)
        port.protocol = own
        with clientSocket() as client:
            for _ in range(2):
                client.sendto(question(5), ("127.0.0.1", port.getHost().port))
                await replies(reactor, client, 1)
        assert taken == [question(5)] * 2
        await service.stopService()

    run(ask)
