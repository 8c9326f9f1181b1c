"""Tests of L{txnames.protocol.networks}."""

import pytest

from txnames.protocol import networks
from txnames.protocol.networks import LOCAL_NETWORKS, Networks


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.255.255.255", True),
        ("128.0.0.0", False),
        ("::1", True),
        ("::2", False),
        ("169.254.3.4", True),
        ("fe80::1%eth0", True),
        ("fec0::1", False),
        ("10.1.2.3", True),
        ("172.31.0.1", True),
        ("172.32.0.1", False),
        ("192.168.1.1", True),
        ("192.0.2.1", False),
        ("fd00::1", True),
        ("2001:db8::1", False),
        ("::ffff:10.0.0.1", True),
        ("::ffff:192.0.2.1", False),
        ("not an address", False),
        (None, False),
    ],
)
def test_localNetworks(host: object, local: bool) -> None:
    """Loopback, link-local and private addresses are local, others are not; twice asked says the same."""
    found = Networks(LOCAL_NETWORKS)
    assert [host in found, host in found] == [local, local]


def test_singleAddresses() -> None:
    """An address is a network of one."""
    assert "192.0.2.1" in Networks(["192.0.2.1"])
    assert "192.0.2.2" not in Networks(["192.0.2.1"])
    assert repr(Networks(["192.0.2.1", "2001:db8::/32"])) == "<Networks 192.0.2.1/32 2001:db8::/32>"


@pytest.mark.parametrize("text", ["", "localhost", "192.0.2.1/24", "192.0.2.0/33", "2001:db8::/129"])
def test_badNetwork(text: str) -> None:
    """What is no network is refused, by name."""
    with pytest.raises(ValueError, match="no network such as") as caught:
        Networks([text])
    assert repr(text) in str(caught.value)


def test_boundedMemory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are kept for so many addresses only."""
    monkeypatch.setattr(networks, "_REMEMBERED", 2)
    found = Networks(["192.0.2.0/24"])
    assert [f"192.0.2.{number}" in found for number in range(5)] == [True] * 5
    assert len(found._seen) <= 2
