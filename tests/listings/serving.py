"""Run a program of the documentation as a process of its own, on a free loopback port, and ask it."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import dns.exception
import dns.message
import dns.query

ROOT = Path(__file__).parent.parent.parent
LISTINGS = ROOT / "listings" / "names"
LOOPBACK = "127.0.0.1"
TRIES = 150
"""How often a server that starts is asked, 0.2 seconds each time, before it counts as broken."""


def freePort() -> int:
    """Find a port of the loopback interface that is free for both UDP and TCP."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
        ):
            stream.bind((LOOPBACK, 0))
            port: int = stream.getsockname()[1]
            with suppress(OSError):
                datagram.bind((LOOPBACK, port))
                return port


def ask(port: int, name: str, type: str, *, tcp: bool = False, timeout: float = 10) -> dns.message.Message:
    """Ask the server on a loopback port; raises ``dns.exception.Timeout`` when none answers in that many seconds."""
    question = dns.message.make_query(name, type)
    send = dns.query.tcp if tcp else dns.query.udp
    return send(question, LOOPBACK, timeout=timeout, port=port)


def waitUntilItAnswers(process: subprocess.Popen[str], port: int) -> None:
    """Ask for the root's NS records until a reply comes; raises ``RuntimeError`` with the output if none does."""
    for _ in range(TRIES):
        with suppress(dns.exception.Timeout):
            ask(port, ".", "NS", timeout=0.2)
            return
        if process.poll() is not None:
            break
    process.kill()
    output, _ = process.communicate()
    raise RuntimeError(f"{process.args!r} does not answer:\n{output}")


@contextmanager
def serving(command: Sequence[str], folder: Path, port: int) -> Iterator[int]:
    """Run a server in a folder until the block ends; gives the port on which it answers."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
    )
    try:
        waitUntilItAnswers(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


@contextmanager
def servingListing(name: str, folder: Path) -> Iterator[int]:
    """Run the program ``listings/names/<name>`` with a free port as its argument."""
    port = freePort()
    with serving([sys.executable, str(LISTINGS / name), str(port)], folder, port):
        yield port


def texts(message: dns.message.Message) -> list[str]:
    """Give the records of a reply's answer section as lines of a zone file."""
    return [line for rrset in message.answer for line in rrset.to_text().splitlines()]
