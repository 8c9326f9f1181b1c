"""EDNS options: what an OPT record carries (RFC 6891 section 6.1.2).

An option is a code and octets.  For the codes that are known here a class adds the values that the octets stand for,
and a way to make the octets from values; octets that such a class cannot read stay a plain L{OPTVariableOption}, as
do all other codes, so that nothing is lost.
"""

from __future__ import annotations

import ipaddress
from typing import Any, BinaryIO, ClassVar, Self

from zope.interface import implementer

from txnames.interfaces import IEncodable
from txnames.wire.buffer import readSome

__all__ = [
    "CLIENT_SUBNET",
    "COOKIE",
    "EDE",
    "KEEPALIVE",
    "NSID",
    "PADDING",
    "ClientSubnetOption",
    "CookieOption",
    "ExtendedErrorOption",
    "KeepaliveOption",
    "NSIDOption",
    "OPTVariableOption",
    "PaddingOption",
    "optionOf",
]

NSID = 3
CLIENT_SUBNET = 8
COOKIE = 10
KEEPALIVE = 11
PADDING = 12
EDE = 15


@implementer(IEncodable)
class OPTVariableOption:
    """An option: a code and octets.

    @ivar code: what option this is, 16 bits.
    @ivar data: its octets.
    """

    code: int
    data: bytes

    known: ClassVar[dict[int, type[OPTVariableOption]]] = {}
    """The class of each code that has one."""

    def __init__(self, code: int = 0, data: bytes = b"") -> None:
        self.code = code
        self.data = data

    def encode(self, strio: BinaryIO, compDict: Any = None) -> None:
        """Write code, length and octets."""
        strio.write(self.wire)

    def decode(self, strio: BinaryIO, length: int | None = None) -> None:
        """Read code, length and octets.

        @raise TruncatedError: the stream ends before; this is an C{EOFError}.
        """
        head = readSome(strio, 4)
        self.code = int.from_bytes(head[:2], "big")
        self.data = readSome(strio, int.from_bytes(head[2:], "big"))

    @property
    def wire(self) -> bytes:
        """Code, length and octets."""
        return self.code.to_bytes(2, "big") + len(self.data).to_bytes(2, "big") + self.data

    def __eq__(self, other: object) -> bool:
        if isinstance(other, OPTVariableOption):
            return self.code == other.code and self.data == other.data
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.code, self.data))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} code={self.code} data={self.data.decode('latin-1')}>"


