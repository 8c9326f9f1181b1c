"""Asks several servers the same questions and finds where the three agree and where we differ."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .asker import Transport, ask, question
from .corpus import Question
from .replies import BadReply, Reply, readReply
from .servers import Server


@dataclass(frozen=True)
class Difference:
    """A question where the three agree and txnames says something else."""

    question: Question
    transport: Transport
    wanted: Reply
    got: Reply | None
    what: tuple[str, ...]

    def text(self) -> str:
        """The question and both replies."""
        got = "no reply" if self.got is None else self.got.text()
        return (
            f"{self.question.text()} over {self.transport.value}: {', '.join(self.what)}\n"
            f"the three: {self.wanted.text()}\ntxnames: {got}\n"
        )


@dataclass
class Outcome:
    """What a comparison found."""

    asked: int = 0
    agreed: int = 0
    split: list[tuple[Question, Transport, dict[str, Reply | None]]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)

    def report(self, limit: int = 12) -> str:
        """The counts and the first differences of each kind and zone."""
        kinds = Counter((d.question.zone, d.what) for d in self.differences)
        lines = [f"{len(self.differences)} differences in {self.agreed} agreed of {self.asked} cases"]
        lines += [f"{n} x {zone}: {', '.join(what)}" for (zone, what), n in kinds.most_common(40)]
        shown: set[tuple[str, tuple[str, ...]]] = set()
        for difference in self.differences:
            key = (difference.question.zone, difference.what)
            if key not in shown and len(shown) < limit:
                shown.add(key)
                lines.append(difference.text())
        return "\n".join(lines)


def _read(wire: bytes | None) -> Reply | None:
    """The reply, None for silence."""
    return None if wire is None else readReply(wire)


def _differs(wanted: Reply, got: Reply) -> tuple[str, ...]:
    """The names of the compared parts that differ."""
    return tuple(
        name
        for name in ("rcode", "authoritative", "truncated", "answer", "authority")
        if getattr(wanted, name) != getattr(got, name)
    )


def compare(
    servers: Mapping[str, Server],
    questions: Sequence[Question],
    transports: Sequence[Transport] = tuple(Transport),
    subject: str = "txnames",
    qclass: int = 1,
) -> Outcome:
    """Ask all servers all questions; the subject, where it runs, is held against the others."""
    outcome = Outcome()
    for transport in transports:
        wires = [question(q.qname, q.qtype, qclass, transport) for q in questions]

        def timed(
            name: str, transport: Transport = transport, wires: list[bytes] = wires
        ) -> tuple[str, list[bytes | None]]:
            started = time.monotonic()
            replies = ask(servers[name].port, transport, wires)
            outcome.seconds[f"{name} {transport.value}"] = round(time.monotonic() - started)
            return name, replies

        with ThreadPoolExecutor(2) as pool:
            replies = dict(pool.map(timed, servers))
        for server in servers.values():
            server.checkRunning()
        for number, asked in enumerate(questions):
            outcome.asked += 1
            judge(outcome, asked, transport, {n: r[number] for n, r in replies.items()}, subject)
    return outcome


def judge(
    outcome: Outcome,
    asked: Question,
    transport: Transport,
    wires: Mapping[str, bytes | None],
    subject: str,
) -> None:
    """Note one case: agreed or split, and our difference."""
    others = {n: _read(w) for n, w in wires.items() if n != subject}
    first = next(iter(others.values()))
    if first is None or any(o is None or o.compared != first.compared for o in others.values()):
        outcome.split.append((asked, transport, others))
        return
    outcome.agreed += 1
    if subject not in wires:
        return
    wire = wires[subject]
    try:
        got = _read(wire)
    except BadReply as error:
        outcome.differences.append(Difference(asked, transport, first, None, (str(error),)))
        return
    if got is None:
        outcome.differences.append(Difference(asked, transport, first, None, ("no reply",)))
        return
    what = _differs(first, got)
    if got.question.lower() != first.question.lower() or got.question[:-4] != asked.qname:
        what += ("question",)
    if (got.edns is None) != (first.edns is None):
        what += ("OPT",)
    if what:
        outcome.differences.append(Difference(asked, transport, first, got, what))
