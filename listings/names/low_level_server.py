"""A DNS server without zones: its controller answers every question for an address with the same one.

Run it as ``python low_level_server.py [PORT]``; the port is 10053 if none is given.
"""

import sys

from twisted.internet import reactor

from txnames import dns


class CannedAnswers:
    """Controller of a datagram protocol, which calls this method for each message that it receives."""

    def messageReceived(
        self, message: dns.Message, protocol: dns.DNSDatagramProtocol, address: tuple[str, int]
    ) -> None:
        """Answer a query for an A record with 192.0.2.1, and one for anything else with no records."""
        if message.answer or message.opCode != dns.OP_QUERY or len(message.queries) != 1:
            return
        reply = dns.Message(id=message.id, answer=1, auth=True, recDes=message.recDes)
        reply.queries = message.queries
        question = message.queries[0]
        if question.type == dns.A:
            canned = dns.Record_A("192.0.2.1", ttl=60)
            reply.answers = [dns.RRHeader(question.name, dns.A, dns.IN, 60, canned, auth=True)]
        protocol.writeMessage(reply, address)


def main() -> None:
    """Listen on the loopback interface until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 10053
    reactor.listenUDP(port, dns.DNSDatagramProtocol(CannedAnswers()), interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
