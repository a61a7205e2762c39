"""Tasks of a client as the roots of a graph."""

from __future__ import annotations

from typing import Any, cast

import pytest

from journey_async import ImagineGrid, InvalidRequestError, PanGrid, Result, TaskGraph, UpscaledPicture
from journey_async.core.kinds import Grid
from tests.client.services import InProcess


def refused(draw: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        draw()
    return caught.value


async def test_a_task_brings_its_kind_along() -> None:
    async with InProcess().client() as journey:
        task = await journey.imagine("an elk")
    graph = TaskGraph()

    grid = graph.existing(task, key="grid")

    assert (grid.kind, grid.task_id, grid.key) == (ImagineGrid, task.id, "grid")
    assert graph.upscale_1x(grid, index=1).parent is grid


async def test_a_task_that_was_found_by_its_id_has_the_kind_that_is_said() -> None:
    async with InProcess().client() as journey:
        found = journey.task("t-1")
    graph = TaskGraph()

    assert graph.existing(found).kind is Result
    assert graph.existing(found, kind=UpscaledPicture).kind is UpscaledPicture


async def test_a_kind_that_contradicts_the_task_is_refused_and_a_wider_one_changes_nothing() -> None:
    async with InProcess().client() as journey:
        task = await journey.imagine("an elk")
    graph = TaskGraph()

    assert cast("Any", graph.existing(task, kind=Grid)).kind is ImagineGrid
    with pytest.raises(InvalidRequestError, match="kind must be what the task is: ImagineGrid"):
        graph.existing(task, kind=PanGrid)


def test_anything_may_be_drawn_below_an_id_of_which_nothing_is_known() -> None:
    graph = TaskGraph()
    old = graph.existing("t-1")

    graph.pan(old, direction="left")
    graph.reroll(old)
    graph.extend_video(old, index=1, prompt="it runs")

    assert (old.kind, old.task_id, old.action, old.make, old.name, old.credits) == (
        Result, "t-1", None, None, "existing", 0,
    )  # fmt: skip
    assert old.fields == {}
    assert int(graph.credits) == 16


def test_a_kind_that_is_said_decides_what_may_be_drawn() -> None:
    graph = TaskGraph()

    assert graph.existing("t-1", kind=UpscaledPicture).kind is UpscaledPicture
    refused(lambda: graph.reroll(cast("Any", graph["existing-1"])))


@pytest.mark.parametrize(
    ("task_id", "kind", "arguments"),
    [("", None, ["task_id"]), (7, None, ["task_id"]), (" ", "Grid", ["task_id", "kind"]), ("t-1", int, ["kind"])],
)
def test_an_existing_task_has_an_id_and_perhaps_a_kind(task_id: Any, kind: Any, arguments: list[str]) -> None:
    error = refused(lambda: TaskGraph().existing(task_id, kind=kind))

    assert [fault.argument for fault in error.faults] == arguments
