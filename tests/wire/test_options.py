"""Tests of EDNS options."""

from io import BytesIO
from ipaddress import ip_network

import pytest

from txnames.wire.options import (
    CLIENT_SUBNET,
    COOKIE,
    EDE,
    KEEPALIVE,
    NSID,
    PADDING,
    ClientSubnetOption,
    CookieOption,
    ExtendedErrorOption,
    KeepaliveOption,
    NSIDOption,
    OPTVariableOption,
    PaddingOption,
    optionOf,
)


def testPlain() -> None:
    """Any code and octets are written and read."""
    stream = BytesIO()
    OPTVariableOption(1, b"foobarbaz").encode(stream)
    assert stream.getvalue() == b"\x00\x01\x00\x09foobarbaz"
    stream.seek(0)
    read = OPTVariableOption()
    read.decode(stream)
    assert read == OPTVariableOption(1, b"foobarbaz")
    assert hash(read) == hash(OPTVariableOption(1, b"foobarbaz"))
    assert read != OPTVariableOption(2, b"foobarbaz")
    assert read != 1
    assert repr(read) == "<OPTVariableOption code=1 data=foobarbaz>"


def testTruncated() -> None:
    """An option that is cut is refused."""
    for octets in (b"\x00\x01\x00", b"\x00\x01\x00\x02x"):
        with pytest.raises(EOFError):
            OPTVariableOption().decode(BytesIO(octets))


def testNSID() -> None:
    """An identifier is octets."""
    assert NSIDOption(b"ns1").identifier == b"ns1"
    assert optionOf(NSID, b"ns1") == NSIDOption(b"ns1")


@pytest.mark.parametrize(
    ("network", "wire"),
    [("192.0.2.0/24", "00011800c00002"), ("2001:db8::/33", "0002210020010db800"), ("0.0.0.0/0", "00010000")],
)
def testClientSubnet(network: str, wire: str) -> None:
    """A network is written without the octets past its prefix (RFC 7871 section 6)."""
    option = ClientSubnetOption(ip_network(network))
    assert option.data.hex() == wire
    read = optionOf(CLIENT_SUBNET, bytes.fromhex(wire))
    assert isinstance(read, ClientSubnetOption)
    assert (read.network, read.scope) == (ip_network(network), 0)


@pytest.mark.parametrize("wire", ["000118", "00031800c00002", "00012100c0000200", "00011800c000", "00011700c00003"])
def testClientSubnetWrong(wire: str) -> None:
    """What is no network stays octets."""
    assert type(optionOf(CLIENT_SUBNET, bytes.fromhex(wire))) is OPTVariableOption


def testCookie() -> None:
    """The client's cookie has 8 octets, the server's 8 to 32 (RFC 7873 section 4)."""
    read = optionOf(COOKIE, b"clientclserverserver")
    assert isinstance(read, CookieOption)
    assert (read.client, read.server) == (b"clientcl", b"serverserver")
    assert read == CookieOption(b"clientcl", b"serverserver")
    for size in (7, 9, 15, 41):
        assert type(optionOf(COOKIE, bytes(size))) is OPTVariableOption
    for size in (8, 16, 40):
        assert type(optionOf(COOKIE, bytes(size))) is CookieOption


def testKeepalive() -> None:
    """A timeout is in tenths of seconds, or not there (RFC 7828 section 3.1)."""
    read = optionOf(KEEPALIVE, b"\x00\x7b")
    assert isinstance(read, KeepaliveOption)
    assert read.timeout == 12.3
    assert KeepaliveOption(12.3) == read
    assert KeepaliveOption().timeout is None
    assert type(optionOf(KEEPALIVE, b"x")) is OPTVariableOption


def testPadding() -> None:
    """Padding is zeros."""
    assert PaddingOption(3).wire == b"\x00\x0c\x00\x03\x00\x00\x00"
    assert type(optionOf(PADDING, b"xyz")) is PaddingOption


def testExtendedError() -> None:
    """An extended error has a number and text (RFC 8914 section 2)."""
    read = optionOf(EDE, b"\x00\x12no\xff\x00")
    assert isinstance(read, ExtendedErrorOption)
    assert (read.info, read.text) == (18, "no\N{REPLACEMENT CHARACTER}")
    assert ExtendedErrorOption(18, "no").data == b"\x00\x12no"
    assert type(optionOf(EDE, b"x")) is OPTVariableOption


def testUnknown() -> None:
    """A code without a class keeps its octets."""
    assert optionOf(65001, b"xyz") == OPTVariableOption(65001, b"xyz")
