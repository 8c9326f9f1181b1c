"""Tests of L{txnames.tap}, and of the plugin by which C{twistd} finds it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import twisted
from twisted.application.service import IService, MultiService, Service
from twisted.internet.error import CannotListenError
from twisted.internet.task import Clock
from twisted.python import log, usage

from txnames import authority, server, tap
from txnames.protocol.listening import ListeningService
from txnames.workers import WorkersService

ROOT = Path(__file__).parent.parent
PLUGIN = ROOT / "twisted_plugins" / "txnames_dns.py"
BIND = """\
$TTL 60
@ SOA ns1 root 1 2 3 4 5
@ NS ns1
ns1 A 192.0.2.{number}
"""
PYTHON = """\
zone = [
    SOA("example.net", mname="ns1.example.net", rname="root.example.net", ttl=60),
    NS("example.net", "ns1.example.net", ttl=60),
    A("ns1.example.net", "192.0.2.1", ttl=60),
]
"""


@pytest.fixture
def bindZone(tmp_path: Path) -> str:
    """A zone file without an origin of its own."""
    file = tmp_path / "relative.zone"
    file.write_text(BIND.format(number=1))
    return str(file)


@pytest.fixture
def pyZone(tmp_path: Path) -> str:
    """A Python zone."""
    file = tmp_path / "python.zone"
    file.write_text(PYTHON)
    return str(file)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The texts of the log."""
    texts: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        texts.append(" ".join(map(str, event["message"])))

    log.addObserver(observe)
    yield texts
    log.removeObserver(observe)


def parsed(*options: str) -> tap.Options:
    """The options of a command line."""
    made = tap.Options()
    made.parseOptions(options)
    return made


# --- options ---


def test_defaults() -> None:
    """Without options it is port 53 on all interfaces, without zones."""
    options = parsed()
    assert options["port"] == 53
    assert options["verbose"] == 0
    assert (options.interfaces, options.zones, options.svcs) == ([], [], [])


def test_portAndInterfaces() -> None:
    """There is one port, on any number of addresses."""
    options = parsed("--port", "10053", "-i", "127.0.0.1", "--interface", "::1")
    assert options["port"] == 10053
    assert options.interfaces == ["127.0.0.1", "::1"]


def test_verbose() -> None:
    """Verbosity adds up."""
    assert parsed("-v", "--verbose")["verbose"] == 2


def test_zones(bindZone: str, pyZone: str) -> None:
    """Zones of both kinds are loaded in the order in which they are given."""
    options = parsed("--pyzone", pyZone, "--bindzone", f"example.org={bindZone}", "--bindzone", f"a.test={bindZone}")
    assert [type(zone) for zone in options.zones] == [
        authority.PySourceAuthority,
        authority.BindAuthority,
        authority.BindAuthority,
    ]
    assert [zone.soa[0] for zone in options.zones] == [b"example.net", b"example.org", b"a.test"]
    assert options.zonefiles == [pyZone]
    assert options.bindfiles == [bindZone, bindZone]


def test_fileNameWithEqualsSign(tmp_path: Path) -> None:
    """A file whose name has an equals sign is a file."""
    file = tmp_path / "a=b"
    file.write_text("$ORIGIN example.org.\n" + BIND.format(number=1))
    options = parsed("--bindzone", str(file))
    assert options.bindfiles == [str(file)]
    assert options.zones[0].soa[0] == b"example.org"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--port", "dns"], "a port is a number from 0 to 65535, not 'dns'"),
        (["--port", "65536"], "not '65536'"),
        (["--port", "-1"], "not '-1'"),
        (["--interface", "localhost"], "'localhost' is not an IP address"),
        (["--no-such-option"], "no-such-option"),
        (["argument"], "Wrong number of arguments"),
        (["--bindzone", "/nowhere/zone"], "cannot load the zone in /nowhere/zone: No such file or directory"),
        (["--pyzone", "/nowhere/zone"], "cannot load the zone in /nowhere/zone: No such file or directory"),
    ],
)
def test_wrongOptions(options: list[str], reason: str) -> None:
    """What is wrong with an option is said."""
    with pytest.raises(usage.UsageError) as raised:
        parsed(*options)
    assert reason in str(raised.value)


