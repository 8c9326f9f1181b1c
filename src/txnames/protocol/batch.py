"""A UDP port that reads and writes many datagrams at a time, where the system can do that (recvmmsg, sendmmsg).

For a server that answers from memory, most of the time goes into the calls to the system; one call for a batch of
datagrams saves most of that.  The memory that the system reads into and writes from is laid out once, and handed to it
by address; this only works where its structures look as L{_FORM} says, which is why L{isAvailable} asks.

Each time that the port wakes, it reads one batch, has each datagram answered, and sends all replies that are ready;
other descriptors have their turn then.  A reply for which the system has no room is dropped, as datagrams are, and
counted.
"""

from __future__ import annotations

import ctypes
import errno
import socket
import sys
from typing import Any, Final

from twisted.python import log

from txnames.protocol.port import ReturnAddress, ServerPort, sourceOf

__all__ = ["BatchPort", "isAvailable"]

_BATCH: Final = 64
_SIZE: Final = 4096
"""The octets of the largest datagram."""

_NAME: Final = 32
_CONTROL: Final = 64
"""The octets that the address of a peer, and what the system says of a datagram, have room for."""

_FORM: Final = 8
"""A C{struct mmsghdr} of 64-bit Linux: so many words of 64 bits, of which the ones below are of interest."""

_PEER, _PEER_SIZE, _VECTOR, _VECTORS, _CONTROLS, _CONTROL_SIZE, _LENGTH = 0, 1, 2, 3, 4, 5, 7

_HEAD: Final = 16
"""The octets of a C{struct cmsghdr}: its size in 64 bits, the level and the type in 32 each."""

_HOSTS: Final = 4096
_DONT_WAIT: Final = getattr(socket, "MSG_DONTWAIT", 0)


def _functions() -> tuple[Any, Any] | None:
    """The functions of the system; C{None} where they aren't there, or look different."""
    if sys.platform != "linux" or sys.byteorder != "little" or ctypes.sizeof(ctypes.c_void_p) != 8:
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
        read, write = library.recvmmsg, library.sendmmsg
    except (OSError, AttributeError):
        return None
    read.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
    write.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    read.restype = write.restype = ctypes.c_int
    return read, write


_system: Final = _functions()


def isAvailable() -> bool:
    """Whether this system can read and write batches as it is done here."""
    return _system is not None


class _Slots:
    """Memory for a batch of datagrams in one direction.

    @ivar words: the headers, a view of 64-bit words.
    @ivar vectors: where the datagrams lie and how long they are, two words for each.
    @ivar data: the datagrams.
    @ivar address: of the headers, for the system.
    """

    def __init__(self) -> None:
        self._headers = (ctypes.c_uint64 * (_FORM * _BATCH))()
        self._vectors = (ctypes.c_uint64 * (2 * _BATCH))()
        self._data = ctypes.create_string_buffer(_SIZE * _BATCH)
        self.address = ctypes.addressof(self._headers)
        self.words = memoryview(self._headers).cast("B").cast("Q")
        self.vectors = memoryview(self._vectors).cast("B").cast("Q")
        self.data = memoryview(self._data).cast("B")
        data, vectors = ctypes.addressof(self._data), ctypes.addressof(self._vectors)
        for number in range(_BATCH):
            self.vectors[2 * number] = data + number * _SIZE
            self.vectors[2 * number + 1] = _SIZE
            self.words[_FORM * number + _VECTOR] = vectors + 16 * number
            self.words[_FORM * number + _VECTORS] = 1


