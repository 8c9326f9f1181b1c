"""The command C{twistd dns}, also known as C{twistd txnames}: its options, and the service that they describe."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from twisted.application.service import IService, MultiService, Service
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.error import CannotListenError
from twisted.python import log, usage

from txnames import authority, server
from txnames.cache import CacheResolver
from txnames.error import ZoneFileError
from txnames.hosts import Resolver as HostsResolver
from txnames.iteration.hints import readHints
from txnames.protocol.listening import ListeningService
from txnames.protocol.networks import Networks
from txnames.recursion import resolversFor
from txnames.resolve import ResolverChain
from txnames.tapreplication import ReplicationOptions, portOf, serverOf, taken
from txnames.wire.name import Name
from txnames.workers import InheritingService, WorkersService

__all__ = ["Options", "ReloadingService", "makeService"]

_MOST_WORKERS = 256


def _workers(text: str) -> int:
    """Take a number of workers.

    @raise ValueError: it is none.
    """
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_WORKERS):
        raise ValueError(f"the number of workers is one from 1 to {_MOST_WORKERS}, not {text!r}")
    return int(text)


class Options(ReplicationOptions):
    """The options of the command.

    @ivar interfaces: the addresses on which to listen; empty for all.
    @ivar zonefiles: the Python zones given, file names.
    @ivar bindfiles: the zone files given, file names.
    @ivar zones: the authorities made of them, in the order in which they were given.
    @ivar svcs: services that run beside the server.
    @ivar forward: the servers that are asked for everything.
    @ivar stubs: the servers that are asked for names below some zones.
    @ivar hints: the addresses of the root's servers; C{None} for those of the Internet.
    @ivar arguments: the arguments that were parsed.
    @ivar allowed: the networks that may have recursion; C{None} for the usual ones.
    """

    synopsis = "[options]"
    longdesc = "Serve DNS zones, and find answers for local clients, over UDP and TCP.  SIGHUP reloads the zones."

    optFlags = (
        ("cache", "c", "Remember answers."),
        ("recursive", "r", "Ask the servers of resolv.conf for what is not known here."),
        ("iterative", None, "Find answers from the root on, rather than to ask others to find them."),
    )
    optParameters: Any = (
        ("port", "p", 53, "The port on which to listen, for both UDP and TCP.", portOf),
        ("resolv-conf", None, None, "The file that says which servers to ask; implies --recursive."),
        ("hosts-file", None, None, "A file with addresses of hosts, which are answered first."),
        ("root-hints", None, None, "A file with the root's servers; implies --iterative."),
        ("workers", None, 1, "How many processes serve.", _workers),
        ("inherit", None, None, "The descriptors of a worker's sockets; for the use of --workers only."),
    )

    def __init__(self) -> None:
        ReplicationOptions.__init__(self)
        self["verbose"] = 0
        self.interfaces: list[str] = []
        self.zonefiles: list[str] = []
        self.bindfiles: list[str] = []
        self.zones: list[Any] = []
        self.forward: list[tuple[str, int]] = []
        self.stubs: dict[str, list[tuple[str, int]]] = {}
        self.allowed: list[str] | None = None
        self.hints: list[str] | None = None
        self._sources: list[tuple[Any, str, str | None]] = []

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Take the options; within C{twistd} what is wrong with them is said in one message, and ends the process.

        @raise usage.UsageError: one is wrong, or a zone cannot be loaded.
        """
        self.arguments = list(options or ())
        try:
            usage.Options.parseOptions(self, options)
        except usage.UsageError as error:
            if self.parent is None:
                raise
            raise SystemExit(f"twistd {self.parent.subCommand}: {error}") from None

    def opt_interface(self, address: str) -> None:
        """An IPv4 or IPv6 address on which to listen; may be repeated.  Without it, on all."""
        if not isIPAddress(address) and not isIPv6Address(address):
            raise usage.UsageError(f"--interface: {address!r} is not an IP address")
        self.interfaces.append(address)

    opt_i = opt_interface

    def opt_pyzone(self, filename: str) -> None:
        """A zone as a Python program, which binds "zone" to a list of records; may be repeated."""
        self.zonefiles.append(filename)
        self._sources.append((authority.PySourceAuthority, os.path.abspath(filename), None))

    def opt_bindzone(self, filename: str) -> None:
        """A zone as a file in the format of BIND, NSD and Knot, or as ORIGIN=FILE; may be repeated."""
        origin = None
        if "=" in filename and not os.path.exists(filename):
            origin, _, filename = filename.partition("=")
        self.bindfiles.append(filename)
        self._sources.append((authority.BindAuthority, os.path.abspath(filename), origin))

    def opt_forward(self, server: str) -> None:
        """IP[:PORT] of a server to ask for what is not known here; may be repeated, implies --recursive."""
        self.forward.append(taken("--forward", serverOf, server))

    def opt_stub(self, stub: str) -> None:
        """ZONE=IP[:PORT] of a server to ask for the names below a zone; may be repeated, implies --recursive."""
        zone, sign, server = stub.partition("=")
        if not sign or not zone:
            raise usage.UsageError(f"--stub: {stub!r} is not of the form ZONE=IP or ZONE=IP:PORT")
        name = str(taken("--stub", Name, zone)) or "."
        self.stubs.setdefault(name, []).append(taken("--stub", serverOf, server))

    def opt_allow_recursion(self, network: str) -> None:
        """A network or address whose clients may have recursion; may be repeated.

        Without it: loopback, link-local and private networks.
        """
        taken("--allow-recursion", Networks, [network])
        self.allowed = [*(self.allowed or ()), network]

    def opt_verbose(self) -> None:
        """Log each request; given twice, log what is in the requests and replies."""
        self["verbose"] += 1

    opt_v = opt_verbose

    def postOptions(self) -> None:
        """Load the zones, and see what other options imply.

        @raise usage.UsageError: a zone or another file cannot be loaded, or options contradict each other.
        """
        if self["root-hints"] is not None:
            self["iterative"] = 1
        if self["iterative"] and (self.forward or self["resolv-conf"] is not None):
            raise usage.UsageError("--iterative asks the servers of the root; --forward and --resolv-conf name others")
        if self["iterative"] or self.forward or self.stubs or self["resolv-conf"] is not None:
            self["recursive"] = 1
        for option in ("resolv-conf", "hosts-file"):
            if self[option] is not None:
                taken(f"--{option}", _readable, self[option])
                # These files and the zones are read again when the process may be in another folder (--rundir).
                self[option] = os.path.abspath(self[option])
        if self["root-hints"] is not None:
            self.hints = taken("--root-hints", _hints, self["root-hints"])
        if self["state-dir"] is not None:
            self["state-dir"] = os.path.abspath(self["state-dir"])
        self.takeReplication()
        if self["workers"] > 1 and self.replicates:
            raise usage.UsageError("--workers goes with no option that copies zones, or has them updated")
        self.zones = [_load(*source) for source in self._sources]


