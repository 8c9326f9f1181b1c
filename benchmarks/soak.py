"""Ask for many names, and watch whether anything is left behind.

    python benchmarks/soak.py [--lookups 1000000] [--entries 20000]

A process of its own answers on a port of the loopback interface.  A resolver as applications have them (with a cache of
so many entries) asks it, 100 questions in flight; every tenth name was asked for a short while before, so that the
cache answers too.  At ten points, and at the end, a line says how much memory, how many sockets, delayed calls and
Deferreds there are.  The exit status is 1 if memory grew by over a tenth after the cache was full, or if anything is
left at the end.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

from twisted.internet import defer
from twisted.internet import reactor as globalReactor

from txnames import cache, client, resolve

reactor: Any = globalReactor
IN_FLIGHT = 100
OPT = 41


def serve(port: Any) -> None:
    """Answer each question with one address."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    server.bind(("127.0.0.1", 0))
    port.send(server.getsockname()[1])
    answer = struct.pack(">HHHIH4s", 0xC00C, 1, 1, 3600, 4, bytes((192, 0, 2, 1)))
    opt = struct.pack(">xHHIH", OPT, 1232, 0, 0)
    while True:
        query, client = server.recvfrom(4096)
        end = query.index(b"\0", 12) + 5
        edns = query[11:12]
        counts = b"\0\1\0\1\0\0\0" + edns
        server.sendto(query[:2] + b"\x81\x80" + counts + query[12:end] + answer + (opt if edns[0] else b""), client)


def resident() -> int:
    """The memory that this process has, in kilobytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def sockets() -> int:
    """How many sockets this process has open."""
    links = (os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd"))
    return sum(os.path.islink(link) and os.readlink(link).startswith("socket:") for link in links)


def report(label: str, quiet: bool) -> tuple[int, int, int, int]:
    """Print a line, and give its figures."""
    gc.collect()
    deferreds = sum(isinstance(one, defer.Deferred) for one in gc.get_objects())
    figures = resident(), sockets(), len(reactor.getDelayedCalls()), deferreds
    if not quiet:
        print("{:>10}  {:8,} kB  {:4} sockets  {:3} delayed calls  {:6} Deferreds".format(label, *figures), flush=True)
    return figures


def names(count: int) -> Iterator[tuple[int, str]]:
    """The names to ask for, numbered."""
    for number in range(count):
        yield number, f"host{number - 50 if number % 10 == 9 and number > 50 else number}.soak.example"


async def ask(count: int, entries: int, port: int, quiet: bool) -> list[int]:
    """Ask, and give the memory at ten points."""
    asking = client.Resolver(servers=[("127.0.0.1", port)])
    resolver = resolve.ResolverChain([cache.CacheResolver(maximumEntries=entries), asking])
    todo = names(count)
    step = max(1, count // 10)
    memory: list[int] = []

    async def work() -> None:
        for number, name in todo:
            answers, _, _ = await resolver.lookupAddress(name)
            assert answers[0].payload.dottedQuad() == "192.0.2.1"
            if (number + 1) % step == 0:
                memory.append(report(f"{number + 1:,}", quiet)[0])

    await defer.gatherResults([defer.ensureDeferred(work()) for _ in range(IN_FLIGHT)])
    await resolver.close()
    return memory


async def soak(count: int, entries: int, port: int, quiet: bool) -> bool:
    """Ask, and say whether all is well."""
    before = report("before", quiet)
    memory = await ask(count, entries, port, quiet)
    # The reactor lets go of what it closed in its next turns.
    for _ in range(3):
        turn: defer.Deferred[None] = defer.Deferred()
        reactor.callLater(0, turn.callback, None)
        await turn
    after = report("closed", quiet)
    full = memory[min(len(memory) - 1, entries * len(memory) // count + 1)]
    # This coroutine is itself one that waits, with a Deferred or two.
    left = after[1] > before[1] or after[2] > before[2] or after[3] > before[3] + 3
    return memory[-1] <= full * 1.1 and not left


def main() -> int:
    """Do all this."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--lookups", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--quiet", action="store_true")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    results: list[Any] = []

    def begin() -> None:
        done = defer.ensureDeferred(soak(options.lookups, options.entries, ours.recv(), options.quiet))
        done.addBoth(results.append)
        done.addBoth(lambda _: reactor.stop())

    reactor.callWhenRunning(begin)
    reactor.run()
    server.terminate()
    server.join()
    if results[0] is not True:
        print(f"something is left, or has grown: {results[0]}", file=sys.stderr)
    return 0 if results[0] is True else 1


if __name__ == "__main__":
    sys.exit(main())
