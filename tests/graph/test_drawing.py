"""Drawing a graph: nodes, keys, kinds, prices, and what is refused on the line that draws it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

import pytest

from journey_async import (
    Credits,
    IllegalParentError,
    ImagineGrid,
    ImagineVideos,
    InvalidRequestError,
    PanGrid,
    Picture,
    Result,
    Seed,
    TaskGraph,
    UpscaledPicture,
)
from journey_async.core.actions import ACTIONS, Imagine, Inpaint
from journey_async.core.rules import RULES
from tests.core.published import EXPECTED, KINDS
from tests.graph.chance import LEAST, URL, call
from tests.pictures import PNG

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async.core.kinds import Kind

PNG_URI = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
NOT_A_NODE = "parent is required: a node of this graph; graph.existing(...) makes one of a task that exists already"


def refused(draw: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        draw()
    return caught.value


def told(error: InvalidRequestError) -> list[tuple[str, str]]:
    return [(fault.argument, fault.message) for fault in error.faults]


def test_the_elk_of_the_design_costs_28_credits() -> None:
    graph = TaskGraph()
    grid = graph.imagine("a majestic elk in a misty forest")
    for index in (1, 2, 3, 4):
        tile = graph.upscale_1x(grid, index=index)
        graph.upscale_alt(tile, type="subtle")

    assert graph.credits == Credits(28, 28)
    assert (int(graph.credits), str(graph.credits), len(graph)) == (28, "28", 9)
    assert repr(graph) == "<TaskGraph of 9 nodes, 28 credits>"


@pytest.mark.parametrize("name", RULES)
def test_every_verb_draws_a_node_with_its_action_its_kind_and_its_price(name: str) -> None:
    rule = RULES[name]
    graph = TaskGraph()
    parents = [kind for kind in KINDS.values() if EXPECTED[name][kind]]
    parent = graph.existing("t-1", kind=parents[0]) if parents else None
    before = len(graph)

    node = call(graph, rule, parent, extra={"sref": "7"}, key="it")

    action = node.action
    assert action is not None
    assert type(action) is ACTIONS[rule.action]
    assert action.extra == {"sref": "7"}
    assert {field: node.fields[field] for field in LEAST[name]} == {
        field: getattr(action, field) for field in LEAST[name]
    }
    assert (node.kind, node.parent, node.name, node.make) == (rule.gives, parent, rule.action, type(action))
    assert (node.credits, int(graph.credits)) == (action.credits, action.credits)
    assert (node.task_id, node.choice, node.key) == (None, None, "it")
    assert len(graph) == before + 1
    assert repr(node) == f"<Node it {rule.action} {rule.gives.__name__}>"


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.parents])
@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_a_node_is_refused_below_exactly_the_kinds_that_its_rule_refuses(name: str, kind: Kind) -> None:
    graph = TaskGraph()
    parent = graph.existing("t-1", kind=kind, key="elk")

    if EXPECTED[name][kind] or kind is Result:
        assert call(graph, RULES[name], parent).parent is parent
        return
    error = refused(lambda: call(graph, RULES[name], parent))
    assert isinstance(error, IllegalParentError)
    assert (error.parent, error.kind, error.task_id) == ("elk", kind.label, None)
    assert f"needs {error.needs} as parent, task elk is {kind.label}. " in str(error)
    assert len(graph) == 1


def test_an_illegal_edge_is_told_with_the_step_to_insert() -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")

    error = refused(lambda: graph.pan(cast("Any", grid), direction="left"))

    assert str(error) == (
        "pan needs an upscale-1x picture as parent, task grid is an imagine grid. "
        "Insert upscale_1x(parent, index=1..4) first. Nothing was sent."
    )


def test_all_faults_of_a_line_are_told_together() -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")

    error = refused(lambda: graph.pan(cast("Any", grid), direction=cast("Any", "west"), webhook_secret="", key="grid"))

    assert isinstance(error, IllegalParentError)
    assert [fault.argument for fault in error.faults] == ["key", "direction", "webhook_secret", "parent"]
    assert told(error)[0] == ("key", "key must be unique: another node of this graph has it already")
    assert len(graph) == 1


def test_a_parent_of_another_graph_is_refused_even_with_the_same_key() -> None:
    graph, other = TaskGraph(), TaskGraph()
    graph.imagine("an elk")
    stranger = other.imagine("an elk")

    error = refused(lambda: graph.upscale_1x(stranger, index=cast("Any", 7)))

    assert told(error) == [
        ("parent", "parent must be a node of this graph, not of another one"),
        ("index", "index must be 1, 2, 3, or 4: 1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right"),
    ]
    assert stranger not in graph
    assert told(refused(lambda: graph.children(stranger)))[0][0] == "node"


@pytest.mark.parametrize("parent", [None, "t-1", 7, ""])
def test_what_is_no_node_is_no_parent(parent: object) -> None:
    error = refused(lambda: TaskGraph().pan(cast("Any", parent), direction="up"))

    assert told(error) == [("parent", NOT_A_NODE if parent is not None else NOT_A_NODE.partition(";")[0])]


def test_an_enlargement_has_exactly_one_source() -> None:
    graph = TaskGraph()
    tile = graph.existing("t-1", kind=UpscaledPicture)
    enlarge: Any = graph.upscale_2x_4x

    assert told(refused(lambda: enlarge(type="2x"))) == [
        ("parent", "parent is required: a node of this graph, or else image_url")
    ]
    assert told(refused(lambda: enlarge(tile, type="2x", image_url=URL))) == [
        ("parent", "exactly one of parent_task_id and image_url is taken: leave one out")
    ]
    assert [
        argument for argument, _ in told(refused(lambda: enlarge(TaskGraph().imagine("a"), type="2x", image_url=URL)))
    ] == ["parent"]
    assert enlarge(image_url=URL, type="2x").parent is None


def test_keys_are_made_from_the_verb_and_a_number_and_skip_what_is_taken() -> None:
    graph = TaskGraph()
    graph.imagine("an elk", key="imagine-2")
    nodes = [graph.imagine("an elk"), graph.imagine("an elk"), graph.existing("t-1")]
    nodes.append(graph.upscale_1x(nodes[0], index=1))

    assert [node.key for node in nodes] == ["imagine-1", "imagine-3", "existing-1", "upscale-1x-1"]


def test_a_line_that_was_refused_uses_up_no_key() -> None:
    graph = TaskGraph()
    refused(lambda: graph.imagine(""))

    assert graph.imagine("an elk").key == "imagine-1"


@pytest.mark.parametrize(
    "key", ["", " ", " elk", "elk ", "a\nb", "a\x00", "\ud800", "a\u2028b", "\x85", 7, b"elk", ["elk"]]
)
def test_a_key_is_one_line_of_text(key: object) -> None:
    assert told(refused(lambda: TaskGraph().imagine("an elk", key=cast("Any", key)))) == [
        ("key", "key must be a text of one line, not empty and without blanks at its ends")
    ]


def test_nodes_are_found_by_key_and_come_in_drawing_order() -> None:
    graph = TaskGraph()
    first = graph.imagine("an elk", key="first")
    second = graph.imagine("a moose", key="second")
    tile = graph.upscale_1x(first, index=1, key="tile")
    wide = graph.pan(tile, direction="left", key="wide")
    twin = graph.upscale_1x(first, index=2, key="twin")

    assert list(graph) == [first, second, tile, wide, twin]
    assert graph.roots == (first, second)
    assert graph.children(first) == (tile, twin)
    assert graph.children(wide) == ()
    assert graph["wide"] is wide
    assert "wide" in graph
    assert wide in graph
    assert cast("Any", 7) not in graph
    assert "narrow" not in graph
    with pytest.raises(KeyError):
        graph["narrow"]


def test_an_empty_graph_costs_nothing() -> None:
    assert (len(TaskGraph()), str(TaskGraph().credits), TaskGraph().roots) == (0, "0", ())


def test_a_mask_is_bytes_or_base64_or_a_path_that_is_read_at_once(tmp_path: Path) -> None:
    graph = TaskGraph()
    tile = graph.existing("t-1", kind=UpscaledPicture)
    path = tmp_path / "lake.png"
    path.write_bytes(PNG)
    nodes = [graph.inpaint(tile, mask=mask) for mask in (PNG, PNG_URI, base64.b64encode(PNG).decode(), path, str(path))]
    path.unlink()

    for node in nodes:
        assert isinstance(node.action, Inpaint)
        assert node.action.mask == PNG_URI


@pytest.mark.parametrize("mask", ["nowhere.png", "/dev/zero", ".", "\0", "", 7, b"", "x" * 5000, "\ud800"])
def test_what_is_no_mask_is_a_fault(mask: Any) -> None:
    graph = TaskGraph()
    tile = graph.existing("t-1", kind=UpscaledPicture)

    assert [argument for argument, _ in told(refused(lambda: graph.inpaint(tile, mask=mask)))] == ["mask"]


def test_a_node_does_not_change_with_what_it_was_made_of() -> None:
    graph = TaskGraph()
    extra: dict[str, object] = {"sref": "7"}
    node = graph.imagine("an elk", extra=extra)
    extra["sref"] = "8"

    assert node.action == Imagine(prompt="an elk", extra={"sref": "7"})


def test_the_kinds_of_nodes_are_those_of_their_tasks() -> None:
    graph = TaskGraph()
    grid = graph.imagine("an elk")
    picture = graph.imagine("an elk", model="flux-pro")
    tile = graph.upscale_1x(grid, index=1)
    kinds: dict[Any, Kind] = {
        grid: ImagineGrid,
        picture: Picture,
        tile: UpscaledPicture,
        graph.pan(tile, direction="up"): PanGrid,
        graph.seed(tile): Seed,
        graph.imagine_video("it walks", image_url=URL): ImagineVideos,
    }

    assert {node: node.kind for node in graph} == kinds
