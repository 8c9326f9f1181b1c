"""Find out which of a thousand names below a domain exist, a hundred at a time.

Run it as ``python subdomain_scan.py DOMAIN SERVER PORT``.  The names are n0, n1 and so on; what is found is printed,
the progress goes to the standard error.
"""

import sys
from collections.abc import Iterator
from typing import Any

from twisted.internet import defer, task

from txnames import client, error

NAMES = 1000
AT_ONCE = 100


class Scan:
    """Asks for names, and counts."""

    def __init__(self, resolver: client.Resolver, domain: str) -> None:
        self.resolver = resolver
        self.domain = domain
        self.done = 0

    async def look(self, name: str) -> None:
        """Ask for one name."""
        try:
            answers, _, _ = await self.resolver.lookupAddress(name)
        except error.DomainError:
            pass
        else:
            for answer in answers:
                print(answer.name, answer.payload.toText())
        self.done += 1
        print(f"\r{self.done} of {NAMES}", end="", file=sys.stderr)

    def lookups(self) -> Iterator[defer.Deferred[None]]:
        """All lookups; each begins when it is taken."""
        for number in range(NAMES):
            yield defer.ensureDeferred(self.look(f"n{number}.{self.domain}"))


def main(reactor: object, domain: str, server: str, port: str) -> defer.Deferred[Any]:
    """Run until all names were asked for."""
    cooperator = task.Cooperator()
    lookups = Scan(client.Resolver(servers=[(server, int(port))]), domain).lookups()
    # All workers take from the same lookups, so that never more than these are on their way.
    return defer.gatherResults([cooperator.coiterate(lookups) for _ in range(AT_ONCE)])


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
