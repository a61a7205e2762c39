"""Choices: an index that is picked from the finished parent."""

from __future__ import annotations

from typing import Any, cast

import pytest

from journey_async import (
    EnlargedPicture,
    Grid,
    IllegalParentError,
    InvalidRequestError,
    TaskGraph,
    UpscaledPicture,
    VariationGrid,
)
from journey_async.core.actions import Upscale1x
from journey_async.core.node import illegal_below
from tests.graph.chance import URL


def refused(draw: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        draw()
    return caught.value


def told(error: InvalidRequestError) -> list[tuple[str, str]]:
    return [(fault.argument, fault.message) for fault in error.faults]


async def best(grid: Grid) -> int:
    return len(grid.image_urls)


async def how(picture: UpscaledPicture) -> str:
    return picture.image_url


def test_an_index_that_is_yet_to_be_chosen_makes_a_range_of_the_price() -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk")
    tile = graph.upscale_1x(grid, index=best)
    graph.pan(tile, direction="left")
    graph.upscale_1x(grid, index=2)

    assert (graph.credits.least, graph.credits.most, graph.credits.exact) == (6, 12, False)
    assert str(graph.credits) == "6 to 12"
    with pytest.raises(ValueError, match=r"6 to 12, which is no one number"):
        int(graph.credits)


def test_a_chosen_index_completes_the_action_and_is_checked() -> None:
    graph = TaskGraph()
    tile = graph.upscale_1x(graph.imagine("an elk"), index=best, webhook_url="https://example.com/hook")

    assert (tile.action, tile.choice, tile.make, tile.kind) == (None, best, Upscale1x, UpscaledPicture)
    assert tile.fields == {"index": best, "webhook_url": "https://example.com/hook"}
    assert tile.action_with(3) == Upscale1x(index=3, webhook_url="https://example.com/hook")
    assert tile.action_with("4") == Upscale1x(index=4, webhook_url="https://example.com/hook")
    wrong_ones: list[Any] = [5, "strong", True, None, ""]
    for wrong in wrong_ones:
        assert told(refused(lambda wrong=wrong: tile.action_with(wrong)))[0][0] == "index"


@pytest.mark.parametrize("nothing", [None, "", 0])
def test_a_choice_of_nothing_is_refused_also_where_an_index_may_be_left_out(nothing: Any) -> None:
    graph = TaskGraph()
    enlarged = graph.upscale_2x_4x(graph.imagine("an elk"), type="2x", index=best)

    error = refused(lambda: enlarged.action_with(nothing))
    assert told(error) == [("index", f"the choice of node {enlarged.key} gave no index")]


def test_a_choice_must_go_with_the_parent() -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk")
    tile = graph.upscale_1x(grid, index=1)
    varied = graph.variations(grid, index=best)
    strong = graph.variations(tile, index=how)
    unknown = graph.variations(graph.existing("t-1"), index=best)
    enlarged = graph.upscale_2x_4x(grid, type="2x", index=best)

    assert (varied.kind, strong.kind, enlarged.kind) == (VariationGrid, VariationGrid, EnlargedPicture)
    for node, index in ((varied, 1), (strong, "strong"), (unknown, 1), (unknown, "subtle"), (enlarged, 4)):
        assert node.action_with(index).body("t-1")["index"] == str(index)
    for node, index in ((varied, "strong"), (strong, 1)):
        error = refused(lambda node=node, index=index: node.action_with(index))
        assert isinstance(error, IllegalParentError)
        assert error.task_id is None


def test_a_node_whose_index_stands_has_none_to_choose() -> None:
    graph = TaskGraph()
    tile = graph.upscale_1x(graph.imagine("an elk"), index=1)

    for node in (tile, graph.existing("t-1")):
        assert "has no index that is to be chosen" in str(refused(lambda node=node: node.action_with(2)))


def test_a_choice_is_refused_where_the_parent_has_nothing_to_choose_from() -> None:
    graph = TaskGraph()
    tile = graph.upscale_1x(graph.imagine("an elk"), index=1)
    enlarge: Any = graph.upscale_2x_4x

    assert isinstance(refused(lambda: graph.upscale_1x(cast("Any", tile), index=best)), IllegalParentError)
    assert isinstance(refused(lambda: enlarge(tile, type="2x", index=best)), IllegalParentError)
    error = refused(lambda: enlarge(type="2x", image_url=URL, index=best))
    assert [(fault.argument, fault.value) for fault in error.faults] == [("index", best)]


def test_a_choice_below_a_task_of_the_wrong_kind_is_refused_whatever_is_chosen() -> None:
    """No other action's row counts, though some would take the parent."""
    graph = TaskGraph()
    tile = graph.upscale_1x(graph.existing("t1"), index=best)

    assert illegal_below(tile, Grid) is None
    refusal = illegal_below(tile, UpscaledPicture)
    assert refusal is not None
    assert refusal.rule == "upscale-1x"
