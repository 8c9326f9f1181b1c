"""Tests of L{txnames.tapreplication}: the options, and the service that they describe."""

import time
from pathlib import Path
from typing import Any

import pytest
from twisted.python import usage

from txnames import tap
from txnames.receiving import Primary
from txnames.secondary import SecondaryAuthority
from txnames.tapreplication import ReplicationService
from txnames.testing import Network
from txnames.transferring import Sender
from txnames.tsig import Key
from txnames.updating import Updates
from txnames.zone.catalog import catalogZone
from txnames.zonestore import ZoneStore

KEYS = 'key "k1" { algorithm hmac-sha256; secret "MTIzNDU2Nzg5MDEyMzQ1Ng=="; };\n'
ZONE = "$ORIGIN example.\n$TTL 300\n@ SOA ns admin 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n"
SECRET = b"1234567890123456"


@pytest.fixture
def keys(tmp_path: Path) -> str:
    """A file with a key."""
    path = tmp_path / "keys"
    path.write_text(KEYS)
    return str(path)


@pytest.fixture
def zone(tmp_path: Path) -> str:
    """A zone file."""
    path = tmp_path / "example.zone"
    path.write_text(ZONE)
    return str(path)


def parsed(*arguments: str, reactor: Any = None) -> tap.Options:
    """The options that some arguments are."""
    options = tap.Options()
    options.reactor = reactor
    options.parseOptions(arguments)
    return options


def servicesOf(options: tap.Options) -> tuple[Any, Any]:
    """The server that options describe, and the service that replicates, or C{None}."""
    services: Any = tap.makeService(options)
    factory = next(one.factory for one in services if hasattr(one, "factory"))
    return factory, next((one for one in services if isinstance(one, ReplicationService)), None)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--secondary", "192.0.2.1"), "--secondary: '192.0.2.1' is not of the form"),
        (("--secondary", "192.0.2.1/"), "--secondary: '192.0.2.1/' is not of the form"),
        (("--secondary", "ns.example/example"), "--secondary: 'ns.example' is no server"),
        (("--secondary", "192.0.2.1/a..b"), "--secondary: an empty label"),
        (("--secondary", "192.0.2.1:99999/example"), "--secondary: a port is a number"),
        (("--secondary", "key:nobody@192.0.2.1/example"), "--secondary: there is no key of the name 'nobody'"),
        (("--catalog", "192.0.2.1"), "--catalog: '192.0.2.1' is not of the form"),
        (("--catalog", "key:nobody@192.0.2.1/example"), "--catalog: there is no key"),
        (("--tsig-key", "/nonexistent"), "--tsig-key: /nonexistent: No such file"),
        (("--allow-transfer", "nonsense"), "--allow-transfer: 'nonsense' is no network"),
        (("--allow-transfer", "key:nobody"), "there is no key of the name 'nobody'"),
        (("--allow-update", "nonsense"), "--allow-update: 'nonsense' is no network"),
        (("--allow-update", "a..b=any"), "--allow-update: an empty label"),
        (("--allow-update", "any"), "--allow-update needs --state-dir"),
        (("--also-notify", "nobody"), "--also-notify: 'nobody' is no server"),
        (("--make-catalog", "a..b"), "--make-catalog: an empty label"),
    ],
)
def test_refused(arguments: tuple[str, ...], reason: str) -> None:
    """What makes no sense is said in one line."""
    with pytest.raises(usage.UsageError) as caught:
        parsed(*arguments)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_badKeys(tmp_path: Path) -> None:
    """A file of keys that is none is refused with its place, and without its secrets."""
    path = tmp_path / "keys"
    path.write_text(KEYS.replace("hmac-sha256", "hmac-none"))
    with pytest.raises(usage.UsageError, match="line 1") as caught:
        parsed("--tsig-key", str(path))
    assert "MTIz" not in str(caught.value)
    path.write_text(KEYS)
    other = tmp_path / "other"
    other.write_text(KEYS.replace("MTIz", "NTIz"))
    with pytest.raises(usage.UsageError, match="two keys of the name"):
        parsed("--tsig-key", str(path), "--tsig-key", str(other))


