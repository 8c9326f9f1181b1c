"""Dynamic updates of zones (RFC 2136): who may change what, and how no change is lost that was acknowledged.

A change is made as a whole, judged as a zone that is loaded is judged, and on the disc before the client hears of it.
The zone file follows some seconds later, in a file beside it that takes its place at once.  When the server starts
again, the stored version counts, unless the file has one that is newer: that is how a zone is edited by hand.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from twisted.internet.interfaces import IDelayedCall
from twisted.python import log

from txnames.authority import BindAuthority
from txnames.error import DNSDecodeError
from txnames.protocol.access import AccessList
from txnames.protocol.request import Request
from txnames.replication import Replication
from txnames.wire.numbers import EFORMAT, ENOTAUTH, EREFUSED, ESERVER, OK
from txnames.zone.check import check
from txnames.zone.difference import difference
from txnames.zone.problem import Severity
from txnames.zone.serial import isNewer
from txnames.zone.tree import Zone
from txnames.zone.update import UpdateError, readUpdate
from txnames.zone.writer import writeZone

__all__ = ["Updates"]

_DELAY: Final = 5.0
"""The seconds after a change in which the file is written; further changes until then are written with it."""


class Updates:
    """Takes updates for the zones of a server.

    @ivar allowed: who may change a zone, by the zone's name, folded and in wire form; C{None} for all others.
    @ivar replication: follows and stores the versions of the zones.
    """

    def __init__(
        self, replication: Replication, allowed: Mapping[bytes | None, AccessList], reactor: Any = None
    ) -> None:
        """Take the zones' rules.

        @param replication: has a store; without one nothing could be acknowledged.
        @raise ValueError: it has none.
        """
        if replication.store is None:
            raise ValueError("updates need a folder in which they are kept")
        self.replication = replication
        self.allowed = dict(allowed)
        self._reactor = reactor
        self._authorities: dict[bytes, Any] = {}
        # The files as they were when they were read or written last.
        self._stamps: dict[bytes, Any] = {}
        self._writing: dict[bytes, IDelayedCall] = {}

    def opens(self, apex: bytes) -> AccessList | None:
        """Who may change a zone; C{None} for nobody."""
        return self.allowed.get(apex, self.allowed.get(None))

    def add(self, authority: Any) -> None:
        """Take updates for an authority's zone, and let it answer from the version that was stored, if that is newer.

        It has to be published by the L{Replication} before.
        """
        zone: Zone = authority.zone
        if self.opens(zone.apex) is None:
            return
        self._authorities[zone.apex] = authority
        self._stamps[zone.apex] = _stampOf(authority)
        stored = self.replication.storedBefore.get(zone.apex)
        if stored is not None:
            log.msg(
                f"{zone.origin}: serial {stored.serial} of an update, where the zone as it was loaded has {zone.serial}"
            )
            self._show(authority, stored)
            self._writeLater(authority)

    def update(self, request: Request) -> int:
        """Change a zone as a request says.

        @return: the response code, after the change is stored.
        """
        authority = self._authorities.get(request.name.lower())
        if authority is None or authority.zone.cls != request.cls:
            return ENOTAUTH
        zone: Zone = authority.zone
        allowed = self.opens(zone.apex)
        if allowed is None or not allowed.allows(request):
            self._log(request, "refused")
            return EREFUSED
        try:
            new = readUpdate(request.octets).applied(zone)
        except UpdateError as error:
            self._log(request, str(error))
            return error.rcode
        except DNSDecodeError as error:
            self._log(request, f"malformed: {error}")
            return EFORMAT
        if new is zone:
            return OK
        errors = [one.reason for one in check(new) if one.severity is Severity.ERROR]
        if errors:
            self._log(request, f"refused, as the zone would have errors: {errors[0]}")
            return EREFUSED
        try:
            self.replication.keep(authority, new, difference(zone, new))
        except OSError as error:
            self._log(request, f"not stored, and so not made: {error}")
            return ESERVER
        self._show(authority, new)
        self._log(request, f"serial {new.serial}")
        self._writeLater(authority)
        return OK

    def _show(self, authority: Any, zone: Zone) -> None:
        """Let an authority answer from a version."""
        authority.answerFrom(zone)

    def _log(self, request: Request, what: str) -> None:
        """Log what became of an update."""
        key = "" if request.key is None else f" with the key {request.key}"
        host = "somebody" if request.address is None else request.address[0]
        log.msg(f"update of {request.query.name} by {host}{key}: {what}")

    # --- files ---

    def _writeLater(self, authority: Any) -> None:
        """Write the zone's file in some seconds, if it has one."""
        apex = authority.zone.apex
        if isinstance(authority, BindAuthority) and apex not in self._writing:
            if self._reactor is None:
                from twisted.internet import reactor

                self._reactor = reactor
            self._writing[apex] = self._reactor.callLater(_DELAY, self._write, authority)

    def _write(self, authority: Any) -> None:
        """Write the zone's file: another one first, which then takes its place."""
        call = self._writing.pop(authority.zone.apex, None)
        if call is not None and call.active():
            call.cancel()
        path = os.path.realpath(os.fsdecode(authority.filename))
        new = f"{path}.new"
        if _stampOf(authority) != self._stamps[authority.zone.apex]:
            log.msg(f"{path} was edited by hand: it is not written before SIGHUP says which version counts")
            return
        try:
            mode = os.stat(path).st_mode & 0o777
            with open(new, "w", encoding="ascii") as file:
                os.fchmod(file.fileno(), mode)
                file.writelines(writeZone(authority.zone))
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, path)
            self._stamps[authority.zone.apex] = _stampOf(authority)
        except OSError as error:
            log.msg(f"{path} was not written, the updates are kept elsewhere: {error}")
            with suppress(OSError):
                os.unlink(new)

    def reload(self, authority: Any) -> bool:
        """Load an authority's zone anew; the file counts if its serial is newer than that of the last update.

        @return: whether this authority is one that takes updates; others are for the caller to load.
        @raise ZoneFileError: the zone has errors.
        @raise OSError: the file cannot be read.
        """
        zone: Zone | None = getattr(authority, "zone", None)
        known: Any = None if zone is None else self._authorities.get(zone.apex)
        if zone is None or known is not authority:
            return False
        if zone.apex in self._writing:
            self._write(authority)
        stamp = _stampOf(authority)
        loaded = authority.reloaded()
        self._stamps[zone.apex] = stamp
        new = loaded.zone
        if new is not None and not isNewer(new.serial, zone.serial) and new.nodes != zone.nodes:
            path = os.path.realpath(os.fsdecode(authority.filename))
            aside = f"{path}.edited"
            with suppress(OSError):
                shutil.copy2(path, aside)
            log.msg(
                f"{zone.origin}: serial {zone.serial} of an update counts, as the file has no newer one than"
                f" {new.serial}; what it said is in {aside}"
            )
            self._writeLater(authority)
        else:
            authority.adopt(loaded)
        return True

    def close(self) -> None:
        """Write what is still to be written."""
        for apex in list(self._writing):
            self._write(self._authorities[apex])


def _stampOf(authority: Any) -> Any:
    """What tells an authority's file from others; C{None} if there is none."""
    try:
        found = os.stat(authority.filename) if authority.filename else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size, found.st_ino)
