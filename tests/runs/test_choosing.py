"""A function that chooses the index: asked once its parent has finished, and once only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import InvalidRequestError, NodeFailed, NodeSkipped, RunPlanned, TaskGraph
from tests.client.services import requests
from tests.runs.trees import states

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Grid
    from tests.client.services import Service


def chosen_by(choice: Any) -> TaskGraph:
    """Draw a grid, a picture of it that *choice* picks, a pan of that, and a picture that needs no choice."""
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    picture = graph.upscale_1x(grid, index=choice, key="picture")
    graph.pan(picture, direction="left", key="left")
    graph.upscale_1x(grid, index=1, key="other")
    return graph


@pytest.mark.parametrize("index", [3, "3"])
async def test_the_function_sees_the_finished_parent(service: Service, index: Any) -> None:
    """What it gives is what is asked; a range of credits was planned."""
    seen: list[Grid] = []

    async def choose(grid: Grid) -> Any:
        seen.append(grid)
        return index

    graph = chosen_by(choose)
    async with service.client() as journey, journey.running(graph) as run:
        planned = await anext(run)
        assert isinstance(planned, RunPlanned)
        assert planned.credits == graph.credits
        assert not planned.credits.exact
        async for _ in run:
            pass
        outcome = run.outcome
    assert outcome.complete
    assert seen == [outcome.result(graph["grid"])]
    assert outcome.spending.spent == service.ledger()["charged"] == graph.credits.most


async def test_nobody_chose_leaves_out_the_node_and_all_below(service: Service) -> None:
    """That is no failure: the outcome is complete."""

    async def choose(grid: Grid) -> None:
        return None

    graph = chosen_by(choose)
    async with service.client() as journey:
        outcome = await journey.run(graph)
    assert states(outcome) == {"grid": "finished", "picture": "skipped", "left": "skipped", "other": "finished"}
    row, below = outcome[graph["picture"]], outcome[graph["left"]]
    assert isinstance(row, NodeSkipped)
    assert isinstance(below, NodeSkipped)
    assert (row.why, row.because) == ("nobody chose an index", graph["picture"])
    assert (below.why, below.because) == ("a node above it was left out", graph["picture"])
    assert outcome.complete
    outcome.raise_for_failures()


@pytest.mark.parametrize("index", [0, 5, "", "two", 2.5, True, [1], object()])
async def test_an_index_that_is_none_fails_the_node_alone(service: Service, index: Any) -> None:
    """Nothing is sent for it."""

    async def choose(grid: Grid) -> Any:
        return index

    async with service.client() as journey:
        outcome = await journey.run(chosen_by(choose))
    assert states(outcome) == {"grid": "finished", "picture": "failed", "left": "skipped", "other": "finished"}
    (failed,) = outcome.failed
    assert isinstance(failed.error, InvalidRequestError)
    assert requests(service, "/upscale-1x") == 1


async def test_an_exception_of_the_function_fails_the_node_alone(service: Service, tmp_path: Path) -> None:
    """It is the error of the node, as itself; another run asks again."""
    asked = 0

    async def choose(grid: Grid) -> int:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise KeyError("canary")
        return 2

    graph = chosen_by(choose)
    async with service.client() as journey:
        outcome = await journey.run(graph, journal=tmp_path / "elk.db")
        (failed,) = outcome.failed
        assert isinstance(failed, NodeFailed)
        assert isinstance(failed.error, KeyError)
        with pytest.raises(KeyError, match="canary"):
            outcome.result(graph["picture"])
        with pytest.raises(ExceptionGroup) as caught:
            outcome.raise_for_failures()
        assert caught.value.exceptions == (failed.error,)
        again = await journey.run(graph, journal=tmp_path / "elk.db")
    assert again.complete
    assert asked == 2
    assert service.ledger()["accepted"] == 4


async def test_what_was_chosen_is_kept(service: Service, tmp_path: Path) -> None:
    """Nobody is asked twice: not for an index, and not where nobody chose."""
    asked = 0

    async def choose(grid: Grid) -> int | None:
        nonlocal asked
        asked += 1
        return None if asked == 1 else 4

    graph = chosen_by(choose)
    graph.upscale_1x(graph["grid"], index=choose, key="second")
    async with service.client() as journey:
        first = await journey.run(graph, journal=tmp_path / "elk.db")
        again = await journey.run(graph, journal=tmp_path / "elk.db")
        without_code = await journey.resume(tmp_path / "elk.db")
    assert asked == 2
    assert states(first) == states(again) == states(without_code)
    assert service.ledger()["accepted"] == 3
