"""Print the name of an address, IPv4 or IPv6.

Run it as ``python reverse_lookup.py ADDRESS [SERVER PORT]``; without a server, those of resolv.conf are asked.
"""

import ipaddress
import sys

from twisted.internet import defer, task

from txnames import client


async def look(resolver: client.Resolver, address: str) -> None:
    """Look the address up, and print its names."""
    answers, _, _ = await resolver.lookupPointer(ipaddress.ip_address(address))
    for answer in answers:
        print(answer.payload.name)


def main(reactor: object, address: str, *server: str) -> defer.Deferred[None]:
    """Run until all is printed."""
    if server:
        resolver = client.Resolver(servers=[(server[0], int(server[1]))])
    else:
        resolver = client.Resolver(resolv="/etc/resolv.conf")
    return defer.ensureDeferred(look(resolver, address))


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
