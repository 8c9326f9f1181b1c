"""Print the addresses, mail exchanges and name servers of a domain.

Run it as ``python testdns.py DOMAIN [SERVER PORT]``; without a server, those of resolv.conf are asked.
"""

import sys

from twisted.internet import defer, task

from txnames import client, error


async def look(resolver: client.Resolver, domain: str) -> None:
    """Ask three questions at once, and print what is answered."""
    asked = {
        "Addresses": resolver.lookupAddress(domain),
        "Mail exchanges": resolver.lookupMailExchange(domain),
        "Name servers": resolver.lookupNameservers(domain),
    }
    for title, lookup in asked.items():
        print(f"{title} of {domain}:")
        try:
            answers, _, _ = await lookup
        except error.DomainError as reason:
            print(f"  {reason}")
        else:
            for answer in answers:
                print(f"  {answer.payload.toText()}")


def main(reactor: object, domain: str, *server: str) -> defer.Deferred[None]:
    """Run until all is printed."""
    if server:
        resolver = client.Resolver(servers=[(server[0], int(server[1]))])
    else:
        resolver = client.Resolver(resolv="/etc/resolv.conf")
    return defer.ensureDeferred(look(resolver, domain))


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
