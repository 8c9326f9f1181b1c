"""The recursive server as a process, on an Internet of real servers, beside Unbound: both say the same."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .internet import Internet, hints, internet, unbound
from .servers import freePort

UNBOUND = "127.53.9.1"
OURS = "127.53.9.2"

NAMES = """
. roots. a.roots. alpha. nic.alpha. beta. nosuch. www.nosuch.
one.alpha. www.one.alpha. WWW.one.ALPHA. mail.one.alpha. alias.one.alpha. away.one.alpha. further.one.alpha.
nowhere.one.alpha. across.one.alpha. nosuch.one.alpha. x.y.wild.one.alpha. wild.one.alpha. b.c.one.alpha. c.one.alpha.
a.b.c.one.alpha. _sip._tcp.one.alpha. _tcp.one.alpha. big.one.alpha. sub.one.alpha. www.sub.one.alpha.
nosuch.sub.one.alpha. two.alpha. www.two.alpha. three.alpha. www.three.alpha. nosuch.three.alpha. four.alpha.
www.four.alpha. five.alpha. www.five.alpha. one.beta. www.one.beta. www.across.one.beta. alias.across.one.beta.
www.moved.one.beta. moved.one.beta. x.gone.one.beta. two.beta. www.two.beta. mail.two.beta. three.beta.
away.three.beta. four.beta. www.four.beta. empty.beta. deep.empty.beta. www.deep.empty.beta.
""".split()  # noqa: SIM905  # reason: a list of so many names has three times the length
TYPES = ("A", "AAAA", "NS", "SOA", "MX", "TXT", "CNAME", "SRV", "DS", "TYPE65280")
BROKEN = ("lame.alpha.", "www.lame.alpha.", "www.hen.beta.", "www.egg.beta.", "loop.one.alpha.")


def twistd(folder: Path, *options: str) -> list[str]:
    """The command of our server."""
    run = "from twisted.scripts.twistd import run; run()"
    folder.mkdir()
    command = [sys.executable, "-c", run, "-n", f"--rundir={folder}", f"--pidfile={folder}/pid"]
    return [*command, "dns", "--port", "53", *options]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, daemons: None) -> Iterator[Internet]:
    """The Internet, with Unbound and our iterating server in it."""
    folder = tmp_path_factory.mktemp("internet")
    with internet(folder) as made:
        made.start("unbound", unbound(folder, UNBOUND), UNBOUND)
        options = ("--iterative", "--cache", "--root-hints", str(hints(folder)), "--interface", OURS)
        made.start("txnames", twistd(folder / "txnames", *options), OURS)
        yield made


Said = tuple[str, tuple[str, ...], tuple[str, ...]]


def ask(world: Internet, address: str, questions: Sequence[tuple[str, str]], *options: str) -> list[Said]:
    """What dig is told: the response code, the flags, and the answer section without its TTLs, in order."""
    file = world.folder / f"questions-{freePort()}"
    file.write_text("".join(f"{name} {type}\n" for name, type in questions))
    done = world.run(["dig", f"@{address}", "+tries=2", "+time=15", "+nocookie", *options, "-f", str(file)], 120)
    replies = done.stdout.split(";; ->>HEADER<<-")[1:]
    assert len(replies) == len(questions), done.stdout[-2000:]
    return [_read(reply) for reply in replies]


def _read(text: str) -> Said:
    """Read one reply of dig."""
    lines = text.splitlines()
    rcode = lines[0].split("status: ")[1].split(",")[0]
    flags = tuple(next(line for line in lines if line.startswith(";; flags:")).split(":")[1].split(";")[0].split())
    answer: list[str] = []
    if ";; ANSWER SECTION:" in lines:
        start = lines.index(";; ANSWER SECTION:") + 1
        for line in lines[start : lines.index("", start)]:
            owner, _, *rest = line.split(maxsplit=4)
            answer.append(" ".join([owner.lower(), *rest]))
    return rcode, flags, tuple(sorted(answer))


@pytest.mark.parametrize("options", [(), ("+noedns",), ("+tcp",)], ids=lambda o: "".join(o) or "udp")
def test_sameAsUnbound(world: Internet, options: tuple[str, ...]) -> None:
    """Response code, flags and answers for each name and type, by each transport."""
    questions = [(name, type) for name in NAMES for type in TYPES]
    theirs = ask(world, UNBOUND, questions, *options)
    ours = ask(world, OURS, questions, *options)
    assertSame(questions, theirs, ours)


def assertSame(questions: Sequence[tuple[str, str]], theirs: Sequence[Said], ours: Sequence[Said]) -> None:
    """Both say the same."""
    wrong = [
        f"{name} {type}: unbound {their}, txnames {our}"
        for (name, type), their, our in zip(questions, theirs, ours, strict=True)
        if their != our
    ]
    if wrong:
        pytest.fail(f"{len(wrong)} of {len(questions)}:\n" + "\n".join(wrong[:30]), pytrace=False)


def test_noRecursion(world: Internet) -> None:
    """Who wants no recursion is told what is in the cache, and nothing else."""
    questions = [("www.one.alpha.", "A"), ("nosuch.one.alpha.", "A"), ("www.one.alpha.", "TXT")]
    ask(world, OURS, questions)
    rcodes = [said[0] for said in ask(world, OURS, [*questions, ("never.asked.alpha.", "A")], "+norec")]
    assert rcodes == ["NOERROR", "NXDOMAIN", "NOERROR", "REFUSED"]


def test_broken(world: Internet) -> None:
    """What nobody can answer is SERVFAIL, in good time."""
    questions = [(name, "A") for name in BROKEN]
    assert {said[0] for said in ask(world, UNBOUND, questions)} == {"SERVFAIL"}
    # Unbound takes more than half a minute to give a dead server up.
    assert {said[0] for said in ask(world, OURS, [*questions, ("www.dead.alpha.", "A")])} == {"SERVFAIL"}


def test_forwarding(world: Internet, tmp_path: Path) -> None:
    """A forwarder says what the one whom it asks says, and a stub zone's servers are asked directly."""
    address = "127.53.9.3"
    options = ("--forward", f"{UNBOUND}:53", "--stub", "one.alpha=127.53.3.1", "--cache", "--interface", address)
    world.start("forwarder", twistd(tmp_path / "forwarder", *options), address)
    questions = [(name, type) for name in NAMES for type in TYPES]
    assertSame(questions, ask(world, UNBOUND, questions), ask(world, address, questions))


def test_resolvConf(world: Internet, tmp_path: Path) -> None:
    """The servers of resolv.conf are asked, and the hosts file first."""
    address = "127.53.9.4"
    (tmp_path / "resolv.conf").write_text(f"nameserver 127.53.3.98\nnameserver {UNBOUND}\n")
    (tmp_path / "hosts").write_text("192.0.2.1 www.two.beta myself\n2001:db8::1 myself\n")
    options = ("--resolv-conf", str(tmp_path / "resolv.conf"), "--hosts-file", str(tmp_path / "hosts"))
    world.start("stub", twistd(tmp_path / "stub", "--cache", *options, "--interface", address), address)
    questions = [("www.one.alpha.", "A"), ("www.two.beta.", "A"), ("myself.", "AAAA"), ("nosuch.alpha.", "A")]
    assert [(said[0], said[2]) for said in ask(world, address, questions)] == [
        ("NOERROR", ("www.one.alpha. IN A 192.0.2.80",)),
        ("NOERROR", ("www.two.beta. IN A 192.0.2.1",)),
        ("NOERROR", ("myself. IN AAAA 2001:db8::1",)),
        ("NXDOMAIN", ()),
    ]
