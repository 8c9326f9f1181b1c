"""README.rst: its commands are those that CI runs, and ``dig`` gives the answers that it shows."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import dns.message
import dns.rrset
import pytest

from tests.listings.serving import LOOPBACK, ROOT, ask, freePort, serving

README = (ROOT / "README.rst").read_text("utf-8").splitlines()
SHOWN_PORT = "10053"


class Dig(NamedTuple):
    """A ``dig`` line of the README, and the lines shown below it."""

    command: str
    answer: list[str]


def shownCommands() -> list[str]:
    """Give the set-up commands of the README."""
    return [line.strip() for line in README if line.startswith("    python3 -m venv ")]


def shownDigs() -> list[Dig]:
    """Give the ``dig`` lines of the README with their answers, in order."""
    digs: list[Dig] = []
    for line in README:
        if line.startswith("    $ dig "):
            digs.append(Dig(line.removeprefix("    $ "), []))
        elif line.startswith("    ") and digs:
            digs[-1].answer.append(line.strip())
        elif line and digs:
            break
    return digs


DIGS = shownDigs()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the server as the README's first command does, but for the port; gives that."""
    words = shownCommands()[0].split(" && ")[-1].split()
    assert words[0] == ".venv/bin/twistd"
    port = freePort()
    command = [str(Path(sys.executable).parent / "twistd"), *words[1:]]
    command = [str(port) if word == SHOWN_PORT else word for word in command]
    pidfile = tmp_path_factory.mktemp("readme") / "twistd.pid"
    command.insert(1, f"--pidfile={pidfile}")
    with serving(command, ROOT, port):
        yield port


def records(rrsets: list[dns.rrset.RRset], *, short: bool) -> list[str]:
    """Write RRsets as ``dig`` shows them, with one blank between the columns."""
    lines = [line for rrset in rrsets for line in rrset.to_text().splitlines()]
    return [" ".join(line.split()[4 if short else 0 :]) for line in lines]


def test_readmeHasTwoCommands() -> None:
    """One command serves and one tests; both make the environment and install."""
    serve, test = shownCommands()
    for command in (serve, test):
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    assert f"--port {SHOWN_PORT} " in serve
    assert test.endswith(" && .venv/bin/python -m pytest")


def test_continuousIntegrationRunsTheTestCommand() -> None:
    """``.ci/run`` takes its test command from the README."""
    shown = subprocess.run(
        [str(ROOT / ".ci" / "run"), "--show-test-command"], capture_output=True, text=True, check=True, timeout=30
    )
    assert shown.stdout.strip() == shownCommands()[1]


def test_readmeHasThreeDigs() -> None:
    """The README shows three questions, each with its answer."""
    assert len(DIGS) == 3
    assert all(dig.answer for dig in DIGS)


@pytest.mark.parametrize("dig", DIGS, ids=lambda dig: dig.command)
def test_answersAreThoseShown(server: int, dig: Dig) -> None:
    """The server gives what the README shows, in the sections that the line asks for."""
    words = dig.command.split()
    assert words[:4] == ["dig", f"@{LOOPBACK}", "-p", SHOWN_PORT]
    options = {word for word in words if word.startswith("+")}
    assert options <= {"+short", "+tcp", "+noall", "+answer", "+authority"}
    reply = ask(server, words[-2], words[-1], tcp="+tcp" in options)
    shown = records(reply.answer, short="+short" in options) if options & {"+short", "+answer"} else []
    if "+authority" in options:
        shown += records(reply.authority, short=False)
    assert shown == dig.answer


@pytest.mark.interop
@pytest.mark.parametrize("dig", DIGS, ids=lambda dig: dig.command)
def test_digPrintsWhatIsShown(server: int, dig: Dig) -> None:
    """``dig`` itself prints the lines of the README."""
    if shutil.which("dig") is None:
        pytest.skip("dig is not installed (Debian package bind9-dnsutils)")
    command = [str(server) if word == SHOWN_PORT else word for word in dig.command.split()]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert [" ".join(line.split()) for line in printed.splitlines() if line] == dig.answer
