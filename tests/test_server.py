"""Tests of L{txnames.server}."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from twisted.internet import defer
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import IProtocolFactory
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python import log
from zope.interface import implementer
from zope.interface.verify import verifyClass, verifyObject

from txnames import dns, error, server
from txnames.authority import MemoryAuthority
from txnames.interfaces import IRecursiveResolver, IRequestResolver, IResponder
from txnames.protocol.limits import StreamLimits
from txnames.protocol.request import Request
from txnames.resolve import ResolverChain
from txnames.testing import TCP, UDP, Client, ZoneResolver
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.answer import Sections

from .deferreds import resultOf
from .zone.building import zoneOf

CLIENT = ("192.0.2.1", 5353)
ZONE = """\
@ 3600 NS ns1
@ 3600 MX 10 mail
ns1 3600 A 192.0.2.53
ns1 3600 AAAA 2001:db8::53
mail 3600 A 192.0.2.25
www 3600 A 192.0.2.80
alias 3600 CNAME www
away 3600 CNAME www.elsewhere.
lost 3600 CNAME nobody
*.wild 3600 TXT "text"
moved 3600 DNAME www
sub 3600 NS ns.sub
ns.sub 3600 A 192.0.2.99
"""
LARGE = "\n".join(f'big 60 TXT "{number:03d} {"x" * 60}"' for number in range(30))
NAMES = ["@", "WWW", "ns1", "alias", "away", "lost", "nobody", "a.b.wild", "x.moved", "sub", "x.sub", "big"]
TYPES = [dns.A, dns.NS, dns.SOA, dns.TXT, dns.MX, dns.DS, dns.CNAME, dns.ALL_RECORDS, dns.AXFR, dns.IXFR, 65280]
OPTS = [
    None,
    dns.OPTHeader(4096, dnssecOK=True),
    dns.OPTHeader(100),
    dns.OPTHeader(900),
    dns.OPTHeader(4096, version=1),
]


class Steps(server.DNSServerFactory):
    """A server that overrides a step, though it changes nothing, so that requests go the long way."""

    def handleQuery(self, message: Any, protocol: Any, address: Any) -> Any:
        """Do what it does anyway."""
        return super().handleQuery(message, protocol, address)


class Scripted:
    """A resolver that does always the same."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.asked: list[Any] = []

    def query(self, query: dns.Query, timeout: Any = None) -> Any:
        """Give the result, or raise it."""
        self.asked.append(query)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Protocol:
    """Takes replies down."""

    def __init__(self) -> None:
        self.replies: list[tuple[Any, ...]] = []

    def writeMessage(self, *args: Any) -> None:
        """Take it down."""
        self.replies.append(args)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The texts of the log, errors as the names of their classes."""
    texts: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        texts.append(type(event["failure"].value).__name__ if event["isError"] else event["message"][0])

    log.addObserver(observe)
    yield texts
    log.removeObserver(observe)


def zones() -> list[Any]:
    """An authority for the test zone."""
    return [ZoneResolver(zoneOf(ZONE + LARGE))]


def request(name: str, type: int = dns.A, opt: Any = None, **fields: Any) -> bytes:
    """A request in wire form."""
    message = dns.Message(**{"id": 77, **fields})
    message.addQuery(name, type, dns.IN)
    if opt is not None:
        message.additional.append(opt)
    return message.toStr()


def ask(factory: server.DNSServerFactory, name: str, type: int = dns.A, **fields: Any) -> Any:
    """The reply to a question, asked over UDP without EDNS."""
    return resultOf(Client(factory).ask(name, type, **{"ednsVersion": None, **fields}))


def record(name: str = "www.example", auth: bool = False) -> dns.RRHeader:
    """An address record."""
    return dns.RRHeader(name, dns.A, payload=dns.Record_A("192.0.2.7", ttl=60), ttl=60, auth=auth)


# --- what it is made of ---


def test_interfaces() -> None:
    """It is a factory for Twisted, and a responder for us."""
    assert verifyClass(IProtocolFactory, server.DNSServerFactory)
    assert verifyObject(IResponder, server.DNSServerFactory())


def test_resolvers() -> None:
    """Authorities, caches and clients form the chain in this order; the last cache is the cache."""
    first, second, third, fourth = (object() for _ in range(4))
    factory = server.DNSServerFactory([first], [second, third], [fourth])
    assert factory.resolver.resolvers == [first, second, third, fourth]
    assert factory.cache is third
    assert factory.canRecurse


def test_nothing() -> None:
    """A server without resolvers refuses everything."""
    factory = server.DNSServerFactory()
    assert factory.cache is None
    assert not factory.canRecurse
    reply = ask(factory, "www.example")
    assert (reply.rCode, reply.answer, reply.auth, reply.recAv) == (dns.EREFUSED, 1, 0, 0)


# --- both ways ---


@pytest.mark.parametrize("transport", [UDP, TCP])
@pytest.mark.parametrize("opt", OPTS, ids=repr)
@pytest.mark.parametrize("name", [*NAMES, "."])
def test_bothWaysAgree(name: str, opt: Any, transport: str) -> None:
    """The replies are the same, whether a step is overridden or not."""
    short, long = server.DNSServerFactory(zones()), Steps(zones())
    for factory in (short, long):
        factory.nsid = b"me"
    owner = {"@": "example", ".": ""}.get(name, f"{name}.example")
    for type, recDes, checkingDisabled in product(TYPES, (0, 1), (0, 1)):
        octets = request(owner, type, opt, recDes=recDes, checkingDisabled=checkingDisabled)
        replies = []
        for factory in (short, long):
            replied = resultOf(factory.respond(octets, CLIENT, transport))
            assert len(replied) <= (65535 if transport == TCP else 1232 if opt else 512)
            replies.append(dns.EDNSMessage())
            replies[-1].fromStr(replied)
        assert replies[0] == replies[1], (type, recDes)


def test_shortWay() -> None:
    """A question for a zone makes no message."""
    factory = server.DNSServerFactory(zones())
    factory.resolver.query = factory.resolver.resolveRequest = None
    assert ask(factory, "www.example").answers[0].payload == dns.Record_A("192.0.2.80", ttl=3600)


@pytest.mark.parametrize(
    "step",
    [
        "allowQuery",
        "gotResolverError",
        "gotResolverResponse",
        "handleQuery",
        "messageReceived",
        "sendReply",
        "_responseFromMessage",
    ],
)
def test_overriddenSteps(step: str) -> None:
    """Whatever step is overridden, in the class or in the instance and at whatever time, it is taken."""
    taken = []

    def override(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(*args: Any, **kwargs: Any) -> Any:
            taken.append(step)
            return original(*args, **kwargs)

        return method

    name = "nobody.example" if step == "gotResolverError" else "www.example"
    kind = type("Other", (server.DNSServerFactory,), {step: override(getattr(server.DNSServerFactory, step))})
    ask(kind(zones()), name)
    assert taken == [step]
    factory = server.DNSServerFactory(zones())
    ask(factory, name)
    assert taken == [step]
    setattr(factory, step, override(getattr(factory, step)))
    ask(factory, name)
    assert taken == [step, step]


def test_replacedResolver() -> None:
    """The resolver may be replaced at any time, by anything that has C{query}."""
    factory = server.DNSServerFactory(zones())
    factory.resolver = Scripted(([record()], [], []))
    assert ask(factory, "www.example").answers == [record()]
    assert factory.resolver.asked == [dns.Query("www.example")]


@pytest.mark.parametrize(
    ("failure", "rcode"),
    [
        (error.DNSQueryRefusedError(), dns.EREFUSED),
        (error.AuthoritativeDomainError(), dns.ENAME),
        (error.NotResponsibleError(), dns.EREFUSED),
        (NotImplementedError(), dns.ENOTIMP),
    ],
)
@pytest.mark.parametrize("rich", [False, True])
def test_replacedResolverThatRaises(rich: bool, failure: Exception, rcode: int, logged: list[str]) -> None:
    """A resolver that raises says the same as one whose Deferred fails."""

    @implementer(IRequestResolver)
    class Rich(Scripted):
        def resolveRequest(self, request: Request) -> Any:
            return self.query(request.query)

    factory = server.DNSServerFactory()
    factory.resolver = (Rich if rich else Scripted)(failure)
    assert ask(factory, "www.example").rCode == rcode
    assert logged == []


def test_brokenCache(logged: list[str]) -> None:
    """A cache that fails when it gets an answer is a case for the log: there is one reply, with the answer."""

    class Broken:
        def cacheResult(self, query: Any, payload: Any) -> None:
            raise KeyError(5)

    factory = server.DNSServerFactory()
    factory.cache = Broken()
    factory.resolver = Scripted(([record()], [], []))
    protocol = Protocol()
    message = dns.Message(5)
    message.addQuery("www.example")
    factory.messageReceived(message, protocol, CLIENT)
    [(reply, _)] = protocol.replies
    assert (reply.rCode, reply.answers) == (dns.OK, [record()])
    assert logged == ["KeyError"]


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("version", [None, 0])
def test_optOfAResolver(version: int | None, fails: bool) -> None:
    """An OPT record that a resolver was given by its server doesn't go to the client, who has its own or none."""
    additional: Any = [record(), dns.OPTHeader(4000)]
    sections = Sections([], [], additional, 3 if fails else 0)
    factory = server.DNSServerFactory()
    factory.resolver = Scripted(error.replyError(3, sections=sections) if fails else sections)
    octets = request("www.example", opt=None if version is None else dns.OPTHeader(1400))
    reply = dns.Message()
    reply.fromStr(resultOf(factory.respond(octets, CLIENT, UDP)))
    assert [one.type for one in reply.additional] == [dns.A] + [dns.OPT] * (version is not None)
    assert all(one.cls != 4000 for one in reply.additional)


