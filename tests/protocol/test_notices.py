"""Tests of L{txnames.protocol.notices}, with secondary servers on a network in memory."""

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rdataclass
import dns.rdatatype
import dns.tsig
import pytest
from twisted.internet.error import CannotListenError

from tests.secondaries import (
    ADDRESSES,
    FIRST,
    KEY,
    SECOND,
    SERVERS,
    THIRD,
    TIMES,
    Reply,
    Secondary,
    World,
    accepts,
    example,
    inFlight,
    logging,
    question,
    refuses,
    running,
    signed,
    silent,
)
from txnames import tsig
from txnames.notifying import Notifier, Target
from txnames.protocol.notices import Outbox, Version
from txnames.wire.name import Name


@pytest.fixture
def world() -> Iterable[World]:
    """Such a world; nothing is left open or waiting at the primary when all is over."""
    yield from running()


@pytest.fixture
def logged() -> Iterable[list[str]]:
    """What goes to the log."""
    yield from logging()


# --- the message ---


def test_message(world: World) -> None:
    """A message has opcode NOTIFY, AA, the question for the SOA record and the new one, and nothing else."""
    world.notifier().notify(example(2024010102, SERVERS + ADDRESSES, "Example."))
    world.network.advance(1)
    (octets,) = world.secondaries[FIRST].messages
    message = dns.message.from_wire(octets)
    assert message.opcode() == dns.opcode.NOTIFY
    assert message.flags & ~0x7800 == dns.flags.AA
    assert [str(one) for one in message.question] == ["Example. IN SOA"]
    assert [str(one) for one in message.answer] == [
        "Example. 3600 IN SOA NS1.Example. hostmaster.Example. 2024010102 7200 3600 1209600 300"
    ]
    assert message.authority == message.additional == []


def test_longMessage(world: World) -> None:
    """Where the SOA record makes the message longer than 512 octets it is left out, signature and all."""
    origin = f"{'x' * 55}." * 4
    for key in (None, KEY):
        world.notifier(targets=[Target(FIRST, key=key)]).notify(example(1, "@ 3600 NS ns.elsewhere.", origin))
    world.network.advance(1)
    for octets in world.secondaries[FIRST].messages[:2]:
        assert len(octets) <= 512
        message = dns.message.from_wire(octets, keyring=False)
        assert message.answer == []
        assert [str(one.name) for one in message.question] == [origin]


def test_target() -> None:
    """A target is an address in its usual spelling; secrets don't show."""
    assert Target("2001:DB8:0::4") == Target(THIRD, 53, None)
    assert str(Target(FIRST, 5353, KEY)) == "192.0.2.2 port 5353"
    assert "secret" not in repr(Target(FIRST, key=KEY))
    for fields in ({"address": "ns.example"}, {"address": FIRST, "port": 0}, {"address": FIRST, "port": 65536}):
        with pytest.raises(ValueError, match=r"port|address"):
            Target(**fields)


def test_version() -> None:
    """A version tells of a zone; names of zones go by their letters, whatever their case."""
    version = Version(example(7, "", "Example."))
    assert str(version) == "Example. 7"
    assert version.key == (Name("example").wire, 1)
    octets, mac = version.message(b"\1\2", None, 0.0)
    assert mac == b""
    assert version.isReply(accepts(octets))
    assert not version.isReply(octets)


# --- again and again ---


def test_retries(world: World, logged: list[str]) -> None:
    """What is not answered is sent again, the very same, six times in all; then there is one line in the log."""
    world.secondaries[FIRST].reply = silent
    world.notifier(targets=[Target(FIRST)], useNameServers=False).notify(example())
    world.network.advance(69)
    assert world.times() == TIMES
    assert len(set(world.secondaries[FIRST].messages)) == 1
    assert logged == []
    world.network.advance(2)
    assert logged == ["NOTIFY of example. 7 to 192.0.2.2 port 53: no reply to 6 messages"]
    assert world.primary.leaks() == []
    world.network.advance(1000)
    assert world.times() == TIMES
    assert len(logged) == 1


