"""Host names: what is left of the names of RFC 952 and RFC 1123 section 2.1 among those that the DNS can hold.

Labels of a host name have letters, digits and hyphens, and no hyphen at either end.  BIND refuses a zone where a name
that should be one is not; NSD and Knot DNS take any.
"""

from __future__ import annotations

import re
from typing import Final

from txnames.wire.numbers import AAAA, MX, A

__all__ = ["isHostname", "ownsLikeHost"]

_label: Final = re.compile(rb"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?").fullmatch


def _kind(octet: int) -> bytes:
    """What an octet of a name in wire form is likely to be."""
    if octet < 32:
        return b"<"
    character = bytes([octet])
    return character if character == b"-" else b"x" if character.isalnum() else b"!"


# Most names are found to be host names by a look at their octets alone: those of labels, and the lengths of short ones.
_kinds: Final = b"".join(map(_kind, range(256)))

# Where names of domain controllers are looked up; an address is allowed there.
_controllers: Final = b"\2gc\6_msdcs"


def isHostname(name: bytes) -> bool:
    """Whether a name in wire form is that of a host; the root is too.

    What stands behind the name is not looked at, but may make the answer come later.
    """
    kinds = name.translate(_kinds)
    if not (b"!" in kinds or b"<-" in kinds or b"-<" in kinds):
        return True
    position = 0
    while length := name[position]:
        end = position + 1 + length
        if _label(name, position + 1, end) is None:
            return False
        position = end
    return True


def ownsLikeHost(owner: bytes, type: int) -> bool:
    """Whether a name may have records of a type, as far as the type is one for hosts: A, AAAA and MX; wildcards may.

    @param owner: in wire form and lower case.
    """
    if type not in (A, AAAA, MX) or isHostname(owner):
        return True
    if owner[:2] == b"\1*":
        return isHostname(owner[2:])
    return type == A and owner.startswith(_controllers)