# --- octets ---


@pytest.mark.parametrize("octets", [b"", b"\0" * 11, request("www.example", answer=1)])
def test_silence(octets: bytes) -> None:
    """There is no reply to what is no message, nor to a response."""
    factory = server.DNSServerFactory(zones())
    assert resultOf(factory.respond(octets, CLIENT, UDP)) is None


@pytest.mark.parametrize("opcode", [1, 2, 3, 4, 5, 6, 15])
def test_otherOpcodes(opcode: int) -> None:
    """NOTIMP is the reply to all that is no query, with or without a question, whole or in part."""
    factory = server.DNSServerFactory(zones())
    for octets in (request("www.example", opCode=opcode, recDes=1), request("www.example", opCode=opcode)[:-1]):
        reply = dns.Message()
        reply.fromStr(resultOf(factory.respond(octets, CLIENT, UDP)))
        assert (reply.rCode, reply.opCode, reply.answer, reply.id) == (dns.ENOTIMP, opcode, 1, 77)
    modern = request("www.example", opt=dns.OPTHeader(4096), opCode=opcode)
    reply.fromStr(resultOf(factory.respond(modern, CLIENT, UDP)))
    assert [one.type for one in reply.additional] == [dns.OPT]
    broken = modern[:-1]
    reply.fromStr(resultOf(factory.respond(broken, CLIENT, UDP)))
    assert (reply.rCode, reply.additional) == (dns.ENOTIMP, [])


