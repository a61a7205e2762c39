"""The plan's slots are not idle, by polling alone at the default pace: measured by the ledger, in virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import Outcome, TaskGraph
from journey_async.runs import RunOptions, run, running
from journey_async.sandbox import World
from tests.virtual_service import KEY, ledger, virtual_workings
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from journey_async.sandbox import Ledger


def batch(roots: int) -> TaskGraph:
    """Draw so many grids with two generations of children."""
    graph = TaskGraph()
    for number in range(roots):
        grid = graph.imagine(f"elk {number}")
        picture = graph.upscale_1x(grid, index=1)
        graph.upscale_1x(grid, index=2)
        graph.pan(picture, direction="left")
    return graph


def carried_out(graph: TaskGraph, **options: Any) -> tuple[Outcome, Ledger]:
    """Run *graph* on a sandbox of these options with realistic durations, in virtual time."""

    async def main() -> tuple[Outcome, Ledger]:
        world = World(api_key=KEY, credits=10**6, speed=1, **options)
        outcome = await run(virtual_workings(world), graph, RunOptions())
        return outcome, ledger(world)

    return run_virtually(main)


@pytest.mark.parametrize(
    ("roots", "options", "least"),
    [
        (200, {"plan": "starter"}, 0.97),
        (200, {"plan": "starter", "faults": ["http-429-bare:*:0.02"]}, 0.95),
        (300, {"plan": "growth"}, 0.97),
        (500, {"plan": "enterprise", "slots": 100}, 0.95),
        (500, {"plan": "enterprise", "slots": 100, "faults": ["http-429-bare:*:0.02"]}, 0.95),
    ],
    ids=["starter", "starter with 429s", "growth", "unknown number", "unknown number with 429s"],
)
def test_the_plan_is_full(roots: int, options: dict[str, Any], least: float) -> None:
    """From the first acceptance to the last."""
    graph = batch(roots)
    outcome, books = carried_out(graph, **options)
    assert outcome.complete
    assert books["accepted"] == len(graph)
    full = books["slot_seconds"]["busy"] / books["slot_seconds"]["possible"]
    assert full >= least, full


def test_an_outage_of_minutes_leaves_few_nodes_in_doubt() -> None:
    """Every paid request is answered 502 at first: with growing waits one node at a time tries."""
    graph = TaskGraph()
    for number in range(1000):
        graph.imagine(f"elk {number}")

    async def main() -> tuple[Outcome, int]:
        world = World(api_key=KEY, credits=10**6, plan="growth", faults=["http-502:imagine"])
        made = virtual_workings(world)

        async def relent() -> None:
            await anyio.sleep(600)
            world.set_faults([])

        async with anyio.create_task_group() as group, running(made, graph, RunOptions()) as events:
            # Only now: while a thread plans the run, virtual time would jump to the end of the outage.
            await anext(events)
            group.start_soon(relent)
            async for _ in events:
                pass
        return events.outcome, ledger(world)["accepted"]

    outcome, accepted = run_virtually(main)
    assert 25 <= len(outcome.in_doubt) <= 120
    assert accepted == len(outcome.finished) == 1000 - len(outcome.in_doubt)
