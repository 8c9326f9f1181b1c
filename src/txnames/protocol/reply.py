"""Replies as they came, decoded when somebody wants to see what is in them."""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import Final

from txnames.error import DNSDecodeError, TruncatedError
from txnames.wire.edns import readOptions
from txnames.wire.message import Message
from txnames.wire.numbers import OPT
from txnames.wire.options import ExtendedErrorOption

__all__ = ["Opt", "Reply", "findOpt"]

_HEADER: Final = 12
_fixed = Struct(">HHBBHH").unpack_from
_counts = Struct(">3H").unpack_from


class Opt:
    """The OPT record of a reply (RFC 6891 section 6.1.2).

    @ivar size: the octets that the server takes in one datagram.
    @ivar extended: the upper 8 bits of the response code.
    @ivar version: the version of EDNS.
    @ivar options: the options as octets.
    """

    __slots__ = ("extended", "options", "size", "version")

    def __init__(self, size: int, extended: int, version: int, options: bytes) -> None:
        self.size = size
        self.extended = extended
        self.version = version
        self.options = options

    def option(self, code: int) -> bytes | None:
        """The octets of the first option of a code.

        @raise DNSDecodeError: the octets end inside of an option.
        """
        for option in readOptions(self.options):
            if option.code == code:
                return option.data
        return None


def findOpt(octets: bytes, offset: int) -> Opt | None:
    """Find the OPT record of a message.

    @param offset: where the question ends.
    @raise DNSDecodeError: these are not records.
    """
    answers, authority, additional = _counts(octets, 6)
    if not additional:
        return None
    first = answers + authority
    try:
        for number in range(first + additional):
            owner = length = octets[offset]
            while 0 < length < 0xC0:
                offset += length + 1
                length = octets[offset]
            offset += 2 if length else 1
            kind, size, extended, version, _, length = _fixed(octets, offset)
            offset += 10
            if kind == OPT and number >= first and not owner:
                if offset + length > len(octets):
                    break
                return Opt(size, extended, version, octets[offset : offset + length])
            offset += length
        else:
            return None
    except (IndexError, StructError):
        pass
    raise TruncatedError("the octets end inside of a record")


class Reply:
    """A reply that matches its question.

    @ivar octets: the message, with the question spelled as it was asked.
    @ivar server: the host and port that were asked.
    @ivar transport: how: C{"udp"} or C{"tcp"}.
    @ivar elapsed: the seconds from the call to the reply.
    @ivar rcode: the response code, 12 bits.
    """

    __slots__ = ("_end", "_message", "elapsed", "octets", "rcode", "server", "transport")

    def __init__(
        self, octets: bytes, end: int, rcode: int, server: tuple[str, int], transport: str, elapsed: float
    ) -> None:
        """Make a reply; C{end} is where the question ends."""
        self.octets = octets
        self._end = end
        self.rcode = rcode
        self.server = server
        self.transport = transport
        self.elapsed = elapsed
        self._message: Message | None = None

    @property
    def end(self) -> int:
        """Where the question ends in the octets, and the records begin."""
        return self._end

    @property
    def message(self) -> Message:
        """The message, without its OPT record.

        @raise DNSDecodeError: the server sent octets that are none.
        """
        message = self._message
        if message is None:
            message = Message()
            message.fromStr(self.octets)
            additional = message.additional
            if additional and any(record.type == OPT for record in additional):
                message.additional = [record for record in additional if record.type != OPT]
            self._message = message
        return message

    @property
    def errors(self) -> tuple[ExtendedErrorOption, ...]:
        """The server's reasons (RFC 8914); none where they cannot be read."""
        try:
            opt = findOpt(self.octets, self._end)
            if opt is None or not opt.options:
                return ()
            return tuple(option for option in readOptions(opt.options) if isinstance(option, ExtendedErrorOption))
        except DNSDecodeError:
            return ()

    def __repr__(self) -> str:
        return (
            f"<Reply rcode={self.rcode} from {self.server[0]} port {self.server[1]} over {self.transport.upper()} "
            f"after {self.elapsed:.3f} s, {len(self.octets)} octets>"
        )
