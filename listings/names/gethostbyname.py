"""Print an address of a host.

Run it as ``python gethostbyname.py HOST [SERVER PORT]``; without a server, the hosts file and resolv.conf are used.
"""

import sys

from twisted.internet import defer, task

from txnames import client


def main(reactor: object, host: str, *server: str) -> defer.Deferred[None]:
    """Look the host up, and print what is found."""
    resolver = client.createResolver(servers=[(server[0], int(server[1]))] if server else None)
    return resolver.getHostByName(host).addCallback(print)


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
