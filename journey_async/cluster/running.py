"""What a client does with runs of a cluster."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from journey_async.cluster.beginning import begin
from journey_async.cluster.database import Database
from journey_async.cluster.following import Follower
from journey_async.cluster.names import named
from journey_async.cluster.store import Store
from journey_async.errors import JournalError
from journey_async.planning import read_history
from journey_async.settling import judged

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

    from journey_async.cluster.address import Cluster
    from journey_async.core.events import Event
    from journey_async.core.kinds import Result
    from journey_async.core.node import Node
    from journey_async.core.run_state import RunState
    from journey_async.core.tasks import TaskState
    from journey_async.deciding import Decide
    from journey_async.settling import Settlement
    from journey_async.workings import Workings


@asynccontextmanager
async def begun(
    workings: Workings,
    graph: Iterable[Node[Any]] | None,
    cluster: Cluster,
    *,
    budget: float | None,
    in_flight: int | None,
    decide: Decide | None,
) -> AsyncGenerator[tuple[RunState, Callable[[Callable[[Event], None] | None], Awaitable[None]]]]:
    """Begin a run; within the block it can be followed by what is given beside its state. It goes on afterwards."""
    async with Database(cluster, patient=True) as database:
        made = await begin(workings, database, cluster, graph, budget=budget, in_flight=in_flight)

        async def drive(tell: Callable[[Event], None] | None) -> None:
            if tell is not None:
                tell(made.planned)
            await Follower(workings, database, cluster, made, decide=decide, tell=tell).follow()

        yield made.state, drive


async def records_of(cluster: Cluster) -> list[str]:
    """Read the records of a run; nothing is sent or written. Raises `JournalError`."""
    async with Database(cluster, patient=False) as database:
        return await _records(database, cluster)


async def settle(
    cluster: Cluster, key: str, settlement: Settlement, *, find: Callable[[str], Awaitable[TaskState[Result]]]
) -> None:
    """Record what becomes of the node *key*, and have it carried."""
    async with Database(cluster, patient=False) as database:
        # Between reading and recording nobody begins the run, which would change what can be settled.
        busy = f"run {cluster.run} is just being begun by another process: wait a moment"
        async with named(cluster, f"run {cluster.run}", busy):
            history = await read_history(await _records(database, cluster), file=str(cluster))
            record = await judged(history, key, settlement, find=find, clock=time.time, sent_elsewhere=True)
            await database.call(Store.settle, cluster.run, record)


async def _records(database: Database, cluster: Cluster) -> list[str]:
    await database.check()
    if await database.call(Store.run, cluster.run) is None:
        raise JournalError(str(cluster), "there is no such run")
    return [record for _, record in await database.call(Store.records, cluster.run)]