def test_noQuestion() -> None:
    """A query without a question, or with two, is a format error."""
    factory = server.DNSServerFactory(zones())
    message = dns.Message(5, recDes=1)
    for _ in range(2):
        reply = dns.Message()
        reply.fromStr(resultOf(factory.respond(message.toStr(), CLIENT, UDP)))
        assert (reply.rCode, reply.queries, reply.recDes) == (dns.EFORMAT, [], 1)
        message.queries = [dns.Query("www.example"), dns.Query("www.example")]


def test_badVersion() -> None:
    """A later version of EDNS gets BADVERS, and is told ours."""
    reply = resultOf(Client(server.DNSServerFactory(zones())).ask("www.example", ednsVersion=1, dnssecOK=True))
    assert (reply.rCode, reply.ednsVersion, reply.dnssecOK, reply.answers) == (dns.EBADVERSION, 0, True, [])


@pytest.mark.parametrize("address", [("127.0.0.1", 5353), ("::1", 5353), CLIENT])
@pytest.mark.parametrize("clients", [[], [Scripted(error.DNSNameError())]])
@pytest.mark.parametrize("kind", [server.DNSServerFactory, Steps])
def test_recursionAvailable(kind: Any, clients: list[Any], address: tuple[str, int]) -> None:
    """RA is right in every reply: recursion is there for local clients, if at all."""
    factory = kind(zones(), clients=clients)
    octets = [
        request("www.example"),
        request("nobody.example"),
        request("elsewhere"),
        request("www.example", opCode=2),
        request("www.example")[:-1],
        request("www.example", opt=dns.OPTHeader(version=1)),
        request("example", dns.AXFR),
    ]
    for one in octets:
        reply = dns.Message()
        reply.fromStr(resultOf(factory.respond(one, address, UDP)))
        assert reply.recAv == (bool(clients) and address != CLIENT)


