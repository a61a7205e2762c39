"""Is anything lost or paid twice when a run is killed, again and again, while the service goes wrong in every way?

A sandbox lives in this process; a child runs a graph with a journal and is killed by SIGKILL at random moments, then
another child goes on, until the run ends by itself. In between most of what is in doubt is settled as somebody would
who can look into the service's books; the rest stays in doubt. At the end books and journal are compared, node by node.

    python benchmarks/kill.py --kills 100 --nodes 300 --seed 1
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from subprocess import PIPE
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import anyio

from journey_async import (
    Adopt,
    JournalError,
    JourneyClient,
    NodeInDoubt,
    NodeWaiting,
    Outcome,
    Pace,
    Resubmit,
    RetryPolicy,
    TaskGraph,
    TaskNotFoundError,
    read_journal,
)
from journey_async.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from anyio.abc import Process

    from journey_async import Row, SubmissionInDoubtError
    from journey_async.sandbox.answers import Answer

FAULTS: Final = (
    "lost-reply:*:0.03",
    "error-after-accept:*:0.02",
    "reset-before-accept:*:0.02",
    "truncated-json:*:0.02",
    "not-json:*:0.01",
    "http-500:*:0.03",
    "http-429-bare:*:0.05",
    "task-failed:*:0.03",
    "omit-id:*:0.02",
)
SETTLED: Final = 0.99
"""Part of the doubts that are settled between two lives."""
Asked: TypeAlias = tuple[str, str, str]
"""What makes a request one of a kind in this graph: its path, its prompt or parent, its index."""


def drawn(nodes: int) -> TaskGraph:
    """Draw grids with unique prompts, each with two pictures, and a pan below the first."""
    graph = TaskGraph()
    while True:
        grid = graph.imagine(f"elk {len(graph)}")
        picture = graph.upscale_1x(grid, index=1)
        graph.upscale_1x(grid, index=2)
        graph.pan(picture, direction="left")
        if len(graph) >= nodes:
            return graph


def client(base_url: str, api_key: str) -> JourneyClient:
    """Make a client that is as quick as this sandbox."""
    retry = RetryPolicy(first=0.01, longest=0.1)
    return JourneyClient(api_key, base_url=base_url, retry=retry, pace=Pace(lag=0.01, longest=0.05, ahead=0.02))


async def live(base_url: str, api_key: str, journal: str, nodes: int) -> None:
    """Run the graph: what the child does."""
    async with client(base_url, api_key) as journey:
        print("begins", flush=True)
        await journey.run(drawn(nodes), journal=journal)


class Books:
    """What the service accepted, request by request."""

    def __init__(self, box: Sandbox) -> None:
        self.tasks: dict[Asked, list[str]] = {}
        """The tasks that were charged, by what was asked."""
        self._answer, self._ledger = box.world.answer, box.ledger
        box.world.answer = self._recorded  # type: ignore[method-assign]

    @property
    def accepted(self) -> int:
        """Count the tasks that were charged."""
        return sum(map(len, self.tasks.values()))

    def _recorded(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes, now: float) -> Answer:
        answer = self._answer(method, path, headers=headers, body=body, now=now)
        charges = self._ledger()["charges"]
        if len(charges) > self.accepted:
            self.tasks.setdefault(asked(path, json.loads(body)), []).append(charges[-1]["task_id"])
        return answer


def asked(path: str, body: Mapping[str, Any]) -> Asked:
    """Give what is one of a kind about a request."""
    parent = body.get("parent_task_id") or body.get("task_id") or body.get("prompt")
    return path.rpartition("/")[2], str(parent), str(body.get("index"))


def asked_by(error: SubmissionInDoubtError) -> Asked:
    """Give the same for a request that is in doubt."""
    return asked(error.intent.path, error.intent.body)


class Campaign:
    """Lives and deaths of one run."""

    def __init__(self, box: Sandbox, journal: Path, *, kills: int, nodes: int, seed: int) -> None:
        self.box = box
        self.books = Books(box)
        self.journal = journal
        self.kills = kills
        self.nodes = nodes
        self.killed = 0
        self.doubts = 0
        self.settled: Counter[str] = Counter()
        self.unreadable = 0
        """Times that the journal could not be read between two lives, although there was one."""
        self._chance = Random(seed)
        self._left: set[str] = set()
        """Doubts that are never settled."""

    async def carry_out(self) -> Outcome:
        """Let the run live and die until it ends by itself; give what came of it."""
        while not await self._lived():
            await self._settle()
        return await read_journal(self.journal)

    async def _lived(self) -> bool:
        """Start a child and kill it, if it is not the last one; tell whether it came to its end."""
        command = [sys.executable, __file__, "--child", self.box.base_url, self.box.api_key, str(self.journal)]
        process = await anyio.open_process([*command, "--nodes", str(self.nodes)], stdin=None, stdout=PIPE, stderr=None)
        async with process:
            assert process.stdout is not None
            await process.stdout.receive()
            if self.killed < self.kills:
                await self._kill(process)
            await process.wait()
        if process.returncode == -signal.SIGKILL:
            self.killed += 1
            return False
        assert process.returncode == 0, process.returncode
        return True

    async def _kill(self, process: Process) -> None:
        """Kill it at a random moment: after some acceptances and some time, or sooner."""
        share = max(0, len(drawn(self.nodes)) - self.books.accepted) / (self.kills - self.killed)
        until = self.books.accepted + self._chance.randint(0, int(share))
        with anyio.move_on_after(self._chance.uniform(0.0, 1.5)):
            while self.books.accepted < until:  # noqa: ASYNC110 - it looks from outside
                await anyio.sleep(0.001)
            await anyio.sleep(self._chance.uniform(0.0, 0.02))
        if process.returncode is None:
            process.kill()

    async def _settle(self) -> None:
        """Settle most of what is in doubt, as the service's books tell."""
        try:
            doubts = (await read_journal(self.journal)).in_doubt
        except JournalError as error:
            # Killed before there was one, or while SQLite changed its mode: who only reads must not mend that.
            self.unreadable += error.__cause__ is not None
            return
        async with client(self.box.base_url, self.box.api_key) as journey:
            for row in doubts:
                if row.error.intent.id in self._left:
                    continue
                self.doubts += 1
                if self._chance.random() > SETTLED:
                    self._left.add(row.error.intent.id)
                    continue
                tasks = self.books.tasks.get(asked_by(row.error))
                settlement = Adopt(tasks[0]) if tasks else Resubmit()
                try:
                    await journey.settle(self.journal, row.node.key, settlement)
                except TaskNotFoundError:
                    # The service left it out of its reply: after the next life it is tried again.
                    continue
                self.settled[type(settlement).__name__] += 1

    def check(self, outcome: Outcome) -> list[str]:
        """Compare the journal with the books; give what is wrong."""
        wrong = [f"charged {len(tasks)} times: {what}" for what, tasks in self.books.tasks.items() if len(tasks) > 1]
        charged = {task for tasks in self.books.tasks.values() for task in tasks}
        known: Counter[str] = Counter(task for row in outcome if (task := getattr(row, "task_id", None)))
        wrong += [f"two nodes have task {task}" for task, number in known.items() if number > 1]
        wrong += [f"not in the books: {task}" for task in known if task not in charged]
        in_doubt = {asked_by(row.error) for row in outcome.in_doubt}
        for what, tasks in self.books.tasks.items():
            if what not in in_doubt and not set(tasks) <= set(known):
                wrong.append(f"accepted and not known: {what}")
        wrong += [f"not accounted for: {row.node.key} is {row.state}" for row in outcome if not accounted_for(row)]
        spending, ledger = outcome.spending, self.box.ledger()
        if not spending.taken <= ledger["charged"] <= spending.taken + spending.in_doubt:
            wrong.append(f"{spending} does not agree with {ledger['charged']} credits charged")
        return wrong