def test_lost(world: World, logged: list[str]) -> None:
    """A datagram that is lost is made good for by the next, be it the request or the reply; a late reply counts."""
    for lost in range(1, 6):
        left = [lost]

        def reply(octets: bytes, left: list[int] = left) -> bytes | None:
            left[0] -= 1
            return accepts(octets) if left[0] < 0 else None

        world.secondaries[FIRST].reply = reply
        world.secondaries[FIRST].told.clear()
        world.notifier(targets=[Target(FIRST)], useNameServers=False).notify(example())
        world.network.advance(100)
        assert len(world.secondaries[FIRST].told) == lost + 1
    world.secondaries[FIRST].told.clear()
    world.secondaries[FIRST].reply = silent
    world.notifier(targets=[Target(FIRST, key=KEY)], useNameServers=False).notify(example())
    world.network.advance(3)
    _, octets, address = world.secondaries[FIRST].told[0]
    mac = tsig.verify(octets, {KEY.name.folded: KEY}, world.network.seconds())[2].mac
    late = tsig.sign(accepts(octets), KEY, world.network.seconds(), requestMAC=mac)[0]
    world.network.send((FIRST, 53), address, late)
    world.network.advance(100)
    assert len(world.secondaries[FIRST].told) == 2
    assert logged == []


def test_lossyNetwork(world: World) -> None:
    """Where a third of all datagrams is lost, all servers hear of all zones all the same."""
    world.network.hosts[FIRST].loss = 0.33
    notifier = world.notifier(targets=[Target(FIRST)], useNameServers=False)
    for number in range(40):
        notifier.notify(example(number, "", f"zone{number}."))
    world.network.advance(400)
    assert set(world.secondaries[FIRST].serials) == set(range(40))
    assert len(world.secondaries[FIRST].serials) > 40


@pytest.mark.parametrize(
    ("rcode", "name"), [(1, "FORMERR"), (2, "SERVFAIL"), (4, "NOTIMP"), (5, "REFUSED"), (9, "NOTAUTH")]
)
def test_errors(world: World, logged: list[str], rcode: int, name: str) -> None:
    """A reply with an error is the end, and one line in the log."""
    world.secondaries[FIRST].reply = refuses(rcode)
    world.notifier().notify(example())
    world.network.advance(100)
    assert world.times() == [0]
    assert logged == [f"NOTIFY of example. 7 to 192.0.2.2 port 53: the reply is {name}"]


def test_nobodyListens(world: World, logged: list[str]) -> None:
    """What the network says of a server that isn't there counts as no reply: it may be there again."""
    notifier = world.notifier(targets=[Target("192.0.2.9"), Target(FIRST)], useNameServers=False)
    host = world.network.host("192.0.2.9")
    world.secondaries[FIRST].reply = silent
    notifier.notify(example())
    for socket in [port.protocol for port in world.primary.ports]:
        socket.connectionRefused()
    world.network.advance(5)
    back = Secondary(world.network, accepts)
    host.reactor.listenUDP(53, back)
    world.secondaries[FIRST].reply = accepts
    world.network.advance(10)
    assert back.serials == world.secondaries[FIRST].serials[-1:] == [7]
    assert logged == []


def test_lostSocket(world: World, logged: list[str]) -> None:
    """A socket that the reactor closes on its own is replaced when the message is sent again."""
    world.secondaries[FIRST].reply = silent
    world.notifier(targets=[Target(FIRST, key=KEY)], useNameServers=False).notify(example())
    world.network.advance(1)
    world.network.run(world.primary.ports[0].stopListening())
    world.secondaries[FIRST].reply = lambda octets: signed(world, octets)
    world.network.advance(2)
    first, second = world.secondaries[FIRST].told
    assert first[2] != second[2]
    assert first[1][:2] != second[1][:2]
    assert world.primary.leaks() == logged == []


def test_unreachable(world: World, logged: list[str]) -> None:
    """Where the system cannot send, or has no port, it is tried again; then the log says what is in the way."""
    host = world.network.host("192.0.2.50")
    Notifier(host.reactor, targets=[Target(THIRD)]).notify(example(7, ""))
    reactor: Any = world.primary.reactor
    listen = reactor.listenUDP
    tries = []

    def taken(port: int, *args: Any, **fields: Any) -> Any:
        tries.append(port)
        raise CannotListenError("", port, OSError("in use"))

    reactor.listenUDP = taken
    notifier = world.notifier(targets=[Target(FIRST)])
    for serial in (7, 8):
        notifier.notify(example(serial, ""))
    assert len(tries) == 64
    reactor.listenUDP = listen
    world.network.advance(3)
    assert world.secondaries[FIRST].serials == [8]
    world.network.advance(100)
    assert logged == ["NOTIFY of example. 7 to 2001:db8::4 port 53: no reply to 6 messages; Network is unreachable"]
    assert host.leaks() == []


