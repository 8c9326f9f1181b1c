"""What may be odd about the answers of a name server; see L{txnames.testing.nameserver.Behaviour}.

Each of these is a behaviour, or makes one.  L{NameServer.behaves} takes several: each works on what the one before it
makes, so that C{server.behaves(truncated, slow(2))} is late to say that its answers are too large.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Final

from txnames.protocol.request import UDP
from txnames.testing.nameserver import Behaviour, Incoming, NameServer, Outgoing
from txnames.testing.scripts import record
from txnames.wire.edns import EDNSMessage
from txnames.wire.header import Query
from txnames.wire.name import Name, textFromWire
from txnames.wire.numbers import EFORMAT, ENAME, EREFUSED, OK, typeNumber
from txnames.wire.options import COOKIE, CookieOption
from txnames.zone.tree import inZone, rrsetsAt

__all__ = [
    "BADCOOKIE",
    "NameServer",
    "adds",
    "changed",
    "cookies",
    "deniesEmpty",
    "echoesOPT",
    "forges",
    "hangsUp",
    "ignoresEDNS",
    "lame",
    "loses",
    "lowersCase",
    "minimal",
    "only",
    "refusesEDNS",
    "replies",
    "silent",
    "silentToEDNS",
    "slow",
    "truncated",
    "upward",
]

BADCOOKIE: Final = 23
"""The response code for a cookie that is not the server's (RFC 7873 section 8)."""

_LARGEST_PLAIN: Final = 15


