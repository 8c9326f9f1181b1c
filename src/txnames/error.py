"""The errors that names and messages give rise to.

Twisted's own classes stand here under their own names: programs all over (twisted.mail among them) catch
``twisted.names.error.DNSNameError`` and its kin, so an error of ours has to *be* one of them.  What we add lies
below them, or beside them where no class of theirs fits.
"""

from __future__ import annotations

from typing import Any

from twisted.names.error import (
    AuthoritativeDomainError,
    DNSFormatError,
    DNSNameError,
    DNSNotImplementedError,
    DNSQueryRefusedError,
    DNSQueryTimeoutError,
    DNSServerError,
    DNSUnknownError,
    DomainError,
    ResolverError,
)

__all__ = [
    "AuthoritativeDomainError",
    "DNSDecodeError",
    "DNSFormatError",
    "DNSNameError",
    "DNSNotImplementedError",
    "DNSQueryRefusedError",
    "DNSQueryTimeoutError",
    "DNSServerError",
    "DNSUnknownError",
    "DomainError",
    "Explained",
    "NoSuchNameError",
    "NotResponsibleError",
    "QueryTimeoutError",
    "RdataTextError",
    "ResolverError",
    "TruncatedError",
    "UnreachableError",
    "ZoneFileError",
    "replyError",
]


class DNSDecodeError(ValueError):
    """Octets that a peer sent are not what the protocol says.

    @ivar field: what was being read, such as C{"MX.preference"}, or C{None} outside of any field.
    @ivar rcode: the response code that a server answers with: FORMERR (RFC 1035 section 4.1.1).
    """

    rcode = 1

    def __init__(self, reason: str = "", field: str | None = None) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field


class TruncatedError(DNSDecodeError, EOFError):
    """Octets end before the value that is being read does."""


class RdataTextError(ValueError):
    """The text of a record's data cannot be read.

    @ivar token: the token at fault, or C{None} where the text ended too early.
    """

    def __init__(self, reason: str, token: object = None) -> None:
        super().__init__(reason)
        self.token = token


class ZoneFileError(ValueError):
    """A zone was not loaded.

    @ivar problems: what is wrong with it, in the order of the file; each has a file, line, column, text and reason.
    """

    def __init__(self, problems: list[object]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class NotResponsibleError(DNSQueryRefusedError):
    """No zone here holds the name, and nobody was asked who might know it.

    The next resolver of a chain is asked, as with a plain L{DomainError}; at its end the answer is REFUSED.
    """


class NoSuchNameError(AuthoritativeDomainError):
    """A zone says that the name does not exist, or that what it leads to does not.

    @ivar sections: the answer in which it says so: a tuple of three lists with the response code, as
        L{txnames.zone.answer.Sections} is, or C{None}.
    """

    def __init__(self, name: object = b"", sections: tuple[list[Any], list[Any], list[Any]] | None = None) -> None:
        super().__init__(name)
        self.sections = sections


class Explained(Exception):
    """A failed lookup that says what happened; a mixin for the classes that programs catch.

    The first of C{args} is what twisted.names puts there: the message that was received, or what was asked.

    @ivar rcode: the response code; C{None} where there was no response.
    @ivar sections: the answer that came with it, a L{txnames.zone.answer.Sections}, or C{None}.
    @ivar question: what was asked, a L{txnames.wire.header.Query}, or C{None}.
    @ivar server: the host and port of who was asked last, or C{None}.
    @ivar transport: how: C{"udp"} or C{"tcp"}, or C{None}.
    @ivar elapsed: the seconds since the lookup began, or C{None}.
    @ivar errors: the server's reasons (RFC 8914), options with C{info} and C{text}.
    """

    rcode: int | None = None

    def __init__(
        self,
        subject: Any = None,
        *,
        sections: Any = None,
        question: Any = None,
        server: tuple[str, int] | None = None,
        transport: str | None = None,
        elapsed: float | None = None,
        errors: tuple[Any, ...] = (),
        reason: str = "",
    ) -> None:
        super().__init__(subject)
        self.sections = sections
        self.question = question
        self.server = server
        self.transport = transport
        self.elapsed = elapsed
        self.errors = errors
        self.reason = reason

    def __str__(self) -> str:
        """What was asked, of whom, and what came of it."""
        said = [] if self.question is None else [f"{self.question}:"]
        said.append(self.reason or _rcodes.get(self.rcode, f"response code {self.rcode}"))
        said += [f"({error.text or 'extended error'}, {error.info})" for error in self.errors]
        if self.server is not None:
            said.append(f"from {self.server[0]} port {self.server[1]}")
        if self.transport is not None:
            said.append(f"over {self.transport.upper()}")
        if self.elapsed is not None:
            said.append(f"after {self.elapsed:.2f} s")
        return " ".join(said)


class QueryTimeoutError(Explained, DNSQueryTimeoutError):
    """Nobody answered in time."""

    def __init__(self, subject: Any = None, **what: Any) -> None:
        Explained.__init__(self, subject, **{"reason": "no answer in time", **what})
        self.id = subject


class UnreachableError(Explained, DNSServerError):
    """A server cannot be reached: the network says so, or nothing listens there."""

    def __init__(self, subject: Any = None, **what: Any) -> None:
        super().__init__(subject, **{"reason": "not to be reached", **what})


class _FormatError(Explained, DNSFormatError):
    """A server could not make sense of the question."""


class _ServerError(Explained, DNSServerError):
    """A server could not find the answer."""


class _NameError(Explained, DNSNameError):
    """The name does not exist."""


class _NotImplementedError(Explained, DNSNotImplementedError):
    """A server does not know such questions."""


class _RefusedError(Explained, DNSQueryRefusedError):
    """A server does not want to answer."""


class _UnknownError(Explained, DNSUnknownError):
    """A server answered with some other response code."""


_replies: dict[int, type[Explained]] = {
    1: _FormatError,
    2: _ServerError,
    3: _NameError,
    4: _NotImplementedError,
    5: _RefusedError,
}
_rcodes: dict[int | None, str] = {
    None: "no answer",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    9: "NOTAUTH",
    16: "BADVERS",
    23: "BADCOOKIE",
}


def replyError(rcode: int, subject: Any = None, **what: Any) -> Explained:
    """The error for a response code other than NOERROR: an instance of the class that twisted.names has for it.

    @param subject: the first of the error's C{args}, most often the message.
    @param what: what else is known; see L{Explained}.
    """
    error = _replies.get(rcode, _UnknownError)(subject, **what)
    error.rcode = rcode
    return error
