"""How full do two workers of a cluster keep a plan, and what does a node cost the database?

Two worker processes, a PostgreSQL of one's own that syncs, and the sandbox over HTTP in real time. Chains of two nodes,
an imagine and an upscale. A task takes ten seconds where the slots are looked at; where the database is, it takes a
part of one, so that the figures are of nodes and not of waiting.

    python benchmarks/cluster.py [--quick | --full]
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import anyio
import psycopg
from anyio import to_thread
from attrs import frozen

from benchmarks.rows import Row, Size, exactly, report
from journey_async import Cluster, JourneyClient, TaskGraph
from journey_async.cluster.database import Database
from journey_async.sandbox import Sandbox
from tests.cluster import postgres
from tests.cluster.conftest import KEY, PATIENT, QUICK

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from tests.cluster.postgres import Postgres

ROOT: Final = Path(__file__).parents[1]
WORKERS: Final = 2
SLOTS: Final = 25
FILLED: Final[Mapping[Size, tuple[int, float]]] = {"quick": (10, 0.3), "usual": (200, 10.0), "full": (600, 20.0)}
"""Nodes, and the seconds of a task."""
COUNTED: Final[Mapping[Size, tuple[int, ...]]] = {"quick": (10,), "usual": (100, 1000), "full": (100, 1000, 10_000)}
COUNTED_SECONDS: Final = 0.5


@frozen(kw_only=True)
class Figures:
    """What a run took."""

    busy: float
    """The part of the slot seconds, from the first acceptance to the last, in which a task lived."""
    seconds: float
    transactions: float
    """Committed, a node: those of the engine that looks for work too."""
    rows: float
    """Inserted or updated, a node."""


def drawn(nodes: int) -> TaskGraph:
    """Draw chains of two nodes."""
    graph = TaskGraph()
    for number in range(nodes // 2):
        graph.upscale_1x(graph.imagine(f"elk {number}"), index=1)
    return graph


@contextmanager
def working(database: str, service: str) -> Generator[None]:
    """Have the workers carry nodes while the block lasts."""
    command = [sys.executable, "-m", "tests.cluster.worker", database, service]
    processes = [subprocess.Popen([*command, f"w{number}"], cwd=ROOT) for number in range(WORKERS)]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def written(server: Postgres, database: str) -> tuple[int, int]:
    """Give the transactions committed in a database, and the rows inserted and updated."""
    query = "SELECT xact_commit, tup_inserted + tup_updated FROM pg_stat_database WHERE datname = %s"
    with psycopg.connect(server.url()) as connection:
        found = connection.execute(query, (database,)).fetchone()
    assert found is not None
    return found[0], found[1]


async def carried(server: Postgres, nodes: int, task_seconds: float) -> Figures:
    """Run it in a fresh database."""
    name = f"nodes_{nodes}_{time.monotonic_ns()}"
    cluster = Cluster(server.url(name))
    async with Database(cluster, patient=False) as database:
        await database.prepare()
    before = await to_thread.run_sync(written, server, name)
    async with Sandbox(api_key=KEY, plan="growth", credits=10**7, task_seconds=task_seconds) as sandbox:
        client = JourneyClient(KEY, base_url=sandbox.base_url, pace=QUICK, retry=PATIENT)
        workers = working(cluster.url, sandbox.base_url)
        await to_thread.run_sync(workers.__enter__)
        try:
            async with client as journey:
                began = time.monotonic()
                outcome = await journey.run(drawn(nodes), journal=cluster)
                seconds = time.monotonic() - began
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(workers.__exit__, None, None, None)
        assert outcome.complete, outcome.failed[:2]
        slots = sandbox.ledger()["slot_seconds"]
    # What a connection counted is told when it ends.
    after = await to_thread.run_sync(written, server, name)
    return Figures(
        busy=slots["busy"] / slots["possible"],
        seconds=seconds,
        transactions=(after[0] - before[0]) / nodes,
        rows=(after[1] - before[1]) / nodes,
    )


def measure(size: Size) -> list[Row]:
    """Run once each: it is reported, and differs a little from time to time."""
    if postgres.programs() is None:
        return [Row(headline="slots busy / possible, 2 workers", note=postgres.MISSING)]
    with (
        TemporaryDirectory(prefix="journey-", ignore_cleanup_errors=True) as folder,
        postgres.running(Path(folder), synced=True) as server,
    ):
        nodes, seconds = FILLED[size]
        filled = anyio.run(carried, server, nodes, seconds)
        counted = {nodes: anyio.run(carried, server, nodes, COUNTED_SECONDS) for nodes in COUNTED[size]}
    rows = [
        Row(
            headline=f"slots busy / possible, {WORKERS} workers, {SLOTS} slots",
            limit="1",
            more_is_better=True,
            measured=exactly(filled.busy),
            note=f"{nodes} nodes, tasks of {seconds:g} s, {filled.seconds:.1f} s in all",
        )
    ]
    for nodes, figures in counted.items():
        note = f"{nodes / figures.seconds:.1f} nodes/s, tasks of {COUNTED_SECONDS:g} s"
        rows.append(
            Row(headline=f"transactions/node, {nodes:,} nodes", measured=exactly(figures.transactions), note=note)
        )
        rows.append(Row(headline=f"rows written/node, {nodes:,} nodes", measured=exactly(figures.rows)))
    return rows


if __name__ == "__main__":
    report(__doc__, measure)
