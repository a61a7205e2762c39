"""Which nodes of a journal are those of a graph, and the graph that a journal holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async import GraphFileError, TaskGraph
from journey_async.core.actions import Imagine
from journey_async.core.events import Differences
from journey_async.core.history import History, fold
from journey_async.core.kinds import ImagineGrid
from journey_async.core.matching import drawn, graph_in, matched
from journey_async.core.nodes import Nodes
from journey_async.core.records import DamageError, NodeDrawn, RunBegan, decode, encode
from tests.core.lives import Life
from tests.graph import chance
from tests.graph.batches import batches
from tests.pictures import PNG, png

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_async import Node
    from tests.graph.batches import Batch

CANARY = "whsec-canary"


async def choose(result: object) -> int:
    return 1


async def choose_otherwise(result: object) -> int:
    return 2


def recorded(graph: Iterable[Node[Any]]) -> History:
    return fold(map(decode, Life(graph).journal))


def twice(graph: Iterable[Node[Any]], again: Iterable[Node[Any]]) -> tuple[list[str], Differences]:
    """Give the keys of nodes that are new in *again*, and what differs."""
    nodes = tuple(again)
    match = matched(nodes, recorded(graph))
    keys = dict(zip(match.numbers, (node.key for node in nodes), strict=True))
    return [keys[record.number] for record in match.drawn], match.differences


def elk(graph: TaskGraph) -> TaskGraph:
    grid = graph.imagine("an elk")
    tile = graph.upscale_1x(grid, index=1)
    graph.pan(tile, direction="up")
    graph.upscale_1x(grid, index=choose)
    return graph


@given(chance.graphs(null=True))
def test_the_same_graph_is_known_as_a_whole(graph: TaskGraph) -> None:
    """Also when it was drawn anew, by a program or from a file, and was read back from JSON."""
    again = TaskGraph.loads(graph.dumps(syntax="json"), syntax="json")

    match = matched(tuple(again), recorded(graph))

    assert match.numbers == tuple(range(len(graph)))
    assert match.drawn == ()
    assert not match.differences


def test_in_a_new_journal_every_node_is_new_and_nothing_differs() -> None:
    graph = elk(TaskGraph())

    match = matched(tuple(graph), History())

    assert match.numbers == (0, 1, 2, 3)
    assert [(record.number, record.parent) for record in match.drawn] == [(0, None), (1, 0), (2, 1), (3, 0)]
    assert match.differences == Differences()


def test_a_node_drawn_before_all_others_moves_keys_and_costs_nothing_but_itself() -> None:
    changed = TaskGraph()
    changed.imagine("a bear")

    new, differences = twice(elk(TaskGraph()), elk(changed))

    assert new == ["imagine-1"]
    assert differences == Differences(added=("imagine-1",))


def test_a_changed_prompt_makes_it_and_all_below_it_new_and_no_other() -> None:
    def draw(prompt: str) -> TaskGraph:
        graph = TaskGraph()
        for animal in (prompt, "a bear"):
            graph.pan(graph.upscale_1x(graph.imagine(animal), index=1), direction="up")
        return graph

    new, differences = twice(draw("an elk"), draw("a moose"))

    assert new == ["imagine-1", "upscale-1x-1", "pan-1"]
    assert differences == Differences(changed=("imagine-1", "upscale-1x-1", "pan-1"))


def test_a_node_below_another_parent_is_new() -> None:
    def draw(place: int) -> TaskGraph:
        graph = TaskGraph()
        grids = graph.imagine("an elk", key="a"), graph.imagine("a bear", key="b")
        graph.reroll(grids[place], key="c")
        return graph

    assert twice(draw(0), draw(1)) == (["c"], Differences(changed=("c",)))


def test_removed_nodes_are_told_and_known_when_they_return() -> None:
    graph, less = elk(TaskGraph()), TaskGraph()
    less.upscale_1x(less.imagine("an elk"), index=1)
    life = Life(graph).again(less)

    assert life.match.differences == Differences(removed=("pan-1", "upscale-1x-2"))
    back = life.again(elk(TaskGraph()))
    assert back.match.drawn == ()
    assert not back.match.differences
    assert back.match.numbers == (0, 1, 2, 3)


def test_a_node_under_another_name_is_known() -> None:
    graph, renamed = TaskGraph(), TaskGraph()
    graph.imagine("an elk", key="elk")
    renamed.imagine("an elk", key="the elk")

    assert twice(graph, renamed) == ([], Differences())


def finished_twins() -> tuple[TaskGraph, Life]:
    """Two grids of one prompt: below the first tile 1, below the second tile 2; all of it done."""
    graph = TaskGraph()
    for index in (1, 2):
        graph.upscale_1x(graph.imagine("an elk"), index=index)
    life = Life(graph)
    for number in range(4):
        life.finish(f"task {number}")
    return graph, life


def test_twins_are_told_apart_by_their_keys() -> None:
    def draw(*keys: str) -> TaskGraph:
        graph = TaskGraph()
        for key in keys:
            graph.imagine("an elk", key=key)
        return graph

    match = matched(tuple(draw("b", "a")), recorded(draw("a", "b")))

    assert match.numbers == (1, 0)


def test_twins_are_told_apart_by_what_is_below_them_wherever_their_keys_have_moved() -> None:
    """By their keys alone, both tiles would be bought again."""
    _, life = finished_twins()
    changed = TaskGraph()
    changed.imagine("a bear")
    for index in (1, 2):
        changed.upscale_1x(changed.imagine("an elk"), index=index)

    again = life.again(changed)

    assert [again.nodes[place].key for place in range(5) if again.match.numbers[place] > 3] == ["imagine-1"]
    assert again.states() == ["waiting", *["finished"] * 4]


def test_twins_are_told_apart_by_what_was_done_below_them_when_there_is_more_below_them_now() -> None:
    _, life = finished_twins()
    changed = TaskGraph()
    changed.imagine("a bear")
    for index in (1, 2):
        grid = changed.imagine("an elk")
        changed.reroll(grid)
        changed.upscale_1x(grid, index=index)

    again = life.again(changed)

    assert [row.node.key for row in again.state.outcome().finished] == [
        *("imagine-2", "upscale-1x-1", "imagine-3", "upscale-1x-2"),
    ]


def grids(*trees: tuple[str, tuple[int, ...]]) -> TaskGraph:
    """Grids of one prompt under these keys, each with these tiles."""
    graph: Any = TaskGraph()
    for key, indexes in trees:
        grid = graph.imagine("an elk", key=key)
        for index in indexes:
            graph.upscale_1x(grid, index=index)
    made: TaskGraph = graph
    return made


@pytest.mark.parametrize("done", [0, 2, 4])
@pytest.mark.parametrize("changed", [(1, 2), (3,), ()])
def test_twins_that_are_alike_in_all_else_are_told_apart_by_their_keys(done: int, changed: tuple[int, ...]) -> None:
    """In whatever order they are drawn, and whatever became of what is below them."""
    life = Life(grids(("a", (1,)), ("b", (1,))))
    for number in range(done):
        life.finish(f"task {number}")

    again = life.again(grids(("b", changed), ("a", changed)))

    assert [again.match.numbers[again.place(again.nodes[place])] for place in (0, 1 + len(changed))] == [2, 0]


def test_of_twins_one_of_which_was_chosen_a_smaller_graph_keeps_that_one() -> None:
    """A person may have done that."""
    graph, less = TaskGraph(), TaskGraph()
    for made, keys in ((graph, ("a", "b")), (less, ("a",))):
        grid = made.imagine("an elk")
        for key in keys:
            made.upscale_1x(grid, index=choose, key=key)
    life = Life(graph)
    life.finish()
    life.state.take_choices()
    life.state.chosen(2, 4, now=1.0)

    assert life.again(less).match.numbers == (0, 2)


def test_a_twin_is_known_under_another_name_and_with_something_else_below_it() -> None:
    life = Life(grids(("a", (1,))))
    life.finish()

    assert life.again(grids(("c", (2,)))).states() == ["finished", "waiting"]


def test_of_twins_one_of_which_was_paid_for_a_smaller_graph_keeps_that_one() -> None:
    graph, less = TaskGraph(), TaskGraph()
    for key in ("a", "b"):
        graph.imagine("an elk", key=key)
    life = Life(graph)
    life.refuse()
    life.finish()
    life = life.again()
    life.state.news()
    life.journal.append(encode(decode('{"record":"settled","at":1,"number":0,"how":"resubmitted","task_id":null}')))
    less.imagine("an elk", key="a")

    assert Life(less, life.journal).states() == ["finished"]


def test_a_twin_more_is_new() -> None:
    graph, more = TaskGraph(), TaskGraph()
    graph.imagine("an elk")
    for _ in range(3):
        more.imagine("an elk")

    assert twice(graph, more) == (["imagine-2", "imagine-3"], Differences(added=("imagine-2", "imagine-3")))


def test_functions_are_alike_whatever_they_are_and_an_index_is_none() -> None:
    def draw(index: Any) -> TaskGraph:
        graph = TaskGraph()
        graph.upscale_1x(graph.imagine("an elk"), index=index)
        return graph

    assert twice(draw(choose), draw(choose_otherwise)) == ([], Differences())
    assert twice(draw(choose), draw(1))[0] == ["upscale-1x-1"]
    assert twice(draw(1), draw("1"))[0] == []


def test_masks_are_compared_by_their_pictures() -> None:
    def draw(mask: bytes) -> TaskGraph:
        graph = TaskGraph()
        graph.inpaint(graph.upscale_1x(graph.imagine("an elk"), index=1), mask=mask)
        return graph

    assert twice(draw(PNG), draw(bytes(PNG)))[0] == []
    assert twice(draw(PNG), draw(png(16, 16)))[0] == ["inpaint-1"]


def test_no_record_holds_a_webhook_secret_and_another_secret_changes_nothing() -> None:
    def draw(secret: str) -> TaskGraph:
        graph = TaskGraph()
        graph.imagine("an elk", webhook_url="https://example.com/hook", webhook_secret=secret)
        return graph

    life = Life(draw(CANARY))
    life.doubt()
    again = life.again(draw("another"))
    life.news()

    assert CANARY not in "".join(life.journal)
    assert CANARY not in "".join(again.journal)
    assert again.match.drawn == ()
    error = again.row(again.nodes[0]).error
    assert "webhook_secret" not in error.intent.body
    assert error.intent.body["webhook_url"] == "https://example.com/hook"


@given(batches(), st.data())
def test_however_a_graph_is_cut_and_glued_what_is_kept_is_known(batch: Batch, data: st.DataObject) -> None:
    """Some trees of it, in any order and among others: every node of them is known, its own parent above it."""
    roots = [node for node in batch.graph if node.parent is None]
    chosen = data.draw(st.permutations(roots))[: data.draw(st.integers(0, len(roots)))]
    copy = Nodes()
    copy.draw(Imagine, {"prompt": "one that is new"})
    for root in chosen:
        _copied(batch.graph, root, copy)

    match = matched(tuple(copy), recorded(batch.graph))

    assert len(match.drawn) == 1
    assert len(set(match.numbers)) == len(copy)
    parents = {
        record.number: record.parent
        for record in map(decode, Life(batch.graph).journal)
        if isinstance(record, NodeDrawn)
    }
    places = {node.key: place for place, node in enumerate(copy)}
    for place, node in enumerate(copy):
        above = None if node.parent is None else match.numbers[places[node.parent.key]]
        assert parents.get(match.numbers[place]) == above


def _copied(graph: TaskGraph, root: Node[Any], copy: Nodes) -> None:
    above: dict[str, Node[Any]] = {}
    for node in graph:
        if node is root or (node.parent is not None and node.parent.key in above):
            parent = None if node.parent is None else above[node.parent.key]
            if node.make is None:
                above[node.key] = copy.existing(node.task_id, kind=node.kind)
            else:
                above[node.key] = copy.draw(node.make, node.fields, parent=parent)


# ---------------------------------------------------------------------------------------------------------------------
# The graph in a journal


@given(chance.graphs(null=True))
def test_a_journal_gives_its_graph_back(graph: TaskGraph) -> None:
    history = recorded(graph)
    told = chance.told(graph)
    secrets = [node.key for node in graph if node.fields.get("webhook_secret") is not None]

    again: Any = graph_in(history, file="x.db", to_send=False)

    told_again = chance.told(again)
    assert [node[:4] for node in told_again] == [node[:4] for node in told]
    assert [node for node in told_again if node[0] not in secrets] == [node for node in told if node[0] not in secrets]
    assert list(history.keys.values()) == [node.key for node in again]


def with_choices() -> tuple[TaskGraph, Life]:
    graph = TaskGraph()
    grid = graph.imagine("an elk", key="grid")
    graph.upscale_1x(grid, index=choose, key="chosen")
    graph.upscale_1x(grid, index=choose, key="nobody")
    graph.upscale_1x(grid, index=choose, key="later")
    graph.imagine("a bear", key="hook", webhook_url="https://example.com/hook", webhook_secret=CANARY)
    return graph, Life(graph)


def test_what_cannot_be_sent_without_the_program_is_told() -> None:
    _, life = with_choices()
    life.finish("grid")
    life.state.take_choices()
    life.state.chosen(1, 3, now=1.0)
    life.state.chosen(2, None, now=1.0)
    life.news()

    with pytest.raises(GraphFileError) as caught:
        graph_in(fold(map(decode, life.journal)), file="elk.db", to_send=True)

    assert caught.value.file == "elk.db"
    assert [(getattr(fault, "node", None), fault.argument) for fault in caught.value.faults] == [
        ("later", "index"),
        ("hook", "webhook_secret"),
    ]
    assert CANARY not in str(caught.value)


def test_what_was_chosen_stands_where_the_function_stood() -> None:
    _, life = with_choices()
    life.finish("grid")
    life.state.take_choices()
    life.state.chosen(1, 3, now=1.0)
    life.state.chosen(2, None, now=1.0)
    life.news()

    again = life.again(graph_in(fold(map(decode, life.journal)), file="elk.db", to_send=False))

    assert [node.fields.get("index") for node in again.nodes][:2] == [None, "3"]
    assert "webhook_secret" not in again.nodes[4].fields


def test_what_is_below_a_failure_needs_no_program() -> None:
    """Nothing of it will ever be sent."""
    graph = TaskGraph()
    for key in ("failed", "refused"):
        tile = graph.upscale_1x(graph.imagine(f"an elk that is {key}", key=key), index=choose)
        graph.pan(tile, direction="up", webhook_url="https://example.com/hook", webhook_secret=CANARY)
    graph.imagine("a bear", key="left")
    life = Life(graph)
    life.fail()
    life.refuse()
    life.news()

    history = fold(map(decode, life.journal))

    assert len(graph_in(history, file="x.db", to_send=True)) == 7


def test_what_is_below_a_doubt_needs_the_program() -> None:
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk"), index=choose)
    life = Life(graph)
    life.doubt()
    life.news()

    with pytest.raises(GraphFileError):
        graph_in(fold(map(decode, life.journal)), file="x.db", to_send=True)


@pytest.mark.parametrize(
    ("table", "key"),
    [({}, "a"), ({"action": "imagin"}, "a"), ({"action": "imagine", "prompt": "an elk"}, ""), ({"action": "pan"}, "a")],
)
def test_a_graph_that_cannot_be_drawn_is_damage(table: dict[str, object], key: str) -> None:
    began = RunBegan(at=1.0, version="1", slots=5, balance=1, keys={"0": key})
    history = fold([NodeDrawn(number=0, parent=None, table=table), began])

    with pytest.raises(DamageError, match="cannot be drawn"):
        graph_in(history, file="x.db", to_send=True)


def test_ten_thousand_nodes_are_matched_in_one_go() -> None:
    """All roots are twins of each other, and all keys have moved."""

    def draw(graph: TaskGraph) -> TaskGraph:
        for number in range(3333):
            tile = graph.upscale_1x(graph.imagine("an elk"), index=1)
            graph.pan(tile, direction="up", extra={"number": number})
        return graph

    changed = TaskGraph()
    changed.imagine("a bear")

    new, _ = twice(draw(TaskGraph()), draw(changed))

    assert new == ["imagine-1"]


def test_a_chain_of_thousands_is_no_matter() -> None:
    """No recursion."""
    graph = TaskGraph()
    grid: Node[Any] = graph.imagine("an elk")
    for _ in range(1500):
        grid = graph.pan(graph.upscale_1x(grid, index=1), direction="up")

    assert twice(graph, graph) == ([], Differences())
    assert len(graph_in(recorded(graph), file="x.db", to_send=True)) == len(graph)


def test_a_task_that_exists_is_known_by_its_id() -> None:
    def draw(*ids: str) -> TaskGraph:
        graph = TaskGraph()
        for task_id in ids:
            graph.upscale_1x(graph.existing(task_id, kind=ImagineGrid), index=1)
        return graph

    assert twice(draw("a", "b"), draw("b", "c"))[0] == ["existing-2", "upscale-1x-2"]
    assert json.loads(Life(draw("a")).journal[0])["table"] == {"existing": "a", "kind": "ImagineGrid"}


def test_another_webhook_url_does_not_make_another_node() -> None:
    """A tunnel gets a new address with every start; what was bought is not bought again for that."""
    before, after = TaskGraph(), TaskGraph()
    before.imagine("an elk", webhook_url="https://one.example/hook")
    after.imagine("an elk", webhook_url="https://two.example/hook")
    history = fold(drawn(node, number, None) for number, node in enumerate(before))

    assert matched(tuple(after), history).numbers == (0,)