# --- what looks like a reply ---


@pytest.mark.parametrize(
    "forged",
    [
        lambda octets: bytes((octets[0] ^ 1,)) + accepts(octets)[1:],
        lambda octets: octets,
        lambda octets: accepts(octets)[:2] + b"\x80\0" + accepts(octets)[4:],
        lambda octets: accepts(octets)[:2] + b"\x24\0" + accepts(octets)[4:],
        lambda octets: accepts(octets).replace(b"example", b"exbmple"),
        lambda octets: accepts(octets)[:-3] + b"\2\0\1",
        lambda octets: accepts(octets)[:-1] + b"\3",
        lambda octets: accepts(octets)[:4] + b"\0\0" + accepts(octets)[6:12],
        lambda octets: accepts(octets)[:4] + b"\0\2" + accepts(octets)[6:],
        lambda octets: accepts(octets)[:-1],
        lambda octets: octets[:2],
        lambda octets: b"",
    ],
    ids=["ID", "QR", "opcode", "request", "name", "type", "class", "none", "two", "short", "ID alone", "empty"],
)
def test_forged(world: World, logged: list[str], forged: Reply) -> None:
    """What has another ID, opcode or question, or isn't a reply at all, does not count."""
    world.secondaries[FIRST].reply = forged
    world.notifier(targets=[Target(FIRST)], useNameServers=False).notify(example())
    world.network.advance(100)
    assert world.times() == TIMES
    assert len(logged) == 1


def test_forgedSource(world: World) -> None:
    """What comes from another address or port does not count; the case of the name is of no matter."""
    world.secondaries[FIRST].reply = silent
    world.notifier(targets=[Target(FIRST)], useNameServers=False).notify(example())
    world.network.advance(1)
    _, octets, address = world.secondaries[FIRST].told[0]
    for source in ((SECOND, 53), (FIRST, 54)):
        world.network.send(source, address, accepts(octets))
    world.network.advance(2)
    assert world.times() == [0, 2]
    world.network.send((FIRST, 53), address, accepts(octets).replace(b"example", b"EXAMPLE"))
    world.network.advance(100)
    assert world.times() == [0, 2]


# --- signatures ---


