"""Replies as they came, decoded when somebody wants to see what is in them."""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import Final

from txnames.error import DNSDecodeError, TruncatedError
from txnames.wire.edns import readOptions
from txnames.wire.header import RRHeader
from txnames.wire.message import Message, readRecords
from txnames.wire.numbers import OPT
from txnames.wire.options import ExtendedErrorOption

__all__ = ["Opt", "Reply", "findOpt"]

_POINTER: Final = 0xC0
_FIXED: Final = 10
_fixed = Struct(">HHB3sH").unpack_from
_counts = Struct(">3H").unpack_from


class Opt:
    """The OPT record of a reply (RFC 6891 section 6.1.2).

    @ivar extended: the upper 8 bits of the response code.
    @ivar options: the options as octets.
    @ivar tail: the whole record as octets if it is the last record, as it most often is; empty otherwise.
    """

    __slots__ = ("extended", "options", "tail")

    def __init__(self, extended: int, options: bytes, tail: bytes) -> None:
        self.extended = extended
        self.options = options
        self.tail = tail

    def option(self, code: int) -> bytes | None:
        """The octets of the first option of a code; C{None} if there is none, or options cannot be read."""
        try:
            return next((option.data for option in readOptions(self.options) if option.code == code), None)
        except DNSDecodeError:
            return None


def findOpt(octets: bytes, offset: int) -> Opt | None:
    """Find the OPT record of a message.

    @param offset: where the question ends.
    @raise DNSDecodeError: what follows are not the records that the header announces.
    """
    answers, authority, additional = _counts(octets, 6)
    if not additional:
        return None
    before = answers + authority
    try:
        for number in range(before + additional):
            start = offset
            length = octets[offset]
            while 0 < length < _POINTER:
                offset += length + 1
                length = octets[offset]
            offset += 2 if length else 1
            type, _, extended, _, size = _fixed(octets, offset)
            offset += _FIXED
            end = offset + size
            if type == OPT and number >= before and offset == start + 1 + _FIXED:
                if end > len(octets):
                    break
                return Opt(extended, octets[offset:end], octets[start:] if end == len(octets) else b"")
            offset = end
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
    @ivar plain: whether it is known to have one question, and an OPT record at its end that says nothing but a cookie.
    """

    __slots__ = ("_end", "_message", "elapsed", "octets", "plain", "rcode", "server", "transport")

    def __init__(
        self,
        octets: bytes,
        end: int,
        rcode: int,
        server: tuple[str, int],
        transport: str,
        elapsed: float,
        plain: bool = False,
    ) -> None:
        """Make a reply; C{end} is where the question ends."""
        self.octets = octets
        self._end = end
        self.rcode = rcode
        self.server = server
        self.transport = transport
        self.elapsed = elapsed
        self.plain = plain
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
    def sections(self) -> tuple[list[RRHeader], list[RRHeader], list[RRHeader]]:
        """The answer, authority and additional sections, without the OPT record; each time they are other lists.

        @raise DNSDecodeError: the server sent octets that are none.
        """
        if not self.plain:
            message = self.message
            return list(message.answers), list(message.authority), list(message.additional)
        octets, end = self.octets, self._end
        answers, authority, additional = _counts(octets, 6)
        if answers == 1 and authority == 0 and additional == 1:
            return readRecords(octets, end, 1), [], []
        records = readRecords(octets, end, answers + authority + additional - 1)
        authority += answers
        return records[:answers], records[answers:authority], records[authority:]

    @property
    def errors(self) -> tuple[ExtendedErrorOption, ...]:
        """The server's reasons (RFC 8914); none where they cannot be read."""
        if self.plain:
            return ()
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
