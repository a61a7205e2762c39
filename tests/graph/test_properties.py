"""What holds for every graph and for every text."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async import Credits, GraphFileError, InvalidRequestError, TaskGraph
from tests.core import chance as core_chance
from tests.graph import chance

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from hypothesis.strategies import SearchStrategy

    from journey_async.core.graph_text import Syntax


@given(chance.graphs())
def test_every_graph_comes_back_from_toml_as_it_was(graph: TaskGraph) -> None:
    text = graph.dumps(syntax="toml")
    again = TaskGraph.loads(text, syntax="toml")

    assert chance.told(again) == chance.told(graph)
    assert again.dumps(syntax="toml") == text


@given(chance.graphs(null=True))
def test_every_graph_comes_back_from_json_as_it_was(graph: TaskGraph) -> None:
    text = graph.dumps(syntax="json")
    again = TaskGraph.loads(text, syntax="json")

    assert chance.told(again) == chance.told(graph)
    assert again.dumps(syntax="json") == text


@given(chance.graphs())
def test_parents_come_first_and_every_node_is_found(graph: TaskGraph) -> None:
    seen: list[object] = []
    for node in graph:
        assert node.parent is None or node.parent in seen
        assert graph[node.key] is node
        assert node.parent is None or node in graph.children(node.parent)
        seen.append(node)
    assert len(seen) == len(graph)
    assert len(graph.roots) + sum(len(graph.children(node)) for node in graph) == len(graph)


@given(chance.graphs())
def test_credits_add_up(graph: TaskGraph) -> None:
    total = sum(node.action.credits for node in graph if node.action is not None)

    assert graph.credits == Credits(total, total)
    assert int(graph.credits) == total


async def choose(result: object) -> int:
    return 1


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=20))
def test_what_hangs_on_a_choice_may_cost_nothing(edges: list[tuple[int, bool]]) -> None:
    """Pans of tiles of grids: each node below a choice is certain to cost nothing if nobody chooses."""
    graph = TaskGraph()
    grids: list[tuple[Any, bool]] = [(graph.imagine("an elk"), True)]
    least = most = 4
    for place, chosen in edges:
        grid, certain = grids[place % len(grids)]
        tile = graph.upscale_1x(grid, index=choose if chosen else 1)
        certain = certain and not chosen
        grids.append((graph.pan(tile, direction="up"), certain))
        most += 6
        least += 6 if certain else 0

    assert graph.credits == Credits(least, most)


def outcome(read: Callable[[], TaskGraph]) -> TaskGraph | GraphFileError:
    found: TaskGraph | GraphFileError
    try:
        found = read()
    except GraphFileError as error:
        found = error
    assert isinstance(found, TaskGraph) or (found.faults and str(found))
    return found


def meant_as(syntax: Syntax) -> SearchStrategy[str]:
    texts = chance.graphs(largest=3).map(lambda graph: graph.dumps(syntax=syntax))
    return st.one_of(
        st.text(),
        st.text("[]{}=.\"'\n\\ anodesu0123456789-_:+Tinf,#", max_size=60),
        texts,
        chance.broken(texts),
        chance.documents().map(json.dumps),
    )


@given(meant_as("toml"))
def test_any_text_as_toml_gives_a_graph_or_all_its_faults(text: str) -> None:
    outcome(lambda: TaskGraph.loads(text, syntax="toml"))


@given(meant_as("json"))
def test_any_text_as_json_gives_a_graph_or_all_its_faults(text: str) -> None:
    found = outcome(lambda: TaskGraph.loads(text, syntax="json"))

    if isinstance(found, TaskGraph):
        assert chance.told(TaskGraph.loads(found.dumps(syntax="json"), syntax="json")) == chance.told(found)


@given(st.binary(), st.sampled_from([".toml", ".json"]))
def test_any_bytes_as_a_graph_file_give_a_graph_or_all_its_faults(content: bytes, suffix: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"graph{suffix}")
        path.write_bytes(content)
        outcome(lambda: TaskGraph.load(path))


def csv_texts() -> SearchStrategy[str]:
    cells = st.lists(st.sampled_from(["name", "key", "animal", "", '"', '"elk"', "a b", "{", "\ufeff"]), max_size=3)
    return st.lists(cells.map(",".join), max_size=4).map("\n".join) | st.text()


def json_lines() -> SearchStrategy[str]:
    rows: SearchStrategy[object] = st.dictionaries(
        st.sampled_from(["name", "key", "animal", "x y", ""]), core_chance.json_values(), max_size=3
    )
    return st.lists((rows | core_chance.json_values()).map(json.dumps) | st.text(max_size=3), max_size=4).map("\n".join)


@given(
    st.tuples(st.just(".csv"), csv_texts()) | st.tuples(st.just(".jsonl"), json_lines()),
    st.sampled_from(["{animal}", "a {name} of {x y}", "{", "}}", "{{}}", "{}"]) | chance.prompts(),
    st.booleans(),
)
def test_any_text_as_rows_gives_a_graph_or_all_its_faults(rows: tuple[str, str], prompt: str, index: bool) -> None:
    suffix, text = rows
    template = TaskGraph()
    template.upscale_1x(template.imagine(prompt, key="grid"), index=choose if index else 1, key="tile")
    with TemporaryDirectory() as folder:
        path = Path(folder, f"rows{suffix}")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))

        found = outcome(lambda: TaskGraph.from_rows(path, template))

    if isinstance(found, TaskGraph):
        assert len(found) % len(template) == 0


@given(meant_as("toml"), csv_texts())
def test_any_text_as_a_template_gives_a_graph_or_all_its_faults(template: str, rows: str) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "rows.csv").write_text(rows)
        Path(folder, "tree.toml").write_text(template)
        outcome(lambda: TaskGraph.from_rows(Path(folder, "rows.csv"), Path(folder, "tree.toml")))


@given(st.data())
def test_whatever_a_caller_gives_a_node_is_drawn_or_the_faults_are_told(data: st.DataObject) -> None:
    graph: Any = TaskGraph()
    tile = graph.upscale_1x(graph.imagine("an elk"), index=1)
    anything: SearchStrategy[Any] = core_chance.anything() | st.sampled_from([tile, choose, graph])
    calls: list[Callable[[], object]] = [
        lambda: graph.imagine(data.draw(anything), key=data.draw(anything)),
        lambda: graph.pan(data.draw(anything), direction=data.draw(anything)),
        lambda: graph.upscale_1x(data.draw(anything), index=data.draw(anything)),
        lambda: graph.variations(data.draw(anything), index=data.draw(anything)),
        lambda: graph.upscale_2x_4x(
            data.draw(anything), type="2x", index=data.draw(anything), image_url=data.draw(anything)
        ),
        lambda: graph.inpaint(tile, mask=data.draw(anything), extra=data.draw(anything)),
        lambda: graph.existing(data.draw(anything), kind=data.draw(anything), key=data.draw(anything)),
    ]
    refusal: InvalidRequestError | None = None
    try:
        data.draw(st.sampled_from(calls))()
    except InvalidRequestError as error:
        refusal = error
    assert len(graph) == (3 if refusal is None else 2)
    assert refusal is None or refusal.faults


# ---------------------------------------------------------------------------------------------------------------------
# Size


def work(run: Callable[[], object]) -> int:
    """Count the calls of functions that a piece of work makes: its time, without the machine."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(before)
    return calls


