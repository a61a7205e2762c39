"""Workers are killed at random, the database is restarted: `python -m tests.cluster.campaign --seed 1 --kills 50`.

The service's ledger is the judge: what was charged, for what, and how many tasks ran at once.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import anyio
from anyio import to_thread
from attrs import define, field, frozen

from journey_async import Cluster, JourneyClient, NodeFailed, NodeFinished, NodeInDoubt, NodeSubmitted, TaskGraph
from journey_async.cluster.database import Database
from journey_async.sandbox import Sandbox
from tests.cluster import postgres
from tests.cluster.conftest import KEY, PATIENT, QUICK

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from journey_async import Outcome
    from tests.cluster.postgres import Postgres

ROOT: Final = Path(__file__).parents[2]


@frozen(kw_only=True)
class Plan:
    """What a campaign is made of."""

    seed: int = 1
    nodes: int = 400
    workers: int = 4
    kills: int = 50
    restarts: int = 2
    """Of the database."""
    seconds: float = 2.5
    """That a task takes."""
    plan: str = "growth"
    slots: int = 25


@define
class Report:
    """What came of it."""

    plan: Plan
    kills: int = 0
    returned: int = 0
    """Workers that were started again under their names."""
    adopted: int = 0
    """Workers whose tasks another one took over."""
    restarts: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(factory=Counter[str])
    charged_twice: int = 0
    unknown: int = 0
    """Tasks that the service accepted, of which the run tells nothing and which is not in doubt."""
    most_at_once: int = 0

    def lines(self) -> Iterator[str]:
        yield f"seed {self.plan.seed}: {self.plan.nodes} nodes, {self.plan.workers} workers, {self.seconds:.0f} s"
        yield f"killed {self.kills} times: {self.returned} came back, {self.adopted} were adopted by another"
        yield f"the database was restarted {self.restarts} times"
        yield "nodes: " + ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        yield f"charged twice: {self.charged_twice}"
        yield f"accepted and unknown: {self.unknown}"
        yield f"most tasks at once: {self.most_at_once} of {self.plan.slots} slots"


class Fleet:
    """The worker processes."""

    def __init__(self, database: str, service: str) -> None:
        self._database = database
        self._service = service
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._adopts: dict[str, tuple[str, ...]] = {}
        """Whom each was told to adopt: it may have died before it did."""
        self._begun = 0

    @property
    def names(self) -> list[str]:
        return sorted(self._processes)

    def begin(self, name: str | None = None, *, adopt: tuple[str, ...] = ()) -> str:
        self._begun += 1
        name = name or f"w{self._begun}"
        adopt = tuple(each for dead in adopt for each in (dead, *self._adopts.get(dead, ()))) or self._adopts.get(
            name, ()
        )
        self._adopts[name] = adopt
        command = [sys.executable, "-m", "tests.cluster.worker", self._database, self._service, name, *adopt]
        self._processes[name] = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own
        return name

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def renew(self) -> None:
        """Begin those again that ended by themselves, as whatever keeps services alive does."""
        for name in self.names:
            if self._processes[name].poll() is not None:
                self.begin(name)

    def end(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait()


def drawn(nodes: int) -> TaskGraph:
    """Draw trees of five nodes."""
    graph = TaskGraph()
    for number in range(nodes // 5):
        grid = graph.imagine(f"elk {number}", key=f"{number}")
        for index in (1, 2):
            tile = graph.upscale_1x(grid, index=index, key=f"{number}/{index}")
            graph.pan(tile, direction="up", key=f"{number}/{index}/pan")
    return graph


async def campaign(plan: Plan) -> Report:
    """Carry a graph while everything around dies, and say what came of it."""
    report = Report(plan)
    async with _place(plan) as place:
        fleet = Fleet(place.cluster.url, place.sandbox.base_url)
        try:
            for _ in range(plan.workers):
                fleet.begin()
            began = time.monotonic()
            outcome = await _carried(plan, report, place, fleet)
            report.seconds = time.monotonic() - began
        finally:
            await to_thread.run_sync(fleet.end)
        _judge(report, outcome, place.sandbox)
    return report


@frozen(kw_only=True)
class _Place:
    server: Postgres
    cluster: Cluster
    sandbox: Sandbox


@asynccontextmanager
async def _place(plan: Plan) -> AsyncGenerator[_Place]:
    with (
        TemporaryDirectory(prefix="journey-", ignore_cleanup_errors=True) as folder,
        postgres.running(Path(folder), synced=True) as server,
    ):
        cluster = Cluster(server.url("campaign"))
        async with Database(cluster, patient=False) as database:
            await database.prepare()
        async with Sandbox(
            api_key=KEY, plan=plan.plan, credits=100_000, task_seconds=plan.seconds, seed=plan.seed
        ) as sandbox:
            yield _Place(server=server, cluster=cluster, sandbox=sandbox)


async def _carried(plan: Plan, report: Report, place: _Place, fleet: Fleet) -> Outcome:
    client = JourneyClient(KEY, base_url=place.sandbox.base_url, pace=QUICK, retry=PATIENT)
    outcomes: list[Outcome] = []
    async with client as journey, anyio.create_task_group() as group:
        group.start_soon(_watch, report, place.sandbox)
        group.start_soon(_trouble, plan, report, place.server, fleet)
        outcomes.append(await journey.run(drawn(plan.nodes), journal=place.cluster))
        group.cancel_scope.cancel()
    return outcomes[0]


async def _watch(report: Report, sandbox: Sandbox) -> None:
    while True:
        report.most_at_once = max(report.most_at_once, sandbox.ledger()["in_flight"])
        await anyio.sleep(0.02)


async def _trouble(plan: Plan, report: Report, server: Postgres, fleet: Fleet) -> None:
    chance = random.Random(plan.seed)
    restarts = {plan.kills * (n + 1) // (plan.restarts + 1) for n in range(plan.restarts)}
    await anyio.sleep(1.0)
    while report.kills < plan.kills:
        await anyio.sleep(chance.uniform(0.1, 1.2))
        if report.kills in restarts:
            restarts.discard(report.kills)
            how = chance.choice(["fast", "immediate"])
            await to_thread.run_sync(server.restart, how)
            report.restarts += 1
        await to_thread.run_sync(fleet.renew)
        name = chance.choice(fleet.names)
        await to_thread.run_sync(fleet.kill, name)
        report.kills += 1
        await anyio.sleep(chance.uniform(0.0, 0.4))
        if chance.random() < 1 / 3:
            fleet.begin(adopt=(name,))
            report.adopted += 1
        else:
            fleet.begin(name)
            report.returned += 1
    while True:
        await anyio.sleep(0.5)
        await to_thread.run_sync(fleet.renew)


def _judge(report: Report, outcome: Outcome, sandbox: Sandbox) -> None:
    report.states = Counter(row.state for row in outcome)
    charges = sandbox.ledger()["charges"]
    rows = [row for row in outcome if isinstance(row, NodeSubmitted | NodeFinished | NodeFailed)]
    known = Counter(row.task_id for row in rows if row.task_id is not None)
    doubts = Counter(row.node.name for row in outcome if isinstance(row, NodeInDoubt))
    unknown = Counter(charge["action"] for charge in charges if charge["task_id"] not in known)
    # Each task that no node knows may be that of one node in doubt, and of no other.
    report.unknown = sum((unknown - doubts).values())
    wanted = Counter(node.name for node in drawn(report.plan.nodes))
    bought = Counter(charge["action"] for charge in charges)
    report.charged_twice = sum((bought - wanted).values()) + sum(count - 1 for count in known.values())


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--nodes", type=int, default=400)
    asked.add_argument("--workers", type=int, default=4)
    asked.add_argument("--kills", type=int, default=50)
    asked.add_argument("--restarts", type=int, default=2)
    given = asked.parse_args()
    report = anyio.run(campaign, Plan(**vars(given)))
    for line in report.lines():
        sys.stdout.write(f"{line}\n")
    return int(bool(report.charged_twice or report.unknown or report.most_at_once > report.plan.slots))


if __name__ == "__main__":
    sys.exit(main())