def _hints(filename: str) -> list[str]:
    """Read a file of root hints.

    @raise ValueError: it cannot be read, or is none.
    """
    return readHints(_readable(filename))


def _readable(filename: str) -> bytes:
    """Read a file.

    @raise ValueError: it cannot be read.
    """
    try:
        return Path(filename).read_bytes()
    except OSError as error:
        raise ValueError(f"{filename}: {error.strerror or error}") from None


def _load(kind: Any, filename: str, origin: str | None) -> Any:
    """Load a zone.

    @raise usage.UsageError: that failed.
    """
    try:
        return kind(filename) if origin is None else kind(filename, origin=origin)
    except (Exception, SystemExit) as error:
        raise usage.UsageError(_complaint(f"cannot load the zone in {filename}", error)) from error


def _complaint(what: str, error: BaseException) -> str:
    """Say what went wrong with a zone."""
    if isinstance(error, ZoneFileError):
        return f"{what}:\n{error}"
    if isinstance(error, OSError):
        return f"{what}: {error.strerror or error}"
    return f"{what}: {type(error).__name__}: {error}"


class ReloadingService(Service):
    """Reloads zones when the process gets SIGHUP.

    @ivar zones: the authorities; those that have a method C{reload} are reloaded, in order.
    @ivar replication: what reloads those that take updates, and asks for copies of others' zones; or C{None}.
    """

    replication: Any = None

    def __init__(self, zones: Sequence[Any], reactor: Any = None) -> None:
        self.zones = zones
        self.reactor = reactor
        self._previous: Any = None

    def startService(self) -> None:
        """Begin to listen for the signal, where the system has it and this is the thread that may."""
        Service.startService(self)
        if hasattr(signal, "SIGHUP") and threading.current_thread() is threading.main_thread():
            if self.reactor is None:
                from twisted.internet import reactor

                self.reactor = reactor
            self._previous = signal.signal(signal.SIGHUP, self._hungUp)

    def stopService(self) -> None:
        """Listen for the signal no longer."""
        Service.stopService(self)
        if self._previous is not None:
            signal.signal(signal.SIGHUP, self._previous)
            self._previous = None

    def _hungUp(self, *_: Any) -> None:
        """Have the zones reloaded as soon as the reactor has time."""
        self.reactor.callFromThread(self.reload)

    def reload(self) -> None:
        """Reload the zones; one that cannot be loaded keeps its old version."""
        for zone in self.zones:
            reload = getattr(zone, "reload", None)
            if reload is None:
                continue
            try:
                if self.replication is None or not self.replication.reload(zone):
                    reload()
            except (Exception, SystemExit) as error:
                log.msg(_complaint(f"{zone} was not reloaded, the old version stays", error))
            else:
                log.msg(f"{zone} was reloaded")
        if self.replication is not None:
            self.replication.refresh()