def test_signed(world: World, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are signed where the target has a key, as dnspython sees it, and so has to be the reply."""
    monkeypatch.setattr("time.time", world.network.seconds)
    theirs = dns.tsig.Key(dns.name.from_text(str(KEY.name)), KEY.secret, dns.name.from_text(str(KEY.algorithm)))

    def reply(octets: bytes) -> bytes:
        request = dns.message.from_wire(octets, keyring={theirs.name: theirs})
        assert request.had_tsig
        assert request.opcode() == dns.opcode.NOTIFY
        return dns.message.make_response(request).to_wire()

    world.secondaries[FIRST].reply = reply
    world.notifier(targets=[Target(FIRST, key=KEY)], useNameServers=False).notify(example())
    world.network.advance(100)
    assert world.times() == [0]
    assert logged == []


def test_signedError(world: World, logged: list[str]) -> None:
    """An error that is signed is the end."""
    world.secondaries[FIRST].reply = lambda octets: signed(world, octets, refuses(5))
    world.notifier(targets=[Target(FIRST, key=KEY)], useNameServers=False).notify(example())
    world.network.advance(100)
    assert world.times() == [0]
    assert logged == ["NOTIFY of example. 7 to 192.0.2.2 port 53: the reply is REFUSED"]


def test_wronglySigned(world: World, logged: list[str]) -> None:
    """A reply that isn't signed, or not by that key or for that request, does not count; the log tells of it."""

    def badKey(octets: bytes) -> bytes:
        signature = tsig.readSignature(octets)
        refused = tsig.TSIGError("", tsig.BADKEY, signature)
        return tsig.refuse(refuses(9)(octets) or b"", refused, world.network.seconds())

    other = tsig.Key("key.example", b"other")
    wrong: list[tuple[Reply, str]] = [
        (accepts, "NOERROR came, but the message is not signed"),
        (refuses(5), "REFUSED came, but the message is not signed"),
        (lambda octets: signed(world, octets, key=other), "NOERROR came, but the MAC is wrong"),
        (lambda octets: tsig.sign(accepts(octets), KEY, world.network.seconds())[0], "NOERROR came, but the MAC"),
        (lambda octets: accepts(octets)[:11] + b"\1" + accepts(octets)[12:], "NOERROR came, but the octets end"),
        (badKey, "NOTAUTH came, but the server refused the signature"),
    ]
    for reply, complaint in wrong:
        logged.clear()
        world.secondaries[FIRST].reply = reply
        world.secondaries[FIRST].told.clear()
        world.notifier(targets=[Target(FIRST, key=KEY)], useNameServers=False).notify(example())
        world.network.advance(100)
        assert len(world.secondaries[FIRST].told) == 6
        (line,) = logged
        assert line.startswith(f"NOTIFY of example. 7 to 192.0.2.2 port 53: no reply to 6 messages; {complaint}")


# --- many notices ---


def test_manyZones(world: World, logged: list[str]) -> None:
    """Of a thousand zones at once 50 are told at a time, and all are told, each once to each."""
    notifier = world.notifier()
    for number in range(1000):
        notifier.notify(example(number, SERVERS + ADDRESSES, f"zone{number}."))
    assert len(world.network.captured) == 48
    while world.network.clock.step():
        assert inFlight(world, notifier) <= 50
    assert [sorted(one.serials) for one in world.secondaries.values()] == [list(range(1000))] * 3
    assert [one.serials for one in world.secondaries.values()] == [list(range(1000))] * 3
    assert logged == []
    assert world.network.seconds() - world.began < 5


def test_oneIsGone(world: World, logged: list[str]) -> None:
    """A server that is gone does not keep others from being told of a thousand zones; none is lost in the end."""
    world.secondaries[SECOND].reply = silent
    notifier = world.notifier()
    for number in range(1000):
        notifier.notify(example(number, SERVERS + ADDRESSES, f"zone{number}."))
    world.network.advance(5)
    assert len(world.secondaries[FIRST].told) == len(world.secondaries[THIRD].told) == 1000
    assert inFlight(world, notifier) == 25
    world.network.advance(100)
    assert len(logged) == 25
    world.secondaries[SECOND].reply = accepts
    world.network.advance(100)
    assert set(world.secondaries[SECOND].serials) == set(range(1000))
    assert len(logged) <= 100


def test_manyServers(world: World) -> None:
    """With more servers than messages that may be in flight, each still has its turn."""
    addresses = [f"198.51.100.{number}" for number in range(1, 101)]
    servers = [world.secondary(address) for address in addresses]
    notifier = world.notifier(targets=[Target(address) for address in addresses], useNameServers=False)
    for number in range(5):
        notifier.notify(example(number, "", f"zone{number}."))
    assert len(world.network.sent()) == 50
    world.network.advance(5)
    assert [server.serials for server in servers] == [list(range(5))] * 100


def test_changesAllTheTime(world: World) -> None:
    """A zone that changes all the time, at a server that is gone, does not keep other zones from being told."""
    world.secondaries[FIRST].reply = silent
    notifier = world.notifier(targets=[Target(FIRST)], useNameServers=False, maximumInFlight=4)
    for number in range(3):
        notifier.notify(example(number, "", f"zone{number}."))
    for serial in range(100, 110):
        notifier.notify(example(serial, "", "zone0."))
        world.network.advance(1)
    counts = Counter(question(octets)[1:6] for octets in world.secondaries[FIRST].messages)
    assert set(counts) == {b"zone0", b"zone1", b"zone2"}
    world.network.advance(1000)


def test_outbox(world: World) -> None:
    """An outbox by itself sends what is put in when it is told to, and says when that has ended."""
    ended: list[Any] = []
    outbox = Outbox(world.primary.reactor, Random(2), 50, ended.append)
    version = Version(example())
    first, second = (outbox.put(version, Target(address), b"") for address in (FIRST, THIRD))
    assert world.primary.leaks() == []
    outbox.withdraw(first, False)
    outbox.proceed()
    world.network.advance(1)
    assert ended == [second]
    assert world.told() == [THIRD]
