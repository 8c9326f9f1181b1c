"""What a response of a name server means, and which of its records are to be believed.

A server is believed for the zone for which it was asked, and for names in it only.  Of the answer section that is what
leads from the question on by way of aliases; of the authority section the SOA record of what does not exist, or the
servers of a zone further down; of the additional section these servers' addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs

from txnames.records.alias import Record_CNAME
from txnames.wire.header import RRHeader
from txnames.wire.name import MAX_NAME, Name
from txnames.wire.numbers import (
    AAAA,
    ALL_RECORDS,
    CNAME,
    DNAME,
    ENAME,
    EYXDOMAIN,
    IN,
    NS,
    NSEC,
    NSEC3,
    OK,
    RRSIG,
    SOA,
    A,
)

__all__ = ["Answered", "Lame", "Referred", "meaning"]

_ALIASES: Final = 16
"""How many aliases are followed within one response."""

_PROOFS: Final = (SOA, NSEC, NSEC3)
"""What proves that something does not exist, with signatures of these types."""


@attrs.frozen
class Answered:
    """An answer.

    @ivar rcode: NOERROR, NXDOMAIN or YXDOMAIN.
    @ivar records: the aliases from the question on, and what was asked for.
    @ivar authority: the SOA record of the zone in which something does not exist, and what proves that or the answer.
    @ivar target: the name at which the search goes on elsewhere; C{None} where this is the end.
    @ivar authoritative: whether the server is responsible (AA).
    """

    rcode: int
    records: list[RRHeader]
    authority: list[RRHeader]
    target: Name | None
    authoritative: bool


@attrs.frozen
class Referred:
    """A referral.

    @ivar zone: the zone further down.
    @ivar servers: the NS records.
    @ivar addresses: those of their addresses that come from who may know them.
    """

    zone: Name
    servers: list[RRHeader]
    addresses: list[RRHeader]


@attrs.frozen
class Lame:
    """A response that is of no use: this server does not serve the zone.

    @ivar reason: why that is so.
    """

    reason: str


def meaning(
    message: Any, rcode: int, name: Name, type: int, zone: Name, responsible: bool, dnssecOK: bool
) -> Answered | Referred | Lame:
    """Say what a response means.

    @param message: the response, decoded.
    @param rcode: its response code, 12 bits.
    @param name: the name that was asked for.
    @param zone: the zone whose server was asked.
    @param responsible: whether that server should be responsible for the zone, and not one who asks others.
    @param dnssecOK: whether DNSSEC records were wanted.
    """
    if rcode not in (OK, ENAME, EYXDOMAIN):
        return Lame(f"response code {rcode}")
    believed = [record for record in message.answers if record.cls == IN and record.name.isSubdomainOf(zone)]
    records, current, found, tooLong = _chain(believed, name, type, zone, dnssecOK)
    inside = current.isSubdomainOf(zone)
    authority = [record for record in message.authority if record.cls == IN]
    soas = [
        record
        for record in authority
        if record.type == SOA and current.isSubdomainOf(record.name) and record.name.isSubdomainOf(zone)
    ]
    proof = [one for one in authority if dnssecOK and _covered(one) in _PROOFS and one.name.isSubdomainOf(zone)]
    authoritative = bool(message.auth)
    if tooLong:
        return Answered(EYXDOMAIN, records, [], None, authoritative)
    if found:
        # For what a wildcard gave, the proof is that there is nothing closer (RFC 4035 section 3.1.3.3).
        return Answered(OK, records, proof, None, authoritative)
    if not inside:
        return Answered(OK, records, proof, current, authoritative)
    if rcode == ENAME:
        return Answered(ENAME, records, [*soas, *proof], None, authoritative)
    if records:
        # Unless the zone says that there is nothing at the alias's target, it is asked for.
        return Answered(OK, records, [*soas, *proof], None if soas else current, authoritative)
    servers = [record for record in authority if record.type == NS]
    if soas or (authoritative and not servers):
        return Answered(OK, [], [*soas, *proof], None, authoritative)
    down = [record for record in servers if name.isSubdomainOf(record.name) and record.name.isSubdomainOf(zone)]
    down = [record for record in down if record.name != zone and record.name == down[0].name]
    if down and not responsible:
        return Lame("a referral of one who should find the answer")
    if down:
        names = {record.payload.name.folded for record in down}
        addresses = [
            record
            for record in message.additional
            if record.cls == IN and record.type in (A, AAAA)
            if record.name.folded in names and record.name.isSubdomainOf(zone)
        ]
        return Referred(down[0].name, down, addresses)
    if authoritative or (not responsible and not servers):
        return Answered(OK, [], [], None, authoritative)
    return Lame("a referral that leads nowhere" if servers else "neither an answer nor a referral")


def _chain(
    believed: Sequence[RRHeader], name: Name, type: int, zone: Name, dnssecOK: bool
) -> tuple[list[RRHeader], Name, bool, bool]:
    """Follow aliases from a name on.

    @return: the records; the name at the end; whether it has what was asked for; whether a name became too long.
    """
    chain: list[RRHeader] = []
    current = name
    for _ in range(_ALIASES):
        here = [record for record in believed if record.name == current]
        if type == ALL_RECORDS:
            return [*chain, *here], current, bool(here), False
        # A record that is there twice is one record (RFC 2181 section 5).
        wanted = list({record.payload: record for record in here if record.type == type}.values())
        if wanted:
            return [*chain, *wanted, *_signatures(here, type, dnssecOK)], current, True, False
        dnames = [
            record
            for record in believed
            if record.type == DNAME and current.isSubdomainOf(record.name) and current != record.name
        ]
        if dnames:
            dname = dnames[0]
            chain += [dname, *_signatures([one for one in believed if one.name == dname.name], DNAME, dnssecOK)]
            target = current.wire[: -len(dname.name.wire)] + dname.payload.name.wire
            if len(target) > MAX_NAME:
                return chain, current, False, True
            # What the server made of the DNAME record is not needed, and so not believed (RFC 6672 section 3.1).
            following = Name.fromWire(target)
            chain.append(RRHeader(current, CNAME, IN, dname.ttl, Record_CNAME(following.name, ttl=dname.ttl)))
            if type == CNAME:
                return chain, current, True, False
        else:
            aliases = [record for record in here if record.type == CNAME]
            if not aliases:
                break
            chain += [aliases[0], *_signatures(here, CNAME, dnssecOK)]
            following = aliases[0].payload.name
        current = following
        if not current.isSubdomainOf(zone):
            break
    return chain, current, False, False


def _signatures(here: Sequence[RRHeader], type: int, dnssecOK: bool) -> list[RRHeader]:
    """The signatures of the records of a type among those of a name."""
    if not dnssecOK:
        return []
    return [one for one in here if one.type == RRSIG and _covered(one) == type]


def _covered(record: RRHeader) -> int:
    """The type that an RRSIG record covers (RFC 4034 section 3.1.1); of other records, their own."""
    return int.from_bytes(record.payload.rdata[:2], "big") if record.type == RRSIG else record.type