def test_wrongZone(tmp_path: Path) -> None:
    """What is wrong with a zone is said line by line."""
    file = tmp_path / "wrong"
    file.write_text("$ORIGIN example.org.\n" + BIND.format(number=1) + "www A 192.0.2.256\nwww MX 1\n")
    with pytest.raises(usage.UsageError) as raised:
        parsed("--bindzone", str(file))
    first, *lines = str(raised.value).splitlines()
    assert first == f"cannot load the zone in {file}:"
    assert [line.startswith(f"{file}:{number}:") for number, line in zip((6, 7), lines, strict=True)] == [True, True]


def test_longOrigin() -> None:
    """An origin that is longer than the name of a file may be is looked at as an origin."""
    with pytest.raises(usage.UsageError, match="cannot load the zone in /nowhere/zone"):
        parsed("--bindzone", f"{'a' * 300}=/nowhere/zone")
    with pytest.raises(usage.UsageError, match="File name too long"):
        parsed("--bindzone", f"a={'b' * 300}")


def test_relativePaths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: list[str]) -> None:
    """Files are those that the options named, wherever the process is later, as by --rundir."""
    (tmp_path / "bind.zone").write_text(BIND.format(number=1))
    (tmp_path / "python.zone").write_text(PYTHON)
    (tmp_path / "hosts").write_text("192.0.2.1 me\n")
    (tmp_path / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    options = parsed(
        *("--bindzone", "example.org=bind.zone", "--pyzone", "python.zone"),
        *("--hosts-file", "hosts", "--resolv-conf", "resolv.conf"),
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    tap.ReloadingService(options.zones).reload()
    assert [text.endswith("was reloaded") for text in logged] == [True, True]
    assert options["hosts-file"] == str(tmp_path / "hosts")
    assert options["resolv-conf"] == str(tmp_path / "resolv.conf")


@pytest.mark.parametrize(
    "program", ["zone = [", "raise KeyError(5)", "pass", "raise SystemExit", "import sys; sys.exit(0)"]
)
def test_wrongProgram(program: str, tmp_path: Path) -> None:
    """A Python zone that is no program, fails, or makes no zone is named."""
    file = tmp_path / "wrong.py"
    file.write_text(program)
    with pytest.raises(usage.UsageError) as raised:
        parsed("--pyzone", str(file))
    assert str(raised.value).startswith(f"cannot load the zone in {file}: ")


def test_underTwistd() -> None:
    """Within C{twistd} the message ends the process."""
    options = tap.Options()
    options.parent = usage.Options()
    options.parent.subCommand = "dns"
    with pytest.raises(SystemExit) as raised:
        options.parseOptions(["--port", "dns"])
    assert str(raised.value.code).startswith("twistd dns: ")


# --- the service ---


def test_makeService(bindZone: str) -> None:
    """The service listens for the zones, reloads them, and runs what else there is."""
    options = parsed("--port", "10053", "--interface", "127.0.0.1", "--bindzone", f"example.org={bindZone}", "-v")
    other = Service()
    options.svcs.append(other)
    services = tap.makeService(options)
    assert IService.providedBy(services)
    assert isinstance(services, MultiService)
    listening, reloading, last, _ = services
    assert isinstance(listening, ListeningService)
    assert (listening.port, listening.interfaces) == (10053, ["127.0.0.1"])
    assert isinstance(listening.factory, server.DNSServerFactory)
    assert listening.factory.resolver.resolvers == options.zones
    assert listening.factory.verbose == 1
    assert isinstance(reloading, tap.ReloadingService)
    assert reloading.zones == options.zones
    assert last is other


def test_cannotListen(tmp_path: Path) -> None:
    """In the foreground a port that cannot be had ends the process with one message, and leaves no file."""
    options = tap.Options()
    options.parent = usage.Options()
    options.parent.update({"nodaemon": True, "pidfile": str(tmp_path / "pid")})
    options.parseOptions(["--port", "53", "--interface", "192.0.2.1"])
    (tmp_path / "pid").touch()
    services: Any = tap.makeService(options)
    listening = next(iter(services))

    class Refusing:
        def listenTCP(self, port: int, factory: Any, interface: str) -> None:
            raise CannotListenError(interface, port, OSError(13, "Permission denied"))

    listening.reactor = Refusing()
    with pytest.raises(SystemExit) as raised:
        listening.privilegedStartService()
    assert str(raised.value.code) == "Couldn't listen on 192.0.2.1:53: [Errno 13] Permission denied."
    assert not (tmp_path / "pid").exists()


class Reactor(Clock):
    """A reactor that can be called from a signal handler."""

    def callFromThread(self, function: Any) -> None:
        """Call it as soon as there is time."""
        self.callLater(0, function)


def test_hangup(bindZone: str, logged: list[str]) -> None:
    """SIGHUP reloads the zones, when the reactor has time; after the service has ended the signal is as before."""
    zone = authority.BindAuthority(bindZone, origin="example.org")
    reactor = Reactor()
    service = tap.ReloadingService([zone], reactor)
    before = signal.getsignal(signal.SIGHUP)
    service.startService()
    try:
        old = zone.zone
        os.kill(os.getpid(), signal.SIGHUP)
        assert zone.zone is old
        reactor.advance(0)
        assert zone.zone is not old
    finally:
        service.stopService()
    assert signal.getsignal(signal.SIGHUP) == before
    assert any("reloaded" in text for text in logged)


def test_reload(tmp_path: Path, logged: list[str]) -> None:
    """A zone that cannot be loaded keeps its old version and says so; the others are reloaded."""
    files = [tmp_path / name for name in ("one", "two")]
    for file in files:
        file.write_text(BIND.format(number=1))
    zones = [authority.BindAuthority(str(file), origin=file.name) for file in files]
    factory = server.DNSServerFactory(zones)
    files[0].write_text("nonsense")
    files[1].write_text(BIND.format(number=2))
    service = tap.ReloadingService([object(), *zones])
    service.reload()
    answers = [factory.resolver.answer(b"\3ns1\3%s\0" % name, 1, 1).answer[0][1][-1] for name in (b"one", b"two")]
    assert answers == [1, 2]
    assert "was not reloaded, the old version stays" in logged[-2]
    assert f"{files[0]}:1:" in logged[-2]
    assert logged[-1].endswith("was reloaded")
    service.startService()
    service.stopService()


def test_reloadOfAProgramThatExits(pyZone: str, bindZone: str, logged: list[str]) -> None:
    """A Python zone that wants to end the process is one that cannot be loaded."""
    zones = [authority.PySourceAuthority(pyZone), authority.BindAuthority(bindZone, origin="example.org")]
    Path(pyZone).write_text("raise SystemExit(0)\n")
    tap.ReloadingService(zones).reload()
    assert "was not reloaded, the old version stays: SystemExit: 0" in logged[-2]
    assert logged[-1].endswith("was reloaded")


def test_otherThreads() -> None:
    """A service in another thread leaves signals alone."""
    service = tap.ReloadingService([])
    before = signal.getsignal(signal.SIGHUP)
    thread = threading.Thread(target=service.startService)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGHUP) == before
    service.stopService()


# --- the command ---

CHOSEN = """\
import sys
from twisted.scripts.twistd import ServerOptions
options = ServerOptions()
options.parseOptions(["-n", sys.argv[1]])
print(options.loadedPlugins[options.subCommand].module, type(options.subOptions).__module__)
"""


def chosen(name: str, *path: Path, folder: Path) -> str:
    """The modules that a process takes for a command of C{twistd}.

    @param path: what it finds modules in before all else.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", CHOSEN, name]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize("name", ["dns", "txnames"])
def test_plugin(name: str, tmp_path: Path) -> None:
    """The command is ours as it is installed here, though Twisted has one of the same name."""
    assert chosen(name, folder=tmp_path) == "txnames.tap txnames.tap"


def installed(folder: Path) -> Path:
    """Make a folder of packages with Twisted, its own plugins, and txnames without its plugin; give that of plugins."""
    original = Path(twisted.__file__).parent
    copy = folder / "twisted"
    copy.mkdir(parents=True)
    for one in original.iterdir():
        if one.name != "plugins":
            (copy / one.name).symlink_to(one)
    plugins = copy / "plugins"
    plugins.mkdir()
    for one in (original / "plugins").glob("*.py"):
        if one.name != PLUGIN.name:
            (plugins / one.name).write_bytes(one.read_bytes())
    (folder / "txnames").symlink_to(ROOT / "src" / "txnames")
    return plugins


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize("cached", [True, False])
def test_pluginInAnotherFolder(cached: bool, beside: bool, tmp_path: Path) -> None:
    """So it is wherever a wheel puts it, beside Twisted's plugins or not; with and without a cache of plugins."""
    site, other = tmp_path / "site", tmp_path / "other"
    plugins = installed(site)
    assert chosen("dns", site, folder=tmp_path) == "twisted.names.tap twisted.names.tap"
    if not beside:
        plugins = other / "twisted" / "plugins"
        plugins.mkdir(parents=True)
    (plugins / PLUGIN.name).write_bytes(PLUGIN.read_bytes())
    for _ in range(2):
        if not cached:
            for cache in tmp_path.rglob("dropin.cache"):
                cache.unlink()
        assert chosen("dns", site, other, folder=tmp_path) == "txnames.tap txnames.tap"
    assert (plugins / "dropin.cache").exists()


def test_errorsEndTheProcess(tmp_path: Path) -> None:
    """A zone that cannot be loaded ends C{twistd} with one message, and no traceback."""
    file = tmp_path / "zone"
    file.write_text("nonsense\n")
    command = [sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n", "--pidfile="]
    ended = subprocess.run(
        [*command, "dns", "--bindzone", f"example.org={file}"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert ended.returncode == 1
    first, *lines = ended.stderr.splitlines()
    assert first == f"twistd dns: cannot load the zone in {file}:"
    assert all(line.startswith(f"{file}:1:") for line in lines)
    assert ended.stdout == ""


# --- finding answers ---


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_forward(text: str, server: tuple[str, int]) -> None:
    """Servers are addresses with or without ports, and imply recursion."""
    options = parsed("--forward", text, "--stub", f"corp.example={text}", "--stub", f".={text}")
    assert options.forward == [server]
    assert options.stubs == {"corp.example": [server], ".": [server]}
    assert options["recursive"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--forward", "dns.example"),
        ("--forward", "192.0.2.1:x"),
        ("--stub", "corp.example"),
        ("--stub", "=192.0.2.1"),
        ("--stub", "a..b=192.0.2.1"),
        ("--allow-recursion", "192.0.2.1/24"),
        ("--root-hints", "/nonexistent"),
        ("--resolv-conf", "/nonexistent"),
        ("--hosts-file", "/nonexistent"),
        ("--iterative", "--forward", "192.0.2.1"),
    ],
)
def test_badRecursion(arguments: tuple[str, ...]) -> None:
    """A bad option is named in one line."""
    with pytest.raises(usage.UsageError) as caught:
        parsed(*arguments)
    assert "--" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_recursiveService(tmp_path: Path) -> None:
    """The service has the cache and the resolvers that the options describe, and closes them at the end."""
    (tmp_path / "hosts").write_text("192.0.2.1 me\n")
    (tmp_path / "hints").write_text(". 3600 NS a.root.\na.root. 3600 A 192.0.2.4\n")
    options = parsed(
        *("--cache", "--root-hints", str(tmp_path / "hints"), "--hosts-file", str(tmp_path / "hosts")),
        *("--allow-recursion", "192.0.2.0/24"),
    )
    services: Any = tap.makeService(options)
    factory = next(iter(services)).factory
    assert factory.canRecurse
    assert factory.trusts(("192.0.2.1", 53))
    assert not factory.trusts(("127.0.0.1", 53))
    cache, known, chain = factory.resolver.resolvers
    assert factory.cache is cache
    assert known.file == str(tmp_path / "hosts")
    assert chain.resolvers[0].servers == [("192.0.2.4", 53)]
    list(services)[-1].stopService()
    assert chain.resolvers[0].closed


def test_badHints(tmp_path: Path) -> None:
    """A file without addresses is no file of root hints."""
    (tmp_path / "hints").write_text("; nothing\n")
    with pytest.raises(usage.UsageError, match="root-hints: there are no addresses"):
        parsed("--root-hints", str(tmp_path / "hints"))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--workers", "0"), "--workers|number of workers"),
        (("--workers", "many"), "--workers|number of workers"),
        (("--workers", "2", "--secondary", "192.0.2.1/example"), "--workers goes with no option that copies"),
        (("--workers", "2", "--state-dir", "state"), "--workers goes with no option that copies"),
    ],
)
def test_badWorkers(arguments: tuple[str, ...], reason: str) -> None:
    """A number of workers is a number, and workers have zones that others do not change."""
    with pytest.raises(usage.UsageError, match=reason):
        parsed(*arguments)


def test_workers() -> None:
    """A supervisor has a service for its workers, and one that passes the signal to reload on; it serves nothing."""
    options = parsed("--workers", "3", "--port", "0")
    service: Any = tap.makeService(options)
    workers, reloading = service
    assert isinstance(workers, WorkersService)
    assert workers.count == 3
    assert workers.arguments == ["--workers", "3", "--port", "0", "--workers", "1"]
    assert list(reloading.zones) == [workers]
