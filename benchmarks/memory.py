"""How many bytes does a task take that is being followed?

What Python allocated between the moment before the tasks were known and the one when each has been asked about once.
Nobody parked: one waiter follows all, as a run does. With `await task`: a task of the loop for each. Ids of 36
characters are counted, as every client needs them. The middle of three: the set in which asyncio keeps its tasks takes
from 80 to 180 bytes for each of them, as it happens to have grown. Time is virtual, so that none is asked twice.

    python benchmarks/memory.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import gc
import json
import tracemalloc
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import anyio

from benchmarks.rows import Row, Size, exactly, report
from journey_async import Pace, Reply, RetryPolicy
from journey_async.core.kinds import ImagineGrid
from journey_async.core.tasks import SUBMITTED, Unfinished
from journey_async.task import Task
from journey_async.waiting import Waiter
from journey_async.workings import Workings
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async import Request
    from journey_async.watch import Watch
    from journey_async.watcher import Watcher

COUNTS: Final[Mapping[Size, int]] = {"quick": 2000, "usual": 10_000, "full": 100_000}


class _StubTransport:
    """Says of every task that it is at work."""

    def __init__(self) -> None:
        self.told = 0

    async def send(self, request: Request, /) -> Reply:
        """Answer a fetch-many."""
        asked: Any = request.body
        ids: list[str] = asked["task_ids"] if "task_ids" in asked else [asked["task_id"]]
        self.told += len(ids)
        tasks = [{"task_id": name, "status": "processing", "percentage": "35"} for name in ids]
        return Reply(status=200, body=json.dumps({"tasks": tasks} if len(tasks) > 1 else tasks[0]).encode())


def _known(watcher: Watcher) -> Watch:
    state = Unfinished(task_id=str(uuid4()), status=SUBMITTED, kind=ImagineGrid)
    return watcher.watch(state, action="imagine")


def _clock() -> float:
    # A number of its own each time, as real clocks give: one that all tasks have in common takes no bytes.
    return anyio.current_time() + 1e-9


async def bytes_per_task(count: int, *, awaited: bool) -> float:
    """Follow so many tasks until each was asked about."""
    transport = _StubTransport()
    pace = Pace(lag=1.0, longest=3600.0)
    # No public call follows a task without awaiting it.
    workings = Workings.on(transport, retry=RetryPolicy(), pace=pace, clock=_clock)
    watcher = workings.watcher
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    if awaited:

        async def follow() -> None:
            task: Task[Any] = Task(watcher, _known(watcher))
            await task

        tasks = [asyncio.create_task(follow()) for _ in range(count)]
    else:
        follower, never = Waiter(), Waiter()
        for _ in range(count):
            watcher.join(_known(watcher), follower)
        tasks = [asyncio.create_task(watcher.wait(never))]
    while transport.told < count:  # noqa: ASYNC110 - nobody else tells
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.1)
    gc.collect()
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return (now - before) / count


def measure(size: Size) -> list[Row]:
    """Count the bytes."""
    rows: list[Row] = []
    for awaited, limit, goal, stretch in ((False, "250", 350, 280), (True, "1,150", 1700, 1300)):
        found = median(run_virtually(partial(bytes_per_task, COUNTS[size], awaited=awaited)) for _ in range(3))
        who = "with `await task`" if awaited else "nobody parked"
        rows.append(
            Row(
                headline=f"bytes per watched task, {who}",
                limit=limit,
                goal=goal,
                stretch=stretch,
                measured=exactly(round(found)),
                note=f"{COUNTS[size]:,} tasks, by tracemalloc",
            )
        )
    return rows


if __name__ == "__main__":
    report(__doc__, measure)
