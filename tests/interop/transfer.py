"""Fetches whole zones from the daemons, to see what they have read from a zone file."""

import socket
import struct
from typing import BinaryIO

from .corpus import wireName
from .replies import Row, readName, readRow
from .servers import HOST

_AXFR = 252
_SOA = 6


def transferred(port: int, origin: str) -> frozenset[Row] | None:
    """All records of a zone by AXFR (RFC 5936), the SOA once; None where it's refused."""
    query = struct.pack("!6H", 7, 0, 1, 0, 0, 0) + wireName(origin) + struct.pack("!2H", _AXFR, 1)
    rows: set[Row] = set()
    with socket.create_connection((HOST, port), 5.0) as tcp:
        tcp.sendall(struct.pack("!H", len(query)) + query)
        with tcp.makefile("rb") as stream:
            ends = 0
            while ends < 2:
                found = _message(stream)
                if found is None:
                    return None
                ends += sum(row[1] == _SOA for row in found)
                rows.update(found)
    return frozenset(rows)


def _message(stream: BinaryIO) -> list[Row] | None:
    """The records of the next message; None at the end or where it's an error."""
    size = stream.read(2)
    wire = stream.read(int.from_bytes(size, "big"))[2:]  # without the ID, as everywhere here
    if len(wire) < 10 or wire[1] & 15:
        return None
    questions, answers = struct.unpack_from("!2H", wire, 2)
    offset = 10
    for _ in range(questions):
        offset = readName(wire, offset)[1] + 4
    rows = []
    for _ in range(answers):
        row, offset = readRow(wire, offset)
        rows.append(row)
    return rows
