"""A day of a service in one client, in virtual time: what is left in it at the end of each hour."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import gc
import logging
import random
import tracemalloc
from collections import Counter
from functools import _lru_cache_wrapper
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import anyio
from attrs import frozen

from journey_async import Finished, JourneyError, Pace, RetryPolicy, TaskGraph, WebhookReceiver
from journey_async.core import glimpse
from journey_async.core.actions import Imagine, Upscale1x
from journey_async.runs import RunOptions, run
from journey_async.sandbox import World
from journey_async.task import Task
from journey_async.workings import Workings
from tests.virtual_service import KEY, VirtualTransport, bought
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sized

T = TypeVar("T")

HOUR: Final = 3600.0
FAULTS: Final = (
    "http-429-bare:*:0.02",
    "http-502:*:0.02",
    "lost-reply:*:0.01",
    "task-failed:*:0.02",
    "omit-id:*:0.02",
)
TOLD: Final = (
    # Only one of them strikes a task.
    "lost-webhook:*:0.3",
    "double-webhook:*:0.3",
    "late-webhook:*:0.2",
    "backward-webhook:*:0.1",
)
SLOTS: Final = 40
SECRET: Final = "a-secret-that-lasts-a-day"


@frozen(kw_only=True)
class Hour:
    """What was done in one hour, and what is left of it once all is quiet."""

    accepted: int
    requests: int
    waited: float
    """Seconds that a call which was awaited took, on average."""
    tables: dict[str, int]
    """The sizes of everything in the client that has a size."""
    delivered: int
    """Webhook deliveries that the client was told."""
    doubts: int
    """Paid requests that were left in doubt so far, and that no webhook revealed."""
    objects: dict[str, int]
    """How many objects of each class of the package there are; those of the sandbox are not counted."""


@frozen(kw_only=True)
class Held:
    """What is held once an hour is over and all is quiet."""

    size: int
    """Bytes that Python allocated since the day began."""
    doubts: int
    """Paid requests in doubt, whose orders are kept because a webhook may still tell of them; 1000 at the most."""


def a_day(*, tasks: int, hours: int = 24, seed: int = 1, told: bool = False) -> list[Hour]:
    """Live through so many hours with about so many calls each, in virtual time; *told* has webhooks tell of ends."""
    return run_virtually(_Day(tasks, seed, told=told).live, hours, _Day.hour)


def memory(*, tasks: int, hours: int, seed: int = 1, told: bool = False) -> list[Held]:
    """Live through as many hours: what is held at the end of each."""
    log = logging.getLogger("journey_async")
    # Pytest would keep what is logged.
    log.disabled = True
    tracemalloc.start()
    try:
        return run_virtually(_Day(tasks, seed, told=told).live, hours, _Day.held)
    finally:
        tracemalloc.stop()
        log.disabled = False


class _Day:
    def __init__(self, tasks: int, seed: int, *, told: bool) -> None:
        self._tasks = tasks
        self._seed = seed
        self._chance = Random(seed)
        self._waits: list[float] = []
        self._delivered = 0
        self._told = told
        self._transport = VirtualTransport(self._world(seed), round_trip=0.05)

    def _world(self, seed: int) -> World:
        faults = FAULTS + TOLD if self._told else FAULTS
        return World(api_key=KEY, credits=10**9, plan="enterprise", slots=SLOTS, speed=1, seed=seed, faults=faults)

    async def live(self, hours: int, lived: Callable[[_Day, Workings], Awaitable[T]]) -> list[T]:
        # Backoff draws its jitter from what all of the process shares.
        random.seed(self._seed)
        receiver = WebhookReceiver(secret=SECRET, public_url="https://example.com/journey") if self._told else None
        clock = anyio.current_time
        workings = Workings.on(self._transport, retry=RetryPolicy(), pace=Pace(), webhooks=receiver, clock=clock)
        found: list[T] = []
        async with anyio.create_task_group() as group:
            if receiver is not None:
                receiver.attach(workings.submitter)
                group.start_soon(self._deliver, receiver)
            found += [await lived(self, workings) for _ in range(hours)]
            group.cancel_scope.cancel()
        return found

    async def held(self, workings: Workings) -> Held:
        await self._live_an_hour(workings)
        # The sandbox keeps books of all that it ever did; another one takes its place.
        self._transport.world = self._world(self._chance.randrange(10**9))
        # Kept on purpose, once for all clients, and no more than 4096 of each.
        for kept in vars(glimpse).values():
            if isinstance(kept, _lru_cache_wrapper):
                kept.cache_clear()
        glimpse._FOUND.clear()
        gc.collect()
        return Held(size=tracemalloc.get_traced_memory()[0], doubts=workings.statistics.in_doubt)

    async def hour(self, workings: Workings) -> Hour:
        before, delivered = workings.statistics, self._delivered
        await self._live_an_hour(workings)
        after = workings.statistics
        return Hour(
            accepted=after.accepted - before.accepted,
            requests=sum(after.requests.values()) - sum(before.requests.values()),
            waited=sum(self._waits) / len(self._waits),
            delivered=self._delivered - delivered,
            doubts=after.in_doubt,
            tables=_tables(workings),
            objects=_objects(),
        )

    async def _live_an_hour(self, workings: Workings) -> None:
        self._waits = []
        ends = anyio.current_time() + HOUR
        async with anyio.create_task_group() as group:
            group.start_soon(self._batch, workings)
            for _ in range(self._tasks):
                group.start_soon(self._call, workings, self._chance.uniform(0, HOUR * 0.8))
        await anyio.sleep_until(ends)

    async def _deliver(self, to: WebhookReceiver) -> None:
        luck = Random(self._tasks)
        while True:  # noqa: ASYNC110 - the world wakes nobody
            await anyio.sleep(await self._delivered_what_is_due(to, luck))

    async def _delivered_what_is_due(self, to: WebhookReceiver, luck: Random) -> float:
        """Carry what the service tells, of which some is lost, or its answer; give the seconds to the next look."""
        now, world = anyio.current_time(), self._transport.world
        for delivery in world.due_deliveries(now):
            drawn = luck.random()
            if drawn > 0.05:
                query = urlsplit(delivery.url).query
                answer = await to.answer("POST", delivery.headers.items(), query, delivery.body)
                assert answer.status == 200, answer
                self._delivered += 1
            world.delivered(delivery, arrived=drawn > 0.1, now=now)
        at = world.next_event(now)
        # Those that are submitted meanwhile do not end sooner than that.
        return 1 if at is None else min(max(at - now, 0.001), 1)

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
    watch = await bought(workings, order, cancelled=True)
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
