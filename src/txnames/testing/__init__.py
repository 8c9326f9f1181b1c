"""A kit for the tests of programs that use txnames: nothing here waits, and nothing goes over a real network.

L{Network} has hosts, each with a reactor of its own, and a clock that jumps from event to event.  L{Internet} is a
network with name servers, whose answers come from zones and may be odd in many ways (L{txnames.testing.behaviours}).
L{Client} asks a server that has no socket at all.  L{ZoneResolver} answers from a zone.
"""

from txnames.testing.client import TCP, UDP, Client
from txnames.testing.clock import SimulatedClock
from txnames.testing.host import Host
from txnames.testing.internet import Internet
from txnames.testing.nameserver import Asked, Behaviour, Incoming, NameServer, Outgoing
from txnames.testing.network import Network, Packet
from txnames.testing.zoneresolver import ZoneResolver

__all__ = [
    "TCP",
    "UDP",
    "Asked",
    "Behaviour",
    "Client",
    "Host",
    "Incoming",
    "Internet",
    "NameServer",
    "Network",
    "Outgoing",
    "Packet",
    "SimulatedClock",
    "ZoneResolver",
]