class BatchPort(ServerPort):
    """A UDP port that reads and writes batches.

    Its protocol is a L{txnames.protocol.datagram.DNSDatagramProtocol}: replies come from what its C{recaller} gives, if
    that knows them, or its C{receiver}; datagrams that are no requests are given to C{datagramReceived}.

    @ivar dropped: how many replies the system had no room for.
    """

    def __init__(self, bound: socket.socket, protocol: Any, reactor: Any, knowsDestination: bool) -> None:
        """Take a socket over.

        @param knowsDestination: whether the socket is set up so that each datagram says to which address it came; see
            L{txnames.protocol.port.boundSocket}.
        """
        ServerPort.__init__(self, bound, protocol, _SIZE, reactor)
        self.dropped = 0
        self._knows = knowsDestination
        self._in, self._out = _Slots(), _Slots()
        self._names = ctypes.create_string_buffer(_NAME * _BATCH)
        self._controls = ctypes.create_string_buffer(_CONTROL * _BATCH)
        self._nameView = memoryview(self._names).cast("B")
        self._controlView = memoryview(self._controls).cast("B")
        self._isIPv6 = bound.family == socket.AF_INET6
        self._nameSize = 28 if self._isIPv6 else 16
        self._hosts: dict[bytes, str] = {}
        names, controls = ctypes.addressof(self._names), ctypes.addressof(self._controls)
        for number in range(_BATCH):
            word = _FORM * number
            self._in.words[word + _PEER] = names + number * _NAME
            self._in.words[word + _PEER_SIZE] = self._nameSize
            self._in.words[word + _CONTROLS] = controls + number * _CONTROL if knowsDestination else 0

    def doRead(self) -> None:
        """Answer a batch of datagrams."""
        assert _system is not None
        read, write = _system
        words = self._in.words
        if self._knows:
            for number in range(_BATCH):
                words[_FORM * number + _CONTROL_SIZE] = _CONTROL
        descriptor = self.socket.fileno()
        count = read(descriptor, self._in.address, _BATCH, _DONT_WAIT, None)
        if count <= 0:
            return
        protocol = self.protocol
        recall = protocol.recaller()
        receive = protocol.receiver(recall is not None)
        data, out = self._in.data, self._out
        outWords, outVectors, outData = out.words, out.vectors, out.data
        ready = 0
        for number in range(count):
            start = number * _SIZE
            word = _FORM * number
            datagram = bytes(data[start : start + (words[word + _LENGTH] & 0xFFFFFFFF)])
            reply = None if recall is None else recall(datagram[2:])
            if reply is not None:
                reply = datagram[:2] + reply
            else:
                address = self._addressOf(number)
                try:
                    if receive is None or len(datagram) <= 2 or datagram[2] >= 0x80:
                        protocol.datagramReceived(datagram, address)
                    else:
                        reply = receive(datagram, protocol, address)
                except BaseException:
                    log.err()
                    continue
                if not reply:
                    continue
            size = len(reply)
            if size > _SIZE:
                self.dropped += 1
                continue
            begin = ready * _SIZE
            outData[begin : begin + size] = reply
            outVectors[2 * ready + 1] = size
            other = _FORM * ready
            outWords[other] = words[word]
            outWords[other + _PEER_SIZE] = words[word + _PEER_SIZE]
            if self._knows:
                self._sendFrom(number, other)
            ready += 1
        sent = 0
        while sent < ready:
            done = write(descriptor, out.address + 8 * _FORM * sent, ready - sent, _DONT_WAIT)
            if done > 0:
                sent += done
            elif ctypes.get_errno() in (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS):
                self.dropped += ready - sent
                break
            else:
                # This one cannot be sent; the others perhaps.
                self.dropped += 1
                sent += 1

    def reply(self, datagram: bytes, address: Any) -> None:
        """Send a reply that comes later.

        @raise OSError: it cannot be sent.
        """
        if isinstance(address, ReturnAddress):
            ServerPort.reply(self, datagram, address)
        else:
            self.socket.sendto(datagram, address)

    def _addressOf(self, number: int) -> tuple[str, int]:
        """The address of the peer of a datagram."""
        start = number * _NAME
        name = bytes(self._nameView[start : start + self._nameSize])
        port = name[2] << 8 | name[3]
        raw = name[8:24] if self._isIPv6 else name[4:8]
        host = self._hosts.get(raw)
        if host is None:
            if len(self._hosts) >= _HOSTS:
                self._hosts.clear()
            host = self._hosts[raw] = socket.inet_ntop(socket.AF_INET6 if self._isIPv6 else socket.AF_INET, raw)
        if not self._knows:
            return host, port
        address = ReturnAddress((host, port))
        address.source = self._sourceOf(number)
        scope = int.from_bytes(name[24:28], "little") if self._isIPv6 else 0
        flow = int.from_bytes(name[4:8], "big") if self._isIPv6 else 0
        address.peer = (host, port, flow, scope) if self._isIPv6 else (host, port)
        return address

    def _control(self, number: int) -> tuple[int, int, int, int] | None:
        """What the system says of a datagram: where its data begins and ends, the level and the type."""
        size = self._in.words[_FORM * number + _CONTROL_SIZE]
        start = number * _CONTROL
        if size < _HEAD:
            return None
        view = self._controlView
        end = start + int.from_bytes(view[start : start + 8], "little")
        level = int.from_bytes(view[start + 8 : start + 12], "little")
        kind = int.from_bytes(view[start + 12 : start + 16], "little")
        return start + _HEAD, end, level, kind

    def _sourceOf(self, number: int) -> Any:
        """What has a reply leave from the address to which a datagram came."""
        found = self._control(number)
        if found is None:
            return ()
        start, end, level, kind = found
        return sourceOf(level, kind, bytes(self._controlView[start:end]))

    def _sendFrom(self, number: int, word: int) -> None:
        """Have the reply to a datagram, whose header begins at a word, leave from the address to which that came."""
        source = self._sourceOf(number)
        words = self._out.words
        if not source:
            words[word + _CONTROLS] = words[word + _CONTROL_SIZE] = 0
            return
        found = self._control(number)
        assert found is not None
        start, end, _, _ = found
        ((_, _, data),) = source
        self._controlView[start:end] = data
        words[word + _CONTROLS] = self._in.words[_FORM * number + _CONTROLS]
        words[word + _CONTROL_SIZE] = socket.CMSG_SPACE(end - start)
