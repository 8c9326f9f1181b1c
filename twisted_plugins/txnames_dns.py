"""The C{twistd dns} and C{twistd txnames} commands.

Twisted has a plugin of the name "dns" too.  C{twistd} sorts the plugins by name and takes the first of two that have
the same one, so ours has a name that is before its equals.
"""

from __future__ import annotations

from twisted.application.service import ServiceMaker


class _First(str):
    """Text that sorts before equal text."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str(self) <= str(other)

    def __gt__(self, other: str) -> bool:
        return str(self) > str(other)


dnsService = ServiceMaker(
    "txnames DNS server", "txnames.tap", "A DNS server: authoritative, right to the letter of the RFCs.", _First("dns")
)

txnamesService = ServiceMaker(
    "txnames DNS server, by the name that it shares with nobody", "txnames.tap", "The same as dns.", "txnames"
)