def silent(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Never answer."""
    return []


def silentToEDNS(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Answer only what comes without EDNS."""
    return outgoing if incoming.message.ednsVersion is None else []


def only(
    behaviour: Behaviour,
    *,
    name: str | None = None,
    below: str | None = None,
    type: str | None = None,
    transport: str | None = None,
    when: Callable[[Incoming], bool] | None = None,
) -> Behaviour:
    """A behaviour that shows for some requests only: for those of which all that is given is true.

    @param name: the name that is asked for.
    @param below: a name, at or below which is the one that is asked for.
    @param type: the name of the type that is asked for.
    @param transport: how the request came.
    @param when: called with the request.
    """
    asked = None if name is None else Name(name)
    apex = None if below is None else Name(below).folded
    number = None if type is None else typeNumber(type)

    def behave(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
        query = incoming.message.queries[0]
        meant = (
            asked in (None, query.name)
            and (apex is None or inZone(query.name.folded, apex))
            and number in (None, query.type)
            and transport in (None, incoming.transport)
            and (when is None or when(incoming))
        )
        return behaviour(incoming, outgoing) if meant else outgoing

    return behave


def loses(count: int) -> Behaviour:
    """Lose the first so many requests, and answer all others."""
    left = count

    def behave(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
        nonlocal left
        if not left:
            return outgoing
        left -= 1
        return []

    return behave


def slow(seconds: float) -> Behaviour:
    """Answer so many seconds late."""
    return lambda incoming, outgoing: [one._replace(delay=one.delay + seconds) for one in outgoing]


def hangsUp(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """End a connection on which a question comes, instead of answering it."""
    return outgoing if incoming.transport == UDP else [Outgoing(b"")]


# --- other answers ---


def replies(
    rcode: int = OK,
    *,
    answers: Sequence[str] = (),
    authority: Sequence[str] = (),
    additional: Sequence[str] = (),
    auth: bool = True,
    trunc: bool = False,
    edns: bool = False,
) -> Behaviour:
    """Give this reply to whatever is asked; of the question's name C{@} stands in the owner of a record.

    @param answers: records in text, see L{record}, as are C{authority} and C{additional}.
    @param auth: AA.
    @param trunc: TC.
    @param edns: whether the reply has an OPT record.
    """

    def behave(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
        reply = _replyTo(incoming, rcode, edns)
        reply.auth, reply.trunc = auth, trunc
        own = textFromWire(incoming.message.queries[0].name.wire)
        texts = (answers, authority, additional)
        sections = [[record(own + text[1:] if text[0] == "@" else text) for text in section] for section in texts]
        reply.answers, reply.authority, reply.additional = sections
        return [Outgoing(reply.toStr())]

    return behave


def lame(rcode: int = EREFUSED) -> Behaviour:
    """Know nothing: answer every question by a response code, without records."""
    return replies(rcode, auth=False)


def upward(server: str = "a.root.", address: str | None = None) -> Behaviour:
    """Refer every question to the root.

    @param server: the name of the root's name server.
    @param address: its IPv4 address, which goes along if it is given.
    """
    glue = [] if address is None else [f"{server} A {address}"]
    return replies(auth=False, authority=[f". NS {server}"], additional=glue)


def truncated(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Send by UDP nothing but the word that the answer is too large."""
    return replies(trunc=True)(incoming, outgoing) if incoming.transport == UDP else outgoing


def changed(change: Callable[[EDNSMessage, Incoming], None]) -> Behaviour:
    """Send each reply with a change.

    @param change: called with the reply, to change it, and with the request.
    """

    def behave(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
        made = []
        for one in outgoing:
            message = one.message
            change(message, incoming)
            made.append(one._replace(octets=message.toStr()))
        return made

    return behave


def adds(*, answers: Sequence[str] = (), authority: Sequence[str] = (), additional: Sequence[str] = ()) -> Behaviour:
    """Add records to each reply, whether they are the server's business or not."""
    extra = [[record(text) for text in section] for section in (answers, authority, additional)]

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        reply.answers, reply.authority, reply.additional = (
            [*section, *more]
            for section, more in zip((reply.answers, reply.authority, reply.additional), extra, strict=True)
        )

    return changed(change)


def minimal(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Send no addresses along, not even those without which a referral is of little use."""

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        reply.additional = []

    return changed(change)(incoming, outgoing)


def deniesEmpty(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Say of names that have no records, but names below them that have, that they don't exist (against RFC 8020)."""
    folded = incoming.message.queries[0].name.folded
    if not any(folded in zone.nodes and not rrsetsAt(zone.nodes[folded]) for zone in incoming.server.zones.values()):
        return outgoing

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        reply.rCode = ENAME

    return changed(change)(incoming, outgoing)


# --- EDNS ---


def refusesEDNS(rcode: int = EFORMAT, edns: bool | None = None) -> Behaviour:
    """Answer what comes with EDNS by a response code, without records (RFC 6891 section 7).

    @param edns: whether the reply has an OPT record itself; by default if it is needed to say the code.
    """
    refused = replies(rcode, auth=False, edns=rcode > _LARGEST_PLAIN if edns is None else edns)
    return only(refused, when=lambda incoming: incoming.message.ednsVersion is not None)


def ignoresEDNS(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Answer as if each request had come without EDNS."""
    request = incoming.message
    request.ednsVersion = None
    reply = incoming.server.reply(request.toStr(), incoming.source, incoming.transport)
    return [] if reply is None else [Outgoing(reply)]


def echoesOPT(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Send the request's OPT record back as it is, as servers do that copy what they don't understand."""
    request = incoming.message

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        reply.ednsVersion, reply.options, reply.maxSize = request.ednsVersion, request.options, request.maxSize
        reply.dnssecOK = request.dnssecOK

    return changed(change)(incoming, outgoing)


def cookies(required: bool = False, changing: bool = False) -> Behaviour:
    """Hand out cookies (RFC 7873).

    @param required: answer by UDP only those who show a cookie that is right, if they show any; others get BADCOOKIE.
    @param changing: whether a cookie is right once only.
    """
    handed = 0

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        nonlocal handed
        shown = next((option for option in incoming.message.options if option.code == COOKIE), None)
        if shown is None:
            return
        client = shown.data[:8]
        seed = client + incoming.source[0].encode()
        right = client + blake2b(seed + bytes((handed & 0xFF,)), digest_size=8).digest()
        if changing and shown.data == right:
            handed += 1
        own = blake2b(seed + bytes((handed & 0xFF,)), digest_size=8).digest()
        others = [option for option in reply.options if option.code != COOKIE]
        reply.options = [*others, CookieOption(client, own)]
        if required and incoming.transport == UDP and shown.data != right:
            reply.rCode = BADCOOKIE
            reply.answers, reply.authority, reply.additional = [], [], []

    return changed(change)


# --- what looks like a reply, and should not count ---


def lowersCase(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
    """Send the question back in small letters."""

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        reply.queries = [Query(Name.fromWire(one.name.folded), one.type, one.cls) for one in reply.queries]

    return changed(change)(incoming, outgoing)


def forges(
    *records: str,
    ident: int = 0,
    question: Query | None = None,
    swapped: bool = False,
    source: tuple[str, int] | None = None,
    answer: bool = True,
    genuine: bool = True,
    copies: int = 1,
) -> Behaviour:
    """Send, before the genuine reply, one that is wrong in some way, and tells of other records.

    @param records: its answer section, in text, see L{record}; C{@} stands for the question's name.
    @param ident: what is added to the ID.
    @param question: the question that it repeats, if another.
    @param swapped: whether capital and small letters of the question are swapped.
    @param source: the address that it comes from, if another.
    @param answer: QR.
    @param genuine: whether the genuine reply follows.
    @param copies: how often it is sent, each with another ID if C{ident} is not 0.
    """
    make = replies(answers=records)

    def change(reply: EDNSMessage, incoming: Incoming) -> None:
        reply.id = (reply.id + ident) & 0xFFFF
        reply.answer = answer
        if question is not None:
            reply.queries = [question]
        if swapped:
            reply.queries = [Query(Name(one.name.name.swapcase()), one.type, one.cls) for one in reply.queries]

    def behave(incoming: Incoming, outgoing: list[Outgoing]) -> list[Outgoing]:
        forged = [one._replace(source=source) for one in changed(change)(incoming, make(incoming, []))]
        if ident and copies > 1:
            forged = [
                one._replace(octets=((one.message.id + count) & 0xFFFF).to_bytes(2, "big") + one.octets[2:])
                for one in forged
                for count in range(copies)
            ]
        else:
            forged *= copies
        return [*forged, *(outgoing if genuine else ())]

    return behave


def _replyTo(incoming: Incoming, rcode: int, edns: bool) -> EDNSMessage:
    """A reply without records."""
    request = incoming.message
    reply = EDNSMessage(request.id, answer=True, rCode=rcode, recDes=request.recDes, maxSize=1232)
    reply.ednsVersion = 0 if edns else None
    reply.opCode, reply.checkingDisabled = request.opCode, request.checkingDisabled
    reply.queries = list(request.queries)
    return reply