def accounted_for(row: Row) -> bool:
    """Tell whether a node ended, was left out, is in doubt, or is held by one that is."""
    if isinstance(row, NodeWaiting):
        return row.held_by is not None
    return isinstance(row, NodeInDoubt) or row.state in {"finished", "failed", "skipped"}


async def campaign(kills: int, nodes: int, seed: int) -> int:
    """Carry out a campaign and print its report; give the status to exit with."""
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        box = Sandbox(plan="enterprise", slots=5, credits=100_000, task_seconds=0.05, seed=seed, faults=FAULTS)
        async with box:
            each = Campaign(box, Path(folder) / "kill.db", kills=kills, nodes=nodes, seed=seed)
            outcome = await each.carry_out()
            wrong = each.check(outcome)
            ledger = box.ledger()
    print(f"{each.killed} kills, {nodes} nodes, seed {seed}, {time.monotonic() - began:.0f} s")
    print(outcome)
    print(f"the service: {ledger['accepted']} accepted, {ledger['charged']} credits taken, {ledger['refunded']} back")
    print(f"the journal: {outcome.spending}")
    settled = ", ".join(f"{number} by {how}" for how, number in sorted(each.settled.items()))
    print(f"{each.doubts} doubts, settled in between: {settled or 'none'}")
    print(f"times that the journal could only be read by the next run: {each.unreadable}")
    print("\n".join(["WRONG:", *wrong]) if wrong else "nothing was charged twice, nothing was lost")
    return 1 if wrong else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    # What is in doubt is logged as a warning: here it is the rule.
    logging.getLogger("journey_async").addHandler(logging.NullHandler())
    if given.child:
        base_url, api_key, journal = given.child
        anyio.run(live, base_url, api_key, journal, given.nodes)
    else:
        sys.exit(anyio.run(campaign, given.kills, given.nodes, given.seed))


if __name__ == "__main__":
    main()
