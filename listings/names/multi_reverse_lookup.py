"""Print the names of some addresses, IPv4 and IPv6, which are all looked up at once.

Run it as ``python multi_reverse_lookup.py SERVER PORT ADDRESS...``.
"""

import ipaddress
import sys

from twisted.internet import defer, task

from txnames import client, error


async def nameOf(resolver: client.Resolver, address: str) -> str:
    """The name of an address, or why there is none."""
    try:
        answers, _, _ = await resolver.lookupPointer(ipaddress.ip_address(address))
    except error.DomainError as reason:
        return str(reason)
    return ", ".join(str(answer.payload.name) for answer in answers) or "no name"


async def look(resolver: client.Resolver, addresses: tuple[str, ...]) -> None:
    """Look all up, and print the names in the order of the addresses."""
    lookups = [defer.ensureDeferred(nameOf(resolver, address)) for address in addresses]
    for address, lookup in zip(addresses, lookups, strict=True):
        print(f"{address}: {await lookup}")


def main(reactor: object, server: str, port: str, *addresses: str) -> defer.Deferred[None]:
    """Run until all is printed."""
    return defer.ensureDeferred(look(client.Resolver(servers=[(server, int(port))]), addresses))


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