class _ForegroundService(ListeningService):
    """Listens, or ends the process with one message.

    In the background C{twistd} gives the message of an exception to its parent process; in the foreground it would
    show a traceback.

    @ivar pidfile: the file that C{twistd} has written by then.
    """

    pidfile = ""

    def privilegedStartService(self) -> None:
        """Bind the ports."""
        try:
            ListeningService.privilegedStartService(self)
        except CannotListenError as error:
            with suppress(OSError):
                Path(self.pidfile).unlink()
            raise SystemExit(str(error)) from None


class _ClosingService(Service):
    """Ends what a server has begun, when the process ends."""

    def __init__(self, factory: server.DNSServerFactory) -> None:
        self.factory = factory

    def stopService(self) -> Any:
        """Close the server.

        @return: a Deferred that fires when that is done.
        """
        Service.stopService(self)
        return self.factory.close()


def _buildResolvers(config: Options) -> tuple[list[Any], list[Any]]:
    """Make the caches and the resolvers behind them that the options describe."""
    cache = CacheResolver(verbose=config["verbose"]) if config["cache"] else None
    clients: list[Any] = []
    if config["hosts-file"] is not None:
        clients.append(HostsResolver(config["hosts-file"]))
    if config["recursive"]:
        found = resolversFor(
            cache=cache,
            iterative=bool(config["iterative"]),
            hints=config.hints,
            forward=config.forward,
            stubs=config.stubs,
            resolvConf=config["resolv-conf"],
        )
        clients.append(ResolverChain(found))
    return [] if cache is None else [cache], clients


def _supervised(config: Options) -> IService:
    """Make the service of a supervisor, which has the same arguments to give to its workers."""
    services = MultiService()
    name: str = "txnames" if config.parent is None else str(config.parent.subCommand)
    # They were only read to see whether they can be.
    config.zones = []
    workers = WorkersService(
        config["workers"], [*config.arguments, "--workers", "1"], config["port"], config.interfaces, name
    )
    services.addService(workers)
    services.addService(ReloadingService([workers]))
    return services


def makeService(config: Options) -> IService:
    """Make the service that the options describe.

    @raise usage.UsageError: a file that an option names is not what it should be.
    """
    if config["workers"] > 1:
        return _supervised(config)
    services = MultiService()
    caches, clients = _buildResolvers(config)
    factory = server.DNSServerFactory([*config.zones, *config.copies], caches, clients, config["verbose"])
    factory.canRecurse = bool(config["recursive"])
    if config.allowed is not None:
        factory.allowRecursion = Networks(config.allowed)
    listening: Any = ListeningService(factory, config["port"], config.interfaces)
    if config["inherit"] is not None:
        listening = InheritingService(factory, [int(one) for one in config["inherit"].split(",")])
    elif config.parent is not None and config.parent.get("nodaemon"):
        listening = _ForegroundService(factory, config["port"], config.interfaces)
        listening.pidfile = config.parent["pidfile"]
    services.addService(listening)
    replication = config.replicate(factory, config.zones)
    reloading = ReloadingService(config.zones)
    services.addService(reloading)
    if replication is not None:
        reloading.replication = replication
        replication.own = frozenset((interface, config["port"]) for interface in config.interfaces)
        services.addService(replication)
    for service in config.svcs:
        services.addService(service)
    services.addService(_ClosingService(factory))
    return services
