"""Ask one server one question without a resolver: a message goes out, a message comes back.

Run it as ``python low_level_query.py SERVER PORT NAME``.
"""

import sys
from typing import Any

from twisted.internet import defer, task

from txnames import dns


class Controller:
    """Gets the messages that answer nothing that was asked."""

    def messageReceived(self, message: dns.Message, protocol: Any, address: Any = None) -> None:
        """Drop a message."""


async def ask(reactor: Any, server: str, port: int, name: str) -> None:
    """Ask for addresses, and print the message that comes back."""
    protocol = dns.DNSDatagramProtocol(Controller(), reactor)
    message = await protocol.query((server, port), [dns.Query(name, dns.A)], timeout=5)
    print(message)
    await protocol.transport.stopListening()


def main(reactor: Any, server: str, port: str, name: str) -> defer.Deferred[None]:
    """Run until the answer is printed."""
    return defer.ensureDeferred(ask(reactor, server, int(port), name))


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