def forest(size: int) -> TaskGraph:
    """One root in four, three generations."""
    graph = TaskGraph()
    for _ in range(size // 4):
        tile = graph.upscale_1x(graph.imagine("an elk"), index=1)
        graph.pan(tile, direction="left")
        graph.upscale_alt(tile, type="subtle")
    return graph


def tower(size: int) -> TaskGraph:
    """One root, and everything else in one line below it."""
    graph = TaskGraph()
    grid: Any = graph.imagine("an elk")
    for _ in range(size // 2):
        grid = graph.pan(graph.upscale_1x(grid, index=1), direction="left")
    return graph


def upside_down(graph: TaskGraph) -> str:
    """Write a graph with every child before its parent."""
    nodes: dict[str, object] = json.loads(graph.dumps(syntax="json"))["nodes"]
    return json.dumps({"nodes": dict(reversed(nodes.items()))})


@pytest.mark.parametrize("make", [forest, tower])
def test_twice_the_nodes_are_twice_the_work(make: Callable[[int], TaskGraph]) -> None:
    small, large = make(400), make(800)
    small_text, large_text = upside_down(small), upside_down(large)
    works: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (lambda: make(400), lambda: make(800)),
        (lambda: small.credits, lambda: large.credits),
        (lambda: small.roots, lambda: large.roots),
        (small.to_mermaid, large.to_mermaid),
        (lambda: small.dumps(syntax="toml"), lambda: large.dumps(syntax="toml")),
        (lambda: TaskGraph.loads(small_text, syntax="json"), lambda: TaskGraph.loads(large_text, syntax="json")),
    ]
    for less, more in works:
        assert work(more) <= 2.1 * work(less) + 20


@pytest.mark.parametrize(("make", "credits"), [(forest, 35_000), (tower, 30_004)])
def test_ten_thousand_nodes_of_any_shape(make: Callable[[int], TaskGraph], credits: int) -> None:  # noqa: A002
    graph = make(10_000)

    assert len(graph) in {10_000, 10_001}
    assert int(graph.credits) == credits
    assert graph.to_mermaid().count("\n") == len(graph) + len(graph) - len(graph.roots)
    again = TaskGraph.loads(upside_down(graph), syntax="json")
    assert int(again.credits) == credits
    assert len(again) == len(graph)
