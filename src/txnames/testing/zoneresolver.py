"""A resolver with a zone."""

from __future__ import annotations

from typing import Any

from twisted.internet import defer
from zope.interface import implementer

from txnames.common import ResolverBase, Timeout
from txnames.error import NotResponsibleError
from txnames.interfaces import IZoneSource
from txnames.wire.name import Name
from txnames.zone.lookup import lookup
from txnames.zone.tree import Zone

__all__ = ["ZoneResolver"]


@implementer(IZoneSource)
class ZoneResolver(ResolverBase):
    """The least that a resolver with a zone has to be.

    @ivar zone: the zone; L{replace} puts another in its place.
    """

    def __init__(self, zone: Zone | None) -> None:
        super().__init__()
        self.zone = zone
        self._watchers: list[Any] = []

    def watch(self, changed: Any) -> None:
        """Have a function called after each change; see L{IZoneSource}."""
        self._watchers.append(changed)

    def replace(self, zone: Zone | None) -> None:
        """Put another zone in the place of the present one."""
        self.zone = zone
        for changed in self._watchers:
            changed()

    def _lookup(self, name: bytes, cls: int, type: int, timeout: Timeout) -> defer.Deferred[Any]:
        """Answer from the zone."""
        answer = None if self.zone is None else lookup(self.zone, Name(name).wire, type, cls)
        return defer.fail(NotResponsibleError(name)) if answer is None else defer.succeed(answer.headers())
