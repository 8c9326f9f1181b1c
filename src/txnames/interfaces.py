"""The seams of the engine: what a record, a resolver and a zone have to provide."""

from __future__ import annotations

from zope.interface import Attribute, Interface

__all__ = [
    "ICache",
    "IEncodable",
    "IEncodableRecord",
    "IRecord",
    "IRecursiveResolver",
    "IRequestResolver",
    "IResponder",
    "IZoneSource",
]


class IEncodable(Interface):
    """What can be written to a message and read from it."""

    def encode(strio, compDict=None):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Write the octets to a binary stream.

        @param compDict: earlier names of the message, by which to compress; C{None} for no compression.
        """

    def decode(strio, length=None):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Take the value that stands in a binary stream where it is.

        @param length: the octets that the value has, where the octets themselves don't tell.
        """


class IRecord(Interface):
    """The data of a resource record."""

    TYPE = Attribute("The number of the type (RFC 1035 section 3.2.2).")


class IEncodableRecord(IEncodable, IRecord):
    """The data of a resource record that can be written and read."""


class IRequestResolver(Interface):
    """A resolver that wants to know who asks: the richer sibling of Twisted's C{IResolver}, which stays valid."""

    def resolveRequest(request):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Answer a request.

        @param request: a L{txnames.protocol.request.Request}: the question, the client's address, the transport, EDNS
            and the time by which the answer is wanted.
        @return: what C{IResolver.query} gives (three lists of records, most often with the attributes of
            L{txnames.zone.answer.Sections}), or a Deferred or coroutine of it.  Failures mean what they mean there: a
            plain C{DomainError} lets the next resolver answer.
        """


class IRecursiveResolver(IRequestResolver):
    """A resolver that asks servers on behalf of its clients.

    A chain of resolvers passes it over for a request that doesn't want recursion, or whose client may not have it.
    """


class ICache(Interface):
    """A resolver that remembers what others answered.

    A chain of resolvers passes it over for a client that may not have recursion, and gives it what the resolvers
    behind it answer.  What it does not know is a plain C{DomainError}.
    """

    def cacheResult(query, payload, cacheTime=None):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Remember the answer to a question.

        @param payload: a L{txnames.zone.answer.Sections} that is not C{cached}, or three plain lists of records.
        @param cacheTime: when it was received, in seconds on the reactor's clock; by default now.
        """

    def cacheFailure(query, failure):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Remember a failure, where that may be: that a name does not exist, or that nobody could say.

        A failure whose C{sections} are C{cached} is not given to a cache: it came from one.

        @return: C{None}, or an answer that is past its time, to be given in place of the failure (RFC 8767).
        """


class IZoneSource(Interface):
    """A resolver that answers from one zone and from nothing else.

    A chain of resolvers gathers the zones of all its sources, so that the most specific one answers whatever the order
    in which they were loaded, and aliases are followed from one into another.
    """

    zone = Attribute(
        "The L{txnames.zone.tree.Zone} as it is now: each version is a value that never changes. C{None} if there is"
        " none now, or if this resolver's own C{query} has to be asked, for a subclass answers otherwise."
    )

    def watch(changed):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Have a function without arguments called each time after C{zone} became another."""


class IResponder(Interface):
    """What answers requests as they stand on the wire, whatever brought them."""

    def respond(octets, address, transport):  # type: ignore[no-untyped-def]  # reason: an interface's method
        """Answer a request.

        @param octets: the request, a whole message.
        @param address: the client's host and port.
        @param transport: how it came: C{"udp"} or C{"tcp"}.
        @return: a Deferred of the octets of the reply, or of C{None} if there is none.
        """
