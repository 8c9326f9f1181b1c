"""The seams of the engine: what a record, a resolver and a zone have to provide."""

from __future__ import annotations

from zope.interface import Attribute, Interface

__all__ = ["IEncodable", "IEncodableRecord", "IRecord"]


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