@implementer(IRecursiveResolver)
class Recursive(Scripted):
    """A resolver that asks others."""

    closed = False

    def resolveRequest(self, request: Request) -> Any:
        """Do the same for a request."""
        return self.query(request.query)

    def close(self) -> None:
        """Take note."""
        self.closed = True


@pytest.mark.parametrize("inChain", [True, False])
def test_allowRecursion(inChain: bool) -> None:
    """Nobody is asked for strangers, or for those who want no recursion."""
    resolver = Recursive(([], [], []))
    factory = server.DNSServerFactory(clients=[resolver])
    if not inChain:
        factory.resolver = resolver
    local = Client(factory, ("127.0.0.1", 5353))
    assert resultOf(Client(factory, CLIENT).ask("www.example", recDes=True)).rCode == dns.EREFUSED
    assert resultOf(local.ask("www.example")).rCode == dns.EREFUSED
    assert resolver.asked == []
    assert resultOf(local.ask("www.example", recDes=True)).rCode == dns.OK
    factory.allowRecursion = {CLIENT[0]}
    assert resultOf(Client(factory, CLIENT).ask("www.example", recDes=True)).rCode == dns.OK
    assert resultOf(local.ask("www.example", recDes=True)).rCode == dns.EREFUSED
    assert len(resolver.asked) == 2


@pytest.mark.parametrize(
    ("type", "cls"),
    [(dns.A, dns.CH), (dns.A, 255), (dns.OPT, dns.IN), (dns.TKEY, dns.IN), (128, dns.IN), (254, dns.IN)],
)
def test_notForOthers(type: int, cls: int) -> None:
    """What is no type of data, or another class, is nothing that others are asked for."""
    resolver = Recursive(([], [], []))
    client = Client(server.DNSServerFactory(clients=[resolver]), ("127.0.0.1", 5353))
    assert resultOf(client.ask("www.example", type, cls, recDes=True)).rCode == dns.EREFUSED
    assert resolver.asked == []


def test_reasons() -> None:
    """A resolver's reasons go to clients with EDNS, along with answers and with failures."""
    reason = ExtendedErrorOption(3, "old")
    for result in (
        Sections([], [], [], errors=(reason,)),
        error.replyError(2, errors=(reason,)),
        error.replyError(3, sections=Sections([], [], [], 3, errors=(reason,))),
    ):
        client = Client(server.DNSServerFactory(clients=[Scripted(result)]), ("127.0.0.1", 5353))
        assert resultOf(client.ask("www.example")).options == [reason]
        assert resultOf(client.ask("www.example", ednsVersion=None)).options == []


def test_rcodeBeyondTheHeader() -> None:
    """A response code that only EDNS can say is between a resolver and its server: for others it is SERVFAIL."""
    client = Client(server.DNSServerFactory(clients=[Scripted(Sections([], [], [], 23))]), ("127.0.0.1", 5353))
    assert resultOf(client.ask("www.example")).rCode == dns.ESERVER


def test_cachedAnswersAreNotStoredAgain() -> None:
    """What comes from a cache doesn't go into one."""
    factory = server.DNSServerFactory(caches=[Scripted(None)])
    stored: list[Any] = []
    factory.cache.cacheResult = lambda *args: stored.append(args)
    answers = [dns.RRHeader("www.example", payload=dns.Record_A())]
    for resolver in (Scripted(Sections(answers, [], [], cached=True)), Scripted(Sections(answers, [], []))):
        factory.resolver = resolver
        resultOf(Client(factory).ask("www.example"))
    assert len(stored) == 1


def test_close() -> None:
    """A server that is closed closes its resolvers and connections; whatever cannot be closed stays."""
    resolver = Recursive(None)
    factory = server.DNSServerFactory(clients=[resolver, Scripted(None)], reactor=Clock())
    transport = StringTransport()
    protocol = factory.buildProtocol(None)
    protocol.makeConnection(transport)
    factory.connections.append(object())
    assert resultOf(factory.close()) is None
    assert (resolver.closed, transport.disconnecting) == (True, True)
    factory.resolver = object()
    assert resultOf(factory.close()) is None


def test_nsid() -> None:
    """The server's identifier is told to those who ask, if it has one."""
    factory = server.DNSServerFactory(zones())
    asking = [dns.OPTVariableOption(3)]
    assert resultOf(Client(factory).ask("www.example", options=asking)).options == []
    factory.nsid = b"me"
    assert resultOf(Client(factory).ask("www.example", options=asking)).options[0].data == b"me"
    assert resultOf(Client(factory).ask("www.example")).options == []


