"""The user's own functions run on workers, by import path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journey_async import InvalidRequestError, TaskGraph, read_journal
from tests.cluster import functions

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Choice, Grid
    from tests.cluster.conftest import Place

MODULE = functions.__name__


def with_choice(choice: Choice[Grid]) -> TaskGraph:
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    graph.upscale_1x(grid, index=choice, key="tile")
    return graph


async def test_a_worker_chooses_with_the_function_of_the_graph(place: Place) -> None:
    async with place.client() as journey, place.working(code=[MODULE]):
        outcome = await journey.run(with_choice(functions.third), journal=place.cluster)
        assert outcome["tile"].state == "finished"
        kept = await place.ask("SELECT record FROM journey.records WHERE record LIKE '%chosen%index\":\"3%'")
        assert len(kept) == 1
        resumed = await journey.resume(place.cluster)
    assert resumed.complete
    assert place.ledger()["accepted"] == 2


async def test_where_nobody_chooses_the_node_is_left_out(place: Place) -> None:
    async with place.client() as journey, place.working(code=[MODULE]):
        outcome = await journey.run(with_choice(functions.nothing), journal=place.cluster)
    assert [row.state for row in outcome] == ["finished", "skipped"]


async def test_a_choice_that_raises_fails_its_node_and_is_tried_again_by_the_next_run(place: Place) -> None:
    """And so is one of a module that the worker was not told."""
    async with place.client() as journey:
        async with place.working(code=[MODULE]):
            outcome = await journey.run(with_choice(functions.raises), journal=place.cluster)
        assert [row.state for row in outcome] == ["finished", "failed"]
        assert "ValueError" in str((await read_journal(place.cluster)).failed[0].error)
        async with place.working():
            outcome = await journey.resume(place.cluster)
    assert "ConfigurationError" in str(outcome.failed[0].error)
    assert place.ledger()["accepted"] == 1


async def test_after_each_finished_node_its_files_are_saved_and_a_function_is_called(
    place: Place, tmp_path: Path
) -> None:
    functions.CALLED.clear()
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk", key="grid"), index=2, key="tile")
    async with place.client() as journey, place.working(code=[MODULE], download=tmp_path):
        cluster = place.run("saved", after=functions.count)
        await journey.run(graph, journal=cluster)
        assert sorted(functions.CALLED) == [("grid", 4), ("tile", 1)]
        await journey.run(graph, journal=cluster)
    assert sorted(functions.CALLED) == [("grid", 4), ("tile", 1)], "it is not called again"
    assert len(list((tmp_path / "saved").iterdir())) == 5


async def test_a_function_that_raised_after_a_node_is_called_again_by_the_next_run(place: Place) -> None:
    functions.CALLED.clear()
    graph = TaskGraph()
    graph.imagine("an elk", key="grid")
    async with place.client() as journey, place.working(code=[MODULE]):
        await journey.run(graph, journal=place.run("main", after=functions.fails))
        assert functions.CALLED == []
        await journey.run(graph, journal=place.run("main", after=functions.count))
    assert functions.CALLED == [("grid", 0)]
    assert place.ledger()["accepted"] == 1


async def test_what_workers_cannot_import_or_do_not_know_is_refused_before_anything_is_sent(place: Place) -> None:
    async def here(grid: Grid) -> int:
        return 1

    graph = with_choice(here)
    graph.imagine("two", key="told", webhook_url="https://example.com", webhook_secret="s" * 32)
    async with place.client() as journey:
        with pytest.raises(InvalidRequestError) as refused:
            await journey.run(graph, journal=place.cluster)
    assert [fault.argument for fault in refused.value.faults] == ["index", "webhook_secret"]
    assert "s" * 32 not in str(refused.value)
    assert place.ledger()["accepted"] == 0