def test_nothing(zone: str) -> None:
    """Without any of these options nothing of this is there."""
    factory, service = servicesOf(parsed("--bindzone", zone))
    assert service is None
    assert factory.transfers is None
    assert factory.secondaries is None
    assert factory.updates is None


def test_primaries(keys: str) -> None:
    """A zone may have several primaries, with ports and keys of their own."""
    options = parsed(
        *("--tsig-key", keys, "--secondary", "192.0.2.1/example", "--secondary", "key:K1@[2001:db8::1]:5353/EXAMPLE"),
        *("--secondary", "192.0.2.1/other"),
    )
    first, second = options.copies
    assert first.primaries == (
        Primary("192.0.2.1"),
        Primary("2001:db8::1", 5353, Key("k1", SECRET)),
    )
    assert second.origin.name == b"other"
    assert [len(one.domains) for one in options.svcs] == [1, 0, 1]


def test_service(zone: str, keys: str, tmp_path: Path) -> None:
    """The service makes the server send, copy and update, and keeps what is to be kept in a folder."""
    state = tmp_path / "state"
    network = Network()
    reactor: Any = network.host("192.0.2.99").reactor
    options = parsed(
        *("--bindzone", zone, "--tsig-key", keys, "--state-dir", str(state), "--allow-transfer", "key:k1"),
        *("--allow-update", "example=key:k1", "--also-notify", "key:k1@192.0.2.7", "--make-catalog", "catalog"),
        *("--secondary", "192.0.2.1/other", "--catalog", "192.0.2.2/their.catalog"),
        reactor=reactor,
    )
    factory, service = servicesOf(options)
    assert isinstance(factory.transfers, Sender)
    assert factory.transfers.allowed.keys
    assert sorted(str(one.origin) for one in factory.secondaries.authorities.values()) == ["other", "their.catalog"]
    assert all(one.store is service.replication.store for one in factory.secondaries.authorities.values())
    catalog = next(zone for zone in factory.resolver.zones() if str(zone.origin) == "catalog")
    members = [line for line in catalog.nodes if b"zones" in line]
    assert len(members) > 2
    service.startService()
    assert isinstance(factory.updates, Updates)
    assert sorted(path.name for path in state.glob("*.zone")) == ["catalog.zone", "example.zone"]
    assert [target.place for target in service.replication.notifier.targets] == [("192.0.2.7", 53)]
    assert service.reload(options.zones[0])
    assert not service.reload(options.copies[0])
    service.refresh()
    with pytest.raises(usage.UsageError, match=r"--state-dir: .*state"):
        servicesOf(options)
    network.advance(1)
    network.run(service.stopService())
    network.advance(1)
    assert not reactor.getDelayedCalls()


def test_catalogOfTwo(keys: str) -> None:
    """A catalog may have several primaries, and one is made without any other option."""
    options = parsed("--catalog", "192.0.2.1/their.catalog", "--catalog", "192.0.2.2/THEIR.catalog")
    factory, _ = servicesOf(options)
    (catalog,) = factory.secondaries.authorities.values()
    assert catalog.primaries == (Primary("192.0.2.1"), Primary("192.0.2.2"))


def test_catalogAlone(zone: str, tmp_path: Path) -> None:
    """A catalog is made without any other option; its serial grows, though the clock may not."""
    factory, _ = servicesOf(parsed("--bindzone", zone, "--make-catalog", "catalog"))
    assert [str(one.origin) for one in factory.resolver.zones()][-1] == "catalog"
    state = str(tmp_path / "state")
    later = int(time.time()) + 10_000
    with ZoneStore(state) as store:
        store.save(catalogZone("catalog", later, ["example"]))
    factory, service = servicesOf(parsed("--bindzone", zone, "--make-catalog", "catalog", "--state-dir", state))
    found = [one.serial for one in factory.resolver.zones() if str(one.origin) == "catalog"]
    assert found == [later + 1]
    service._store.close()


def test_reload() -> None:
    """SIGHUP has the primaries of a secondary asked, if it was started."""
    secondary = SecondaryAuthority("192.0.2.1", "example")
    secondary.reload()
    assert not secondary.transferring
