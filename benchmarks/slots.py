"""How full does a run keep a plan, and how much longer does it take than one that notices every end at once?

A whole run against the sandbox's world in virtual time: durations, percentages and limits as the sandbox has them, a
round trip of 50 ms. Trees of an imagine, two upscales, one of whose index is chosen by a function, and a pan. The
oracle is the same run without a round trip, told of every end in the moment it happens.

    python benchmarks/slots.py [--quick | --full]
"""

from __future__ import annotations

import asyncio
import math
from itertools import count
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import anyio
from attrs import frozen

from benchmarks.rows import Row, Size, exactly, report
from journey_async import Pace, RetryPolicy, TaskGraph, WebhookReceiver
from journey_async.runs import RunOptions, run
from journey_async.sandbox import World
from journey_async.workings import Workings
from tests.virtual_service import KEY, VirtualTransport, ledger
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from journey_async import Grid, Request
    from journey_async.sandbox.answers import Answer

How: TypeAlias = Literal["polling", "webhooks", "oracle"]
HOWS: Final[tuple[How, ...]] = ("polling", "webhooks", "oracle")
SLOTS: Final = (10, 25, 100)
GOALS: Final[tuple[tuple[How, float, float | None], ...]] = (("polling", 0.97, 0.985), ("webhooks", 0.99, None))
TREES: Final[Mapping[Size, int]] = {"quick": 3, "usual": 8, "full": 30}
"""For each slot."""


@frozen
class Figures:
    """What a run took."""

    busy: float
    """The part of the slot seconds, from the first acceptance to the last, in which a task lived."""
    seconds: float
    """Until the last end was known."""
    requests: float
    """A task."""


class WakingTransport(VirtualTransport):
    """Says when the world was asked, since something may be due then."""

    def __init__(self, world: World, *, round_trip: float) -> None:
        super().__init__(world, round_trip=round_trip)
        self.news = anyio.Event()
        self.begun = anyio.Event()

    def answered(self, request: Request) -> Answer:
        """Let the world answer."""
        self.news.set()
        if request.paid:
            self.begun.set()
        return super().answered(request)


async def first(grid: Grid) -> int:
    """Choose."""
    assert grid.image_urls
    return 1


def drawn(trees: int) -> TaskGraph:
    """Draw trees of four nodes."""
    graph = TaskGraph()
    for number in range(trees):
        grid = graph.imagine(f"elk {number}")
        picture = graph.upscale_1x(grid, index=first)
        graph.upscale_1x(grid, index=2)
        graph.pan(picture, direction="left")
    return graph


async def carry(transport: WakingTransport, receiver: WebhookReceiver, way: float) -> None:
    """Deliver webhooks when they are due, each on its way for a moment."""
    world = transport.world
    while True:
        now = anyio.current_time()
        for delivery in world.due_deliveries(now):
            await anyio.sleep(way)
            query = urlsplit(delivery.url).query
            answer = await receiver.answer("POST", delivery.headers.items(), query, delivery.body)
            world.delivered(delivery, arrived=answer.status == 200, now=anyio.current_time())
        at = world.next_event(anyio.current_time())
        transport.news = anyio.Event()
        with anyio.move_on_after(math.inf if at is None else max(0.0, at - anyio.current_time())):
            await transport.news.wait()


async def look(transport: WakingTransport, seen: list[tuple[int, int]]) -> None:
    """Count the tasks that have not ended, once a second from the first submission on."""
    await transport.begun.wait()
    for second in count():
        seen.append((second, ledger(transport.world)["in_flight"]))
        await anyio.sleep(1)


async def lived(slots: int, trees: int, how: How, seen: list[tuple[int, int]] | None = None) -> Figures:
    """Run it; what is in flight each second goes into *seen*."""
    world = World(api_key=KEY, credits=10**7, plan="enterprise", slots=slots)
    transport = WakingTransport(world, round_trip=0.0 if how == "oracle" else 0.05)
    receiver = WebhookReceiver(
        secret="0123456789abcdef0123456789abcdef",  # noqa: S106 - nobody else listens
        public_url="https://benchmark.example/journey",
        trust_bodies=how == "oracle",
    )
    webhooks = None if how == "polling" else receiver
    clock = asyncio.get_running_loop().time
    workings = Workings.on(transport, retry=RetryPolicy(), pace=Pace(), webhooks=webhooks, clock=clock)
    receiver.attach(workings.submitter)
    graph = drawn(trees)
    async with anyio.create_task_group() as group:
        if webhooks is not None:
            group.start_soon(carry, transport, receiver, 0.0 if how == "oracle" else 0.025)
        if seen is not None:
            group.start_soon(look, transport, seen)
        outcome = await run(workings, graph, RunOptions(in_flight=slots))
        assert outcome.complete, outcome.failed[:2]
        group.cancel_scope.cancel()
    books = ledger(world)
    seconds = books["slot_seconds"]
    return Figures(
        busy=seconds["busy"] / seconds["possible"],
        seconds=anyio.current_time(),
        requests=sum(books["requests"].values()) / len(graph),
    )


def measure(size: Size) -> list[Row]:
    """Run each way, in virtual time: the figures are the same every time."""
    rows: list[Row] = []
    for slots in SLOTS:
        found = {how: run_virtually(lived, slots, TREES[size] * slots, how) for how in HOWS}
        oracle = found["oracle"]
        for how, goal, stretch in GOALS:
            figures = found[how]
            longer = figures.seconds / oracle.seconds
            note = f"makespan {longer:.3f} of the oracle's, {figures.requests:.2f} requests/task"
            rows.append(
                Row(
                    headline=f"slots busy / possible, {how}, {slots} slots",
                    limit="1",
                    goal=goal,
                    stretch=stretch,
                    more_is_better=True,
                    measured=exactly(figures.busy),
                    note=f"{note}; the oracle fills {oracle.busy:.4f}",
                )
            )
    return rows


if __name__ == "__main__":
    report(__doc__, measure)
