"""Who may do something: clients in certain networks, and those who hold certain keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from txnames.protocol.networks import LOCAL_NETWORKS, Networks
from txnames.protocol.request import Request
from txnames.wire.name import Name

__all__ = ["AccessList"]

_KEY: Final = "key:"
_EVERYBODY: Final = ("0.0.0.0/0", "::/0")


class AccessList:
    """Networks and keys; a client that is in one of the networks, or signs by one of the keys, may.

    @ivar networks: the networks.
    @ivar keys: the names of the keys, folded and in wire form.
    """

    def __init__(self, items: Iterable[str] = ()) -> None:
        """Take the items: networks or addresses, C{key:NAME}, C{any}, or C{local} for what is near.

        @raise ValueError: an item is none of these; the message says which.
        """
        networks: list[str] = []
        keys: list[bytes] = []
        for item in items:
            if item.lower().startswith(_KEY):
                keys.append(Name(item[len(_KEY) :]).folded)
            elif item.lower() in ("any", "local"):
                networks += _EVERYBODY if item.lower() == "any" else LOCAL_NETWORKS
            else:
                networks.append(item)
        self.networks = Networks(networks)
        self.keys = frozenset(keys)

    def allows(self, request: Request) -> bool:
        """Whether the client of a request may; a request whose signature was wrong never comes this far."""
        if request.key is not None and request.key.folded in self.keys:
            return True
        # Who has no address is within this process.
        return request.address is None or request.address[0] in self.networks

    def __bool__(self) -> bool:
        return bool(self.networks.networks or self.keys)

    def __repr__(self) -> str:
        keys = [f"{_KEY}{Name.fromWire(key)}" for key in sorted(self.keys)]
        return f"<AccessList {' '.join([*map(str, self.networks.networks), *keys])}>"