@pytest.mark.parametrize("type", [dns.AXFR, dns.IXFR])
@pytest.mark.parametrize("kind", [server.DNSServerFactory, Steps])
def test_transfers(type: int, kind: Any) -> None:
    """Nobody gets a zone; and for a name that is no zone here the reply says so."""
    factory = kind(zones())
    for transport in (UDP, TCP):
        client = Client(factory, transport=transport)
        assert resultOf(client.ask("example", type)).rCode == dns.EREFUSED
        assert resultOf(client.ask("www.example", type)).rCode == dns.ENOTAUTH
        assert resultOf(client.ask("elsewhere", type)).rCode == dns.ENOTAUTH
    factory.resolver = Scripted(([], [], []))
    assert ask(factory, "example", type).rCode == dns.EREFUSED


# --- resolvers ---


@pytest.mark.parametrize(
    ("failure", "rcode"),
    [
        (error.DomainError(), dns.EREFUSED),
        (error.NotResponsibleError(), dns.EREFUSED),
        (error.AuthoritativeDomainError(), dns.ENAME),
        (error.DNSNameError(), dns.ENAME),
        (error.DNSFormatError(), dns.EFORMAT),
        (error.DNSServerError(), dns.ESERVER),
        (error.DNSNotImplementedError(), dns.ENOTIMP),
        (NotImplementedError(), dns.ENOTIMP),
        (error.DNSQueryRefusedError(), dns.EREFUSED),
        (error.DNSUnknownError(), dns.ESERVER),
        (defer.TimeoutError(), dns.ESERVER),
        (error.DNSQueryTimeoutError(7), dns.ESERVER),
    ],
)
def test_rcodes(failure: Exception, rcode: int, logged: list[str]) -> None:
    """A resolver says the response code by its failure, and the log needn't know."""
    reply = ask(server.DNSServerFactory([Scripted(failure)]), "www.example", recDes=1)
    assert (reply.rCode, reply.answer, reply.recDes) == (rcode, 1, 1)
    assert reply.queries == [dns.Query("www.example")]
    assert logged == []


