"""What applications do with the resolvers: web pages, mail and XMPP by names that a local server knows."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import treq
from twisted.internet import defer, protocol, task
from twisted.internet.error import DNSLookupError
from twisted.mail.relaymanager import CanonicalNameLoop, MXCalculator
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.resource import Resource
from twisted.web.server import Site
from twisted.words.protocols.jabber.client import XMPPClientFactory
from twisted.words.protocols.jabber.jid import JID

from txnames import client, srvconnect
from txnames.hostnames import HostnameResolver, installResolvers

from .reactors import run
from .servers import HOST, Server, ZoneSource, freePort, running

XMPP = freePort()
TEXT = f"""$ORIGIN apps.example.
$TTL 3600
@ SOA ns hostmaster 1 7200 3600 1209600 300
@ NS ns
ns A 127.0.0.1
four A 127.0.0.1
six AAAA ::1
dual A 127.0.0.1
dual AAAA ::1
alias CNAME dual
; Nobody listens at the first address.
half AAAA ::2
half A 127.0.0.1
mail MX 10 mx1
mail MX 20 mx2
mx1 A 127.0.0.1
mx2 A 127.0.0.1
alone A 127.0.0.1
loop CNAME pool
pool CNAME loop
_xmpp-client._tcp.chat SRV 0 0 {freePort()} four
_xmpp-client._tcp.chat SRV 5 0 {XMPP} four
_xmpp-client._tcp.closed SRV 0 0 0 .
"""
FAMILIES = {"four": {4}, "six": {6}, "dual": {4, 6}, "alias": {4, 6}, "half": {4}}


@pytest.fixture(scope="module")
def server(daemons: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """NSD with the zone."""
    folder: Path = tmp_path_factory.mktemp("applications")
    zone = folder / "apps.zone"
    zone.write_text(TEXT)
    with running(folder, [ZoneSource("apps.example", zone)], ["nsd"]) as found:
        yield found["nsd"]


async def quiet(reactor: Any, before: set[Any]) -> None:
    """Wait until a reactor has no more sockets than before; without end if some stay, which the limit of tests ends."""
    while set(reactor.getReaders()) - before:
        await task.deferLater(reactor, 0)


class Page(Resource):
    """Says by which version of IP it was fetched."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        """Answer."""
        return b"6" if ":" in request.getClientAddress().host else b"4"


class Web:
    """A web server on both loopback addresses, at one port, and what has to be ended after a test."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self.before = set(reactor.getReaders())
        self.port = freePort()
        page: Any = Page
        site = Site(page(), reactor=reactor)
        self.listening = [reactor.listenTCP(self.port, site, interface=one) for one in ("127.0.0.1", "::1")]
        self.pool = HTTPConnectionPool(reactor, persistent=False)

    def url(self, name: str) -> bytes:
        """The address of the page."""
        return f"http://{name}.apps.example:{self.port}/".encode()

    async def close(self) -> None:
        """End it."""
        await self.pool.closeCachedConnections()
        for one in self.listening:
            await one.stopListening()
        await quiet(self.reactor, self.before)


def asking(reactor: Any, server: Server) -> Any:
    """A resolver as applications have them, which asks the local server and nobody else."""
    return client.createResolver(servers=[(HOST, server.port)], reactor=reactor)


def installOld(reactor: Any, resolver: Any) -> None:
    """Install a resolver for programs that know C{getHostByName} only."""
    reactor.installResolver(resolver)


def installNew(reactor: Any, resolver: Any) -> None:
    """Install a resolver for endpoints."""
    reactor.installNameResolver(HostnameResolver(resolver))


@pytest.mark.parametrize("install", [installOld, installNew, installResolvers])
@pytest.mark.parametrize("name", list(FAMILIES))
def test_pages(server: Server, install: Any, name: str) -> None:
    """C{Agent} and treq fetch a page by its host name, over IPv4, IPv6 or either."""

    async def fetch(reactor: Any) -> list[bytes]:
        resolver = asking(reactor, server)
        install(reactor, resolver)
        web = Web(reactor)
        agent = Agent(reactor, pool=web.pool)
        got = [await treq.content(await agent.request(b"GET", web.url(name)))]
        response = await treq.get(web.url(name).decode(), reactor=reactor, pool=web.pool)
        got.append(await treq.content(response))
        await web.close()
        await resolver.close()
        return got

    got = {int(one) for one in run(fetch)}
    assert got <= FAMILIES[name]


