"""Print where a service of a domain is: the hosts and ports of its SRV records, in the order in which to try them.

Run it as ``python dns_service.py SERVICE PROTOCOL DOMAIN [SERVER PORT]``, such as ``dns_service.py xmpp-server tcp
example-domain.com``; without a server, those of resolv.conf are asked.
"""

import sys

from twisted.internet import defer, task

from txnames import client, error


async def look(resolver: client.Resolver, service: str, protocol: str, domain: str) -> None:
    """Ask, and print a line for each place."""
    name = f"_{service}._{protocol}.{domain}"
    try:
        answers, _, _ = await resolver.lookupService(name)
    except error.DomainError as reason:
        print(f"{name}: {reason}")
        return
    places = [answer.payload for answer in answers]
    # The lower the priority the earlier; among equal ones the weights say how often each is to be tried first.
    for place in sorted(places, key=lambda place: (place.priority, -place.weight)):
        target = place.target.name.decode("ascii", "backslashreplace")
        if target:
            print(f"{target} port {place.port}")
        else:
            print(f"{domain} says that it has no such service")


def main(reactor: object, service: str, protocol: str, domain: str, *server: str) -> defer.Deferred[None]:
    """Run until all is printed."""
    if server:
        resolver = client.Resolver(servers=[(server[0], int(server[1]))])
    else:
        resolver = client.Resolver(resolv="/etc/resolv.conf")
    return defer.ensureDeferred(look(resolver, service, protocol, domain))


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
