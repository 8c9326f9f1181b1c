"""Zones that cannot be answered from for now."""

from __future__ import annotations

from typing import Any, NoReturn

from txnames.error import DNSServerError
from txnames.wire.name import Name
from txnames.wire.numbers import IN
from txnames.wire.options import ExtendedErrorOption
from txnames.zone.tree import Zone

__all__ = ["EXPIRED", "NOT_READY", "ClosedZone", "ZoneClosedError"]

NOT_READY = 14
EXPIRED = 24
"""Why a zone is closed: info codes of extended errors (RFC 8914 sections 4.15 and 4.25)."""


class ZoneClosedError(DNSServerError):
    """Names of a zone cannot be answered for.

    @ivar errors: why, for the reply.
    """

    def __init__(self, reason: str, info: int) -> None:
        super().__init__(reason)
        self.errors = (ExtendedErrorOption(info, reason),)


class ClosedZone(Zone):
    """Holds the place of a zone of which nothing can be said: every question for it fails with L{ZoneClosedError}.

    @ivar reason: why.
    @ivar info: the same as a number.
    """

    __slots__ = ("info", "reason")

    def __init__(self, origin: Name, reason: str, info: int, cls: int = IN) -> None:
        self.origin = origin
        self.apex = origin.folded
        self.cls = cls
        self.apexDname = None
        self.reason = reason
        self.info = info

    @property
    def nodes(self) -> NoReturn:  # type: ignore[override]  # reason: there is none, and who looks has to be told
        """Fail: there is nothing to look in."""
        raise ZoneClosedError(f"{self.origin}: {self.reason}", self.info)

    def rrsets(self) -> Any:
        """Fail likewise."""
        return self.nodes