@pytest.mark.parametrize("install", [installOld, installNew])
def test_noPage(server: Server, install: Any) -> None:
    """A name that does not exist says so."""

    async def fetch(reactor: Any) -> Any:
        resolver = asking(reactor, server)
        install(reactor, resolver)
        try:
            await Agent(reactor).request(b"GET", b"http://nobody.apps.example:1/")
        except DNSLookupError as error:
            return str(error)
        finally:
            await resolver.close()

    assert "nobody.apps.example" in run(fetch)


def test_mail(server: Server) -> None:
    """twisted.mail's calculator finds the mail servers of a domain, or the address of one without any."""

    async def calculate(reactor: Any) -> Any:
        resolver = asking(reactor, server)
        calculator = MXCalculator(resolver=resolver, clock=reactor)
        found = []
        for domain in ("mail.apps.example", "alone.apps.example"):
            record = await calculator.getMX(domain)
            found.append(str(record.name))
        calculator.markBad("mx1.apps.example")
        found.append(str((await calculator.getMX("mail.apps.example")).name))
        with pytest.raises(CanonicalNameLoop):
            await calculator.getMX("loop.apps.example")
        await resolver.close()
        return found

    assert run(calculate) == ["mx1.apps.example", "127.0.0.1", "mx2.apps.example"]


class Greeted(protocol.Protocol):
    """An XMPP server that listens to the first words."""

    def dataReceived(self, data: bytes) -> None:
        """Take them."""
        assert isinstance(self.factory, Greeting)
        if not self.factory.heard.called:
            self.factory.heard.callback(data)


class Greeting(protocol.Factory):
    """Waits for the first words.

    @ivar heard: a Deferred of these.
    """

    noisy = False
    protocol = Greeted

    def __init__(self) -> None:
        self.heard: defer.Deferred[bytes] = defer.Deferred()


def test_xmpp(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """twisted.words' client finds its server by SRV; the first one that is listed is down."""

    async def connect(reactor: Any) -> Any:
        resolver = asking(reactor, server)
        installResolvers(reactor, resolver)
        monkeypatch.setattr(client, "theResolver", resolver)
        before = set(reactor.getReaders())
        greeting = Greeting()
        listening = reactor.listenTCP(XMPP, greeting, interface=HOST)
        factory = XMPPClientFactory(JID("me@chat.apps.example"), "secret")
        factory.noisy = False
        connector = srvconnect.SRVConnector(reactor, "xmpp-client", "chat.apps.example", factory, defaultPort=5222)
        connector.connect()
        words = await greeting.heard
        factory.stopTrying()
        connector.disconnect()
        await listening.stopListening()
        await quiet(reactor, before)
        await resolver.close()
        return words

    assert b"to='chat.apps.example'" in run(connect)


def test_noXmpp(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A domain that says it has no such service is not tried at its address."""

    async def connect(reactor: Any) -> Any:
        resolver = asking(reactor, server)
        monkeypatch.setattr(client, "theResolver", resolver)
        failed: defer.Deferred[Any] = defer.Deferred()

        class Factory(protocol.ClientFactory):
            """Waits for the failure."""

            def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
                """Take it."""
                failed.callback(reason.value)

        connector = srvconnect.SRVConnector(reactor, "xmpp-client", "closed.apps.example", Factory(), defaultPort=5222)
        connector.connect()
        error = await failed
        await resolver.close()
        return error

    assert isinstance(run(connect), DNSLookupError)


def test_ipv6IsThere() -> None:
    """The loopback interface has IPv6, without which most of this shows nothing."""
    with socket.socket(socket.AF_INET6) as found:
        found.bind(("::1", 0))
