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
    "NoSuchNameError",
    "NotResponsibleError",
    "RdataTextError",
    "ResolverError",
    "TruncatedError",
    "ZoneFileError",
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
