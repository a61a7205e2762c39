"""A day of a service in one client, in virtual time: what is left in it at the end of each hour."""

from __future__ import annotations

import gc
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final, cast

import anyio
from attrs import frozen

from journey_async import Finished, JourneyError, TaskGraph
from journey_async.core.actions import Imagine, Upscale1x
from journey_async.runs import RunOptions, run
from journey_async.sandbox import World
from journey_async.task import Task
from tests.virtual_service import KEY, virtual_workings
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Sized

    from journey_async.workings import Workings

HOUR: Final = 3600.0
FAULTS: Final = (
    "http-429-bare:*:0.02",
    "http-502:*:0.02",
    "lost-reply:*:0.01",
    "task-failed:*:0.02",
    "omit-id:*:0.02",
)
SLOTS: Final = 40


@frozen(kw_only=True)
class Hour:
    """What was done in one hour, and what is left of it once all is quiet."""

    accepted: int
    requests: int
    waited: float
    """Seconds that a call which was awaited took, on average."""
    tables: dict[str, int]
    """The sizes of everything in the client that has a size."""
    objects: dict[str, int]
    """How many objects of each class of the package there are; those of the sandbox are not counted."""


def a_day(*, tasks: int, hours: int = 24, seed: int = 1) -> list[Hour]:
    """Live through so many hours with about so many calls each, in virtual time."""
    return run_virtually(_Day(tasks, hours, seed).live)


class _Day:
    def __init__(self, tasks: int, hours: int, seed: int) -> None:
        self._tasks = tasks
        self._hours = hours
        self._chance = Random(seed)
        self._waits: list[float] = []

    async def live(self) -> list[Hour]:
        world = World(api_key=KEY, credits=10**9, plan="enterprise", slots=SLOTS, speed=1, seed=1, faults=FAULTS)
        workings = virtual_workings(world)
        return [await self._hour(workings) for _ in range(self._hours)]

    async def _hour(self, workings: Workings) -> Hour:
        before = workings.statistics
        self._waits = []
        ends = anyio.current_time() + HOUR
        async with anyio.create_task_group() as group:
            group.start_soon(self._batch, workings)
            for _ in range(self._tasks):
                group.start_soon(self._call, workings, self._chance.uniform(0, HOUR * 0.8))
        await anyio.sleep_until(ends)
        after = workings.statistics
        return Hour(
            accepted=after.accepted - before.accepted,
            requests=sum(after.requests.values()) - sum(before.requests.values()),
            waited=sum(self._waits) / len(self._waits),
            tables=_tables(workings),
            objects=_objects(),
        )

    async def _batch(self, workings: Workings) -> None:
        graph = TaskGraph()
        for number in range(max(2, self._tasks // 20)):
            graph.upscale_1x(graph.imagine(f"batch {number}"), index=1)
        await run(workings, graph, RunOptions())

    async def _call(self, workings: Workings, begins: float) -> None:
        """One user: most wait, some walk away, look on for a while, or give up in the middle."""
        await anyio.sleep(begins)
        habit = self._chance.random()
        with anyio.move_on_after(self._chance.uniform(0.01, 60) if habit > 0.9 else None):
            try:
                await self._use(workings, habit)
            except JourneyError:
                return

    async def _use(self, workings: Workings, habit: float) -> None:
        began = anyio.current_time()
        grid = await _submitted(workings, Imagine(prompt="an elk"))
        if habit < 0.1:
            return
        if habit < 0.3:
            async for _ in grid.updates(min_interval=2, until=30):
                pass
        await grid
        self._waits.append(anyio.current_time() - began)
        if isinstance(grid.state, Finished) and habit < 0.6:
            await (await _submitted(workings, Upscale1x(index=1), parent=grid.id))


async def _submitted(workings: Workings, action: Any, parent: str | None = None) -> Task[Any]:
    order = workings.submitter.order(action, parent)
    watch = await workings.submitter.submit(order, overtaking=True, unclaimed=lambda _: None)
    return Task(workings.watcher, watch, action=action, parent=parent)


def _tables(workings: Workings) -> dict[str, int]:
    """Walk through all that a client consists of, so that a table which is added one day is seen too."""
    gc.collect()
    sizes: dict[str, int] = {}
    seen: set[int] = set()

    def walk(name: str, part: object) -> None:
        if id(part) in seen:
            return
        seen.add(id(part))
        fields = {each: getattr(part, each, None) for each in getattr(type(part), "__slots__", ())}
        for field, value in {**fields, **getattr(part, "__dict__", {})}.items():
            if hasattr(value, "__len__") and not isinstance(value, str | bytes):
                table = cast("Sized", value)
                sizes[f"{name}.{field}"] = len(table)
            if str(type(value).__module__).startswith("journey_async."):
                walk(f"{name}.{field}", value)

    for field in ("sender", "watcher", "slots", "submitter", "tally"):
        walk(field, getattr(workings, field))
    return sizes


def _objects() -> dict[str, int]:
    everything: list[object] = gc.get_objects()
    names = (f"{type(each).__module__}.{type(each).__qualname__}" for each in everything)
    return dict(Counter(name for name in names if name.startswith("journey_async") and ".sandbox." not in name))
