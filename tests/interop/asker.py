"""Asks a server many questions quickly: pipelined over one UDP socket or one TCP connection."""

import socket
import struct
import time
from collections.abc import Sequence
from enum import Enum

from .servers import HOST

#: Questions that are on their way at the same time.
WINDOW = 64
#: Seconds without any reply after which the outstanding UDP questions are sent again.
RETRY_AFTER = 1.0
#: How often a question is sent before it counts as unanswered.
TRIES = 4


class Transport(Enum):
    """How a question travels."""

    UDP = "udp"
    EDNS = "udp+edns"
    TCP = "tcp"


_OPT = b"\x00" + struct.pack("!HHIH", 41, 1232, 0, 0)


def question(qname: bytes, qtype: int, qclass: int, transport: Transport) -> bytes:
    """A query without its ID: header, question, and OPT (1232 octets) with Transport.EDNS."""
    edns = transport is Transport.EDNS
    head = struct.pack("!HHHHH", 0, 1, 0, 0, int(edns))
    return head + qname + struct.pack("!HH", qtype, qclass) + (_OPT if edns else b"")


def askUDP(port: int, queries: Sequence[bytes]) -> list[bytes | None]:
    """The reply to each query, both without ID; None where no reply came."""
    replies: list[bytes | None] = [None] * len(queries)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        udp.connect((HOST, port))
        udp.settimeout(RETRY_AFTER)
        waiting: dict[int, int] = {}  # ID -> number of times sent
        sent = 0
        while sent < len(queries) or waiting:
            while sent < len(queries) and len(waiting) < WINDOW:
                waiting[sent] = 1
                udp.send(struct.pack("!H", sent & 0xFFFF) + queries[sent])
                sent += 1
            try:
                data = udp.recv(65535)
            except (TimeoutError, ConnectionRefusedError):
                for number, count in list(waiting.items()):
                    if count >= TRIES:
                        del waiting[number]
                    else:
                        waiting[number] = count + 1
                        udp.send(struct.pack("!H", number & 0xFFFF) + queries[number])
                continue
            ident = int.from_bytes(data[:2], "big")
            for number in waiting:
                if number & 0xFFFF == ident:
                    del waiting[number]
                    replies[number] = data[2:]
                    break
    return replies


def askTCP(port: int, queries: Sequence[bytes]) -> list[bytes | None]:
    """As `askUDP`, over one TCP connection; a closed connection is opened again, TRIES times."""
    replies: list[bytes | None] = [None] * len(queries)
    todo = list(range(len(queries)))
    for _ in range(TRIES):
        _pipeline(port, queries, todo, replies)
        todo = [n for n in todo if replies[n] is None]
        if not todo:
            break
    return replies


def _pipeline(port: int, queries: Sequence[bytes], todo: list[int], replies: list[bytes | None]) -> None:
    """Ask the questions of these numbers until all are answered or the connection ends."""
    deadline = time.monotonic() + 20 + len(todo) / 500
    waiting: dict[int, int] = {}  # ID -> number
    pending = iter(todo)
    left = len(todo)
    with socket.create_connection((HOST, port), 5.0) as tcp:
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = bytearray()
        try:
            while left and time.monotonic() < deadline:
                batch = bytearray()
                while len(waiting) < WINDOW and (number := next(pending, None)) is not None:
                    ident = number & 0xFFFF
                    waiting[ident] = number
                    batch += struct.pack("!HH", len(queries[number]) + 2, ident) + queries[number]
                if batch:
                    tcp.sendall(batch)
                data = tcp.recv(1 << 18)
                if not data:
                    return
                buffer += data
                position = 0
                while len(buffer) - position >= 2:
                    end = position + 2 + int.from_bytes(buffer[position : position + 2], "big")
                    if end > len(buffer):
                        break
                    ident = int.from_bytes(buffer[position + 2 : position + 4], "big")
                    found = waiting.pop(ident, None)
                    if found is not None:
                        replies[found] = bytes(buffer[position + 4 : end])
                        left -= 1
                    position = end
                del buffer[:position]
        except (TimeoutError, ConnectionError):
            return


def ask(port: int, transport: Transport, queries: Sequence[bytes]) -> list[bytes | None]:
    """The replies to these queries by one transport."""
    return (askTCP if transport is Transport.TCP else askUDP)(port, queries)
