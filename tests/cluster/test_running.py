"""A graph that workers carry comes to what it comes to on one machine, and is paid once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from journey_async import TaskGraph, read_journal
from journey_async.core.events import NodeFinished, RunPlanned

if TYPE_CHECKING:
    from tests.cluster.conftest import Place


def elks(count: int = 3) -> TaskGraph:
    """Draw grids, a tile of each, and a pan of that."""
    graph = TaskGraph()
    for number in range(count):
        grid = graph.imagine(f"elk {number}", key=f"grid-{number}")
        tile = graph.upscale_1x(grid, index=1, key=f"tile-{number}")
        graph.pan(tile, direction="up", key=f"pan-{number}")
    return graph


async def test_a_graph_comes_to_the_same_as_on_one_machine(place: Place) -> None:
    async with place.client() as journey:
        here = await journey.run(elks())
        async with place.working():
            there = await journey.run(elks(), journal=place.cluster)
    assert [(row.node.key, row.state) for row in there] == [(row.node.key, row.state) for row in here]
    assert there.spending == here.spending
    assert there.complete


async def test_its_events_are_those_of_a_run_on_one_machine(place: Place) -> None:
    seen: Counter[str] = Counter()
    async with place.client() as journey, place.working(), journey.running(elks(2), journal=place.cluster) as run:
        async for event in run:
            seen[type(event).__name__] += 1
            if isinstance(event, RunPlanned):
                assert (event.nodes, event.to_send) == (6, 6)
    assert seen == {"RunPlanned": 1, "NodeSubmitted": 6, "NodeFinished": 6}


async def test_to_run_it_again_buys_nothing(place: Place) -> None:
    async with place.client() as journey, place.working():
        first = await journey.run(elks(1), journal=place.cluster)
        again = await journey.run(elks(1), journal=place.cluster)
    assert [row.state for row in again] == [row.state for row in first] == ["finished"] * 3
    assert place.ledger()["accepted"] == 3
    assert all(isinstance(row, NodeFinished) and row.earlier for row in again)
    assert (await read_journal(place.cluster)).spending == again.spending