@pytest.mark.parametrize("replaced", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_brokenResolver(late: bool, replaced: bool, logged: list[str]) -> None:
    """A resolver that fails in a way of its own gets SERVFAIL sent, and logged once."""
    broken = Scripted(defer.fail(KeyError()) if late else KeyError())
    factory = server.DNSServerFactory([] if replaced else [broken])
    if replaced:
        factory.resolver = broken
    reply = resultOf(Client(factory).ask("www.example", recDes=1))
    assert (reply.rCode, reply.recDes, reply.ednsVersion) == (dns.ESERVER, 1, 0)
    assert logged == ["KeyError"]


def test_manyFailures(logged: list[str]) -> None:
    """Of many failures only some are logged."""
    factory = server.DNSServerFactory([Scripted(KeyError())])
    for _ in range(50):
        ask(factory, "www.example")
    assert 20 <= len(logged) < 30


def test_brokenZone(logged: list[str]) -> None:
    """Should a zone fail, the reply is SERVFAIL, and the server goes on."""
    factory = server.DNSServerFactory(zones())

    def answer(*args: Any) -> None:
        raise KeyError

    factory.resolver.answer = answer
    assert ask(factory, "www.example").rCode == dns.ESERVER
    assert logged == ["KeyError"]


def test_valueAsResult() -> None:
    """A resolver may return its result as it is, or be a coroutine function."""
    factory = server.DNSServerFactory()

    class Modern:
        async def query(self, query: dns.Query) -> Any:
            return [record()], [], []

    for resolver in (Scripted(([record()], [], [])), Modern()):
        factory.resolver = resolver
        assert ask(factory, "www.example").answers == [record()]


def test_unencodable(logged: list[str]) -> None:
    """A resolver's records that cannot be encoded become SERVFAIL."""
    broken = record()
    broken.ttl = -1
    assert ask(server.DNSServerFactory([Scripted(([broken], [], []))]), "www.example").rCode == dns.ESERVER
    assert len(logged) == 1


def test_authoritative() -> None:
    """AA is set if a record is authoritative, or the result says so."""
    for result, expected in (
        (([record()], [], []), 0),
        (([record(auth=True)], [], []), 1),
        (Sections([], [], [], dns.OK, True), 1),
        (Sections([record(auth=True)], [], [], dns.OK, False), 0),
    ):
        assert ask(server.DNSServerFactory([Scripted(result)]), "www.example").auth == expected


def test_rcodeOfResult() -> None:
    """A result may say a response code too."""
    assert ask(server.DNSServerFactory([Scripted(Sections([], [], [], dns.ENAME))]), "a").rCode == dns.ENAME


def test_requestResolver() -> None:
    """A resolver that wants to is told who asks, and how."""
    seen: list[Request] = []

    @implementer(IRequestResolver)
    class Curious:
        def resolveRequest(self, request: Request) -> Any:
            seen.append(request)
            return [], [], []

        def query(self, query: dns.Query, timeout: Any = None) -> Any:
            raise AssertionError

    resultOf(Client(server.DNSServerFactory([Curious()]), transport=TCP).ask("www.example", dns.TXT, dnssecOK=True))
    [one] = seen
    assert (one.address, one.transport, one.query) == (CLIENT, TCP, dns.Query("www.example", dns.TXT))
    assert one.edns is not None
    assert one.edns.dnssecOK


def test_rewrittenQuestion() -> None:
    """A step may put another question in the place of the client's."""

    class Rewriting(server.DNSServerFactory):
        def handleQuery(self, message: Any, protocol: Any, address: Any) -> Any:
            message.queries[0] = dns.Query("www.example", message.queries[0].type)
            return super().handleQuery(message, protocol, address)

    reply = ask(Rewriting(zones()), "other.name")
    assert reply.answers[0].payload == dns.Record_A("192.0.2.80", ttl=3600)


def test_cacheGetsAnswers() -> None:
    """What a resolver answers is given to the cache; an empty answer isn't."""

    class Cache(Scripted):
        cached: list[Any] = []  # noqa: RUF012  # reason: one test, one list

        def cacheResult(self, query: dns.Query, payload: Any) -> None:
            self.cached.append((query, payload))

    cache = Cache(error.DomainError())
    client = Scripted(([record()], [], []))
    factory = server.DNSServerFactory(caches=[cache], clients=[client])
    ask(factory, "www.example")
    assert cache.cached == [(dns.Query("www.example"), ([record()], [], []))]
    client.result = ([], [], [])
    ask(factory, "www.example")
    assert len(cache.cached) == 1


# --- messages without octets ---


def message(**fields: Any) -> dns.Message:
    """A request as a message."""
    made = dns.Message(3, **fields)
    made.addQuery("www.example", dns.A)
    return made


def test_messageReceived() -> None:
    """A protocol that knows nothing of octets hands messages in, and gets replies back."""
    protocol = Protocol()
    factory = server.DNSServerFactory(zones())
    factory.messageReceived(message(recDes=1), protocol, CLIENT)
    [(reply, address)] = protocol.replies
    assert (reply.id, reply.answer, reply.auth, reply.recDes) == (3, True, True, 1)
    assert len(reply.answers) == 1
    assert address == CLIENT


def test_responseReceived() -> None:
    """A response is dropped."""
    protocol = Protocol()
    server.DNSServerFactory(zones()).messageReceived(message(answer=1), protocol, CLIENT)
    assert protocol.replies == []


def test_refused() -> None:
    """What C{allowQuery} doesn't allow is REFUSED, by a response."""

    class Closed(server.DNSServerFactory):
        def allowQuery(self, message: Any, protocol: Any, address: Any) -> bool:
            return bool(address != CLIENT)

    reply = ask(Closed(zones()), "www.example", recDes=1)
    assert (reply.rCode, reply.answer, reply.recDes, reply.answers) == (dns.EREFUSED, 1, 1, [])
    other = Client(Closed(zones()), ("192.0.2.2", 1))
    assert resultOf(other.ask("www.example")).rCode == dns.OK


def test_brokenStep(logged: list[str]) -> None:
    """A step that raises costs one request."""

    class Broken(server.DNSServerFactory):
        def allowQuery(self, message: Any, protocol: Any, address: Any) -> bool:
            raise KeyError

    assert ask(Broken(zones()), "www.example").rCode == dns.ESERVER
    assert logged == ["KeyError"]


def test_edns() -> None:
    """Without the octets of a request its OPT record is still seen."""
    protocol = Protocol()
    asking = message()
    asking.additional = [dns.OPTHeader(4096, dnssecOK=True)]
    server.DNSServerFactory(zones()).messageReceived(asking, protocol, CLIENT)
    reply = protocol.replies[0][0]
    assert reply.additional == [dns.OPTHeader(1232, dnssecOK=True)]


@pytest.mark.parametrize("additional", [[object()], [dns.OPTHeader(), dns.OPTHeader()]])
def test_oddAdditional(additional: list[Any]) -> None:
    """Other things there are no OPT record."""
    protocol = Protocol()
    asking = message()
    asking.additional = additional
    server.DNSServerFactory(zones()).messageReceived(asking, protocol, CLIENT)
    assert protocol.replies[0][0].additional == []


def test_addressOverTCP() -> None:
    """The steps get the client's address for TCP as for UDP, and the reply goes by the connection."""
    seen = []

    class Watching(server.DNSServerFactory):
        def allowQuery(self, message: Any, protocol: Any, address: Any) -> bool:
            seen.append(address)
            return super().allowQuery(message, protocol, address)

    factory = Watching(zones(), reactor=Clock())
    protocol = factory.buildProtocol(None)
    transport = StringTransport(peerAddress=IPv4Address("TCP", *CLIENT))
    protocol.makeConnection(transport)
    octets = request("www.example")
    protocol.dataReceived(len(octets).to_bytes(2, "big") + octets)
    asking = message()
    factory.messageReceived(asking, protocol)
    assert seen == [CLIENT, CLIENT]
    assert transport.value().count(b"\xc0\x00\x02\x50") == 2


# --- connections ---


class Peer:
    """A connection from an address."""

    def __init__(self, host: str) -> None:
        self.transport = StringTransport(peerAddress=IPv4Address("TCP", host, 1))


def test_connections() -> None:
    """The connections are known as long as they last."""
    factory = server.DNSServerFactory()
    one, other = object(), Peer("192.0.2.1")
    factory.connectionMade(one)
    factory.connectionMade(other)
    assert factory.connections == [one, other]
    factory.connectionLost(one)
    factory.connectionLost(other)
    assert factory.connections == []


def test_tooManyConnections() -> None:
    """More connections than are granted are not accepted: in total, and from one address."""
    factory = server.DNSServerFactory()
    factory.limits = StreamLimits(connections=3, perClient=2)
    addresses = [IPv4Address("TCP", f"192.0.2.{number}", 1) for number in range(3)]
    for host in ("192.0.2.1", "192.0.2.1"):
        factory.connectionMade(Peer(host))
    assert factory.buildProtocol(addresses[1]) is None
    assert factory.buildProtocol(addresses[0]) is not None
    factory.connectionMade(Peer("192.0.2.2"))
    assert factory.buildProtocol(addresses[0]) is None
    factory.connectionLost(factory.connections[0])
    assert factory.buildProtocol(addresses[1]) is not None
    for _ in range(2):
        factory.connectionLost(factory.connections[0])
        factory.connectionMade(object())
    assert factory.buildProtocol(None) is not None


def test_buildProtocol() -> None:
    """A protocol gets the factory as its only argument, and the reactor if one was given."""
    clock = Clock()
    factory = server.DNSServerFactory(reactor=clock)
    protocol = factory.buildProtocol(None)
    assert isinstance(protocol, dns.DNSProtocol)
    assert protocol.controller is factory
    assert protocol.factory is factory
    assert protocol.reactor is clock


# --- the log ---


@pytest.mark.parametrize(
    ("verbose", "name", "expected"),
    [
        (0, "www.example", []),
        (1, "www.example", ["A query from ('192.0.2.1', 5353)", "Lookup found 1 records"]),
        (1, "no.example", ["A query from ('192.0.2.1', 5353)", "Lookup failed"]),
        (
            2,
            "www.example",
            [
                "<Query www.example A IN> query from ('192.0.2.1', 5353)",
                "Lookup found 1 records",
                "Answers are <A address=192.0.2.80 ttl=3600>",
            ],
        ),
        (
            2,
            "elsewhere",
            [
                "<Query elsewhere A IN> query from ('192.0.2.1', 5353)",
                "Lookup failed",
                "Replying with no answers",
            ],
        ),
    ],
)
def test_verbose(verbose: int, name: str, expected: list[str], logged: list[str]) -> None:
    """Nothing is logged of a request, unless that is wanted."""
    ask(server.DNSServerFactory(zones(), verbose=verbose), name)
    took = [text for text in logged if text.startswith("Processed query in ")]
    assert [text for text in logged if text not in took] == expected
    assert len(took) == bool(verbose)


def test_verboseOpcodes(logged: list[str]) -> None:
    """Other opcodes are logged by name; so is a message without a question."""
    factory = server.DNSServerFactory(verbose=1)
    for opcode in (dns.OP_INVERSE, dns.OP_STATUS, dns.OP_NOTIFY, dns.OP_UPDATE):
        factory.messageReceived(message(opCode=opcode), Protocol(), CLIENT)
    factory.messageReceived(dns.Message(), Protocol(), CLIENT)
    texts = [text.removesuffix(" from ('192.0.2.1', 5353)") for text in logged if " from " in text]
    assert [text for text in texts if text != "A query"] == [
        "Inverse query",
        "Status request",
        "Notify message",
        "Update message",
        "Empty query",
    ]


# --- replies from memory ---


def repeated(factory: server.DNSServerFactory, octets: bytes, address: Any = CLIENT) -> list[bytes | None]:
    """The replies to a request that comes twice."""
    return [resultOf(factory.respond(octets, address, "udp")) for _ in range(2)]


def question(name: str = "www.example", **fields: Any) -> bytes:
    """A question in wire form."""
    asked = dns.Message(**{"id": 1, **fields})
    asked.queries = [dns.Query(name)]
    return bytes(asked.toStr())


def changing() -> tuple[server.DNSServerFactory, MemoryAuthority]:
    """A server, and its zone."""
    authority = MemoryAuthority(
        "example",
        [
            ("example", dns.Record_SOA("ns.example", "admin.example", 1, 2, 3, 4, 5, ttl=60)),
            ("example", dns.Record_NS("ns.example", ttl=60)),
            ("ns.example", dns.Record_A("192.0.2.1", ttl=60)),
            ("www.example", dns.Record_A("192.0.2.2", ttl=60)),
        ],
    )
    return server.DNSServerFactory([authority]), authority


def test_remembered() -> None:
    """A reply from memory is the same but for the ID; the case of the name counts."""
    factory, _ = changing()
    first, second = repeated(factory, question())
    assert first == second
    other = resultOf(factory.respond(question(id=7), CLIENT, "udp"))
    assert first is not None
    assert other == b"\0\7" + first[2:]
    upper = resultOf(factory.respond(question("WWW.example"), CLIENT, "udp"))
    assert upper is not None
    assert b"WWW" in upper
    assert factory._hot is not None
    assert len(factory._hot.memo.young) == 2


def test_forgotten() -> None:
    """Whatever changes, a reply is what it would be without a memory."""
    factory, authority = changing()

    def reply(name: str = "www.example", address: Any = CLIENT) -> Any:
        first, second = repeated(factory, question(name), address)
        assert first == second
        found = dns.Message()
        assert first is not None
        found.fromStr(first)
        return found

    assert reply().answers[0].payload.dottedQuad() == "192.0.2.2"
    authority.change(add=[("www.example", dns.Record_A("192.0.2.3", ttl=60))], remove=["www.example"])
    assert reply().answers[0].payload.dottedQuad() == "192.0.2.3"
    another = MemoryAuthority("www.example", _records("192.0.2.4"))
    factory.resolver.resolvers.append(another)
    assert reply().answers[0].payload.dottedQuad() == "192.0.2.4"
    factory.resolver.resolvers.remove(another)
    assert reply().answers[0].payload.dottedQuad() == "192.0.2.3"
    assert not reply().recAv
    factory.canRecurse = True
    assert reply(address=("127.0.0.1", 5)).recAv
    assert not reply(address=("203.0.113.1", 5)).recAv
    factory.resolver = ResolverChain([another])
    assert reply().answers[0].payload.dottedQuad() == "192.0.2.4"


def _records(address: str) -> list[Any]:
    """The records of a zone with an address at its apex."""
    return [
        ("www.example", dns.Record_SOA("ns.example", "admin.example", 1, 2, 3, 4, 5, ttl=60)),
        ("www.example", dns.Record_NS("ns.example", ttl=60)),
        ("www.example", dns.Record_A(address, ttl=60)),
    ]


@pytest.mark.parametrize("step", ["answerNow", "offersRecursion", "messageReceived", "handleQuery"])
def test_overridden(step: str) -> None:
    """A server whose steps are a program's own is asked each time."""
    factory, authority = changing()
    calls: list[Any] = []
    original = getattr(server.DNSServerFactory, step)

    def counting(self: Any, *arguments: Any) -> Any:
        calls.append(step)
        return original(self, *arguments)

    kind = type("Own", (server.DNSServerFactory,), {step: counting})
    own = kind([authority])
    repeated(own, question())
    assert len(calls) >= 2
    del factory