class KnownOption(OPTVariableOption):
    """An option whose octets stand for values.

    Subclasses name their code; their C{check} looks at the octets once, when a message is read.
    """

    def __init_subclass__(cls, code: int, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.code = code
        OPTVariableOption.known[code] = cls

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Make the option of its octets.

        @raise ValueError: they are not this option's.
        """
        option = cls.__new__(cls)
        option.data = data
        option.check()
        return option

    def check(self) -> None:
        """Look whether the octets are this option's.

        @raise ValueError: they are not.
        """


class NSIDOption(KnownOption, code=NSID):
    """The identifier of a name server; empty in queries, which ask for it (RFC 5001 section 2.3)."""

    def __init__(self, identifier: bytes = b"") -> None:
        self.data = identifier

    @property
    def identifier(self) -> bytes:
        """The identifier, any octets."""
        return self.data


class ClientSubnetOption(KnownOption, code=CLIENT_SUBNET):
    """The network of the client that a resolver asks for (RFC 7871 section 6)."""

    def __init__(self, network: ipaddress.IPv4Network | ipaddress.IPv6Network, scope: int = 0) -> None:
        """Make the option.

        @param network: the network whose length is the source prefix length.
        @param scope: the scope prefix length, in bits; 0 in queries.
        """
        bits = network.prefixlen
        family = 1 if network.version == 4 else 2
        address = network.network_address.packed[: (bits + 7) // 8]
        self.data = family.to_bytes(2, "big") + bytes((bits, scope)) + address

    def check(self) -> None:
        """Look at family, lengths, and that the bits past the prefix are zero (RFC 7871 section 6).

        @raise ValueError: one is wrong.
        """
        if len(self.data) < 4:
            raise ValueError("a client subnet has 4 octets at least")
        size = {1: 4, 2: 16}.get(int.from_bytes(self.data[:2], "big"))
        bits, scope = self.data[2:4]
        if size is None or max(bits, scope) > size * 8 or len(self.data) != 4 + (bits + 7) // 8:
            raise ValueError("family or lengths of a client subnet are wrong")
        # There is no such network where bits past the prefix are set.
        _ = self.network

    @property
    def network(self) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
        """The network.

        @raise ValueError: bits past its prefix are set.
        """
        size = 4 if self.data[1] == 1 else 16
        return ipaddress.ip_network((self.data[4:].ljust(size, b"\0"), self.data[2]))

    @property
    def scope(self) -> int:
        """The scope prefix length, in bits."""
        return self.data[3]


class CookieOption(KnownOption, code=COOKIE):
    """Cookies of client and server (RFC 7873 section 4)."""

    def __init__(self, client: bytes, server: bytes = b"") -> None:
        self.data = client + server

    def check(self) -> None:
        """Look at the size: 8 octets of the client's, and none or 8 to 32 of the server's.

        @raise ValueError: it is another.
        """
        if len(self.data) != 8 and not 16 <= len(self.data) <= 40:
            raise ValueError(f"cookies of {len(self.data)} octets")

    @property
    def client(self) -> bytes:
        """The client's cookie, 8 octets."""
        return self.data[:8]

    @property
    def server(self) -> bytes:
        """The server's cookie, 8 to 32 octets, or none."""
        return self.data[8:]


class KeepaliveOption(KnownOption, code=KEEPALIVE):
    """How long a TCP connection may be idle (RFC 7828 section 3.1)."""

    def __init__(self, timeout: float | None = None) -> None:
        """Make the option; the timeout is in seconds, C{None} in queries."""
        self.data = b"" if timeout is None else round(timeout * 10).to_bytes(2, "big")

    def check(self) -> None:
        """Look at the size: none or 2 octets.

        @raise ValueError: it is another.
        """
        if len(self.data) not in (0, 2):
            raise ValueError(f"a keepalive of {len(self.data)} octets")

    @property
    def timeout(self) -> float | None:
        """The timeout in seconds; C{None} where none is said."""
        return int.from_bytes(self.data, "big") / 10 if self.data else None


class PaddingOption(KnownOption, code=PADDING):
    """Octets that hide a message's size (RFC 7830 section 3)."""

    def __init__(self, length: int = 0) -> None:
        self.data = bytes(length)


class ExtendedErrorOption(KnownOption, code=EDE):
    """Why an answer is what it is (RFC 8914 section 2)."""

    def __init__(self, info: int, text: str = "") -> None:
        self.data = info.to_bytes(2, "big") + text.encode("utf-8")

    def check(self) -> None:
        """Look at the size: 2 octets at least.

        @raise ValueError: it is less.
        """
        if len(self.data) < 2:
            raise ValueError("an extended error has 2 octets at least")

    @property
    def info(self) -> int:
        """The number of the reason in IANA's registry."""
        return int.from_bytes(self.data[:2], "big")

    @property
    def text(self) -> str:
        """What the server says of it; octets that are no UTF-8 are replaced."""
        return self.data[2:].decode("utf-8", "replace").rstrip("\0")


def optionOf(code: int, data: bytes) -> OPTVariableOption:
    """Make the option of a code and octets, of the class that the code has if the octets fit it."""
    kind = OPTVariableOption.known.get(code)
    if kind is not None and issubclass(kind, KnownOption):
        try:
            return kind.of(data)
        except ValueError:
            pass
    return OPTVariableOption(code, data)
