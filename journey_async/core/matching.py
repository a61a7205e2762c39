"""Which nodes of a journal are those of a graph; and the graph that a journal holds."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field

from journey_async.core.events import Differences
from journey_async.core.history import Stage, Unchosen
from journey_async.core.nodes import Nodes
from journey_async.core.records import DamageError, NodeDrawn
from journey_async.core.sketches import grow, read_tables, sketch_of, table_of
from journey_async.errors import FileFault, GraphFileError
from journey_async.values import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from journey_async.core.history import History, Life
    from journey_async.core.kinds import Result
    from journey_async.core.node import Node

CHOSEN_LATER: Final = {"chosen": "later"}
"""What stands for an index that a function chooses."""
KEPT_ELSEWHERE: Final = {"kept": "elsewhere"}
"""What stands for a webhook secret, which no journal holds."""


@frozen
class Match:
    """Which nodes of a journal are those of a graph."""

    numbers: tuple[int, ...]
    """By place, in drawing order."""
    drawn: tuple[NodeDrawn, ...]
    """The nodes that the journal did not know."""
    differences: Differences


def drawn(node: Node[Any], number: int, parent: int | None) -> NodeDrawn:
    """Give the record of a node."""
    table = table_of(sketch_of(node))
    table.pop("parent", None)
    if callable(table.get("index")):
        table["index"] = CHOSEN_LATER
    if table.get("webhook_secret") is not None:
        table["webhook_secret"] = KEPT_ELSEWHERE
    return NodeDrawn(number=number, parent=parent, table=table)


def matched(nodes: Sequence[Node[Any]], history: History) -> Match:
    """Find the nodes of a graph in the *history* of a journal.

    A node is known if its fields are and its parent is. Between twins first decides what was done for them, then what
    is below them and only then their keys: a key that was made by counting moves when a node is drawn before it, and
    what was paid for is not bought anew for that.
    """
    places = {node.key: place for place, node in enumerate(nodes)}
    parents = [None if node.parent is None else places[node.parent.key] for node in nodes]
    wholes: dict[object, int] = {}
    drawn_here = [
        _Tree(at=place, parent=parents[place], key=node.key, table=_identity(drawn(node, 0, None).table))
        for place, node in enumerate(nodes)
    ]
    known = [
        _Tree(at=life.number, parent=life.parent, key=life.key, table=_identity(life.table), begun=_begun(life))
        for life in history.lives.values()
    ]
    todo = [(_roots(drawn_here, wholes), _roots(known, wholes))]
    found: dict[int, int] = {}
    while todo:
        for tree, other in _paired(*todo.pop()):
            found[tree.at] = other.at
            todo.append((tree.below, other.below))
    return _match(nodes, parents, found, history)


@define(eq=False)
class _Tree:
    """A node of the graph or of the journal, with what is below it."""

    at: int
    """Its place or its number."""
    parent: int | None
    key: str
    table: str
    begun: bool = True
    """Whether anything was done for it, without which nothing is done below it; true for nodes of the graph."""
    below: list[_Tree] = field(factory=list["_Tree"])
    whole: int = -1
    """The same for those that have the same fields all the way down."""


def _begun(life: Life) -> bool:
    return life.stage is not Stage.NEW or life.index is not Unchosen.UNCHOSEN


def _roots(trees: Sequence[_Tree], wholes: dict[object, int]) -> list[_Tree]:
    """Put *trees*, each after its parent, below their parents; give those without one."""
    by_number = {tree.at: tree for tree in trees}
    for tree in trees:
        if tree.parent is not None:
            by_number[tree.parent].below.append(tree)
    for tree in reversed(trees):
        shape = tree.table, *sorted(child.whole for child in tree.below)
        tree.whole = wholes.setdefault(shape, len(wholes))
    return [tree for tree in trees if tree.parent is None]


_Likeness: TypeAlias = "Callable[[_Tree], Iterable[object]]"

# What two trees may have in common, the most telling first.
_LIKENESSES: Final[tuple[_Likeness, ...]] = (
    lambda tree: [(tree.whole, tree.key)],
    lambda tree: [tree.whole],
    lambda tree: [(tree.table, child.whole, tree.key) for child in tree.below if child.begun],
    lambda tree: [(tree.table, child.whole) for child in tree.below if child.begun],
    lambda tree: [(tree.table, tree.key)],
    lambda tree: [tree.table],
)


def _paired(drawn_here: Iterable[_Tree], known: Iterable[_Tree]) -> Iterator[tuple[_Tree, _Tree]]:
    """Pair the nodes below one parent; each pair has the same fields."""
    left, free = dict.fromkeys(drawn_here), dict.fromkeys(known)
    for begun in (True, False):
        for likeness in _LIKENESSES:
            alike: defaultdict[object, deque[_Tree]] = defaultdict(deque)
            for other in free:
                for trait in likeness(other) if other.begun is begun else ():
                    alike[trait].append(other)
            for tree in tuple(left) if alike else ():
                candidates = (other for trait in likeness(tree) for other in _taken(alike[trait]))
                found = next((other for other in candidates if other in free), None)
                if found is not None:
                    del left[tree], free[found]
                    yield tree, found


def _taken(queue: deque[_Tree]) -> Iterator[_Tree]:
    while queue:
        yield queue.popleft()


def _match(
    nodes: Sequence[Node[Any]], parents: Sequence[int | None], found: Mapping[int, int], history: History
) -> Match:
    numbers: list[int] = []
    records: list[NodeDrawn] = []
    next_number = max(history.lives, default=-1) + 1
    for place, node in enumerate(nodes):
        number, parent = found.get(place), parents[place]
        if number is None:
            number = next_number + len(records)
            records.append(drawn(node, number, None if parent is None else numbers[parent]))
        numbers.append(number)
    return Match(tuple(numbers), tuple(records), _differences(nodes, found, history))


def _differences(nodes: Sequence[Node[Any]], found: Mapping[int, int], history: History) -> Differences:
    if not history.keys:
        return Differences()
    kept = set(found.values())
    # Dictionaries, because they keep the order of drawing.
    gone = {key: None for number, key in history.keys.items() if number not in kept}
    new = {node.key: None for place, node in enumerate(nodes) if place not in found}
    return Differences(
        added=tuple(key for key in new if key not in gone),
        changed=tuple(key for key in new if key in gone),
        removed=tuple(key for key in gone if key not in new),
    )


def _identity(table: Mapping[str, object]) -> str:
    """Give what makes a node the one it is: not where its end is told, which changes with every tunnel."""
    told = ("webhook_url", "webhook_secret")
    return json.dumps({name: value for name, value in table.items() if name not in told}, sort_keys=True, default=dict)


def graph_in(history: History, *, file: str, to_send: bool) -> Nodes:
    """Give the newest graph of a journal, with what was chosen in place of the functions that chose.

    If it is *to_send*, raises `GraphFileError` that names the nodes which cannot be sent without the program that drew
    them. Raises `DamageError` for one that this version does not draw.
    """
    lives = [history.lives[number] for number in history.keys]
    keys = history.keys
    unknown = [fault for life in _may_be_sent(lives) for fault in _not_without_program(life)] if to_send else []
    if unknown:
        raise GraphFileError(file, unknown)
    tables = {life.key: _table(life, keys) for life in lives}
    sketches, faults = read_tables(tables)
    nodes = Nodes()
    faults += grow(nodes, sketches, read_mask=str)
    if faults:
        message = f"its graph cannot be drawn: {faults[0]}"
        raise DamageError(message)
    return nodes


def _may_be_sent(lives: Iterable[Life]) -> Iterator[Life]:
    """Give the nodes that are not sent, without those that are left out because of one above them."""
    without: set[int] = set()
    for life in lives:
        if life.may_be_sent_again or life.parent in without:
            without.add(life.number)
        elif life.stage is Stage.NEW:
            yield life


def _table(life: Life, keys: Mapping[int, str]) -> dict[str, object]:
    table = dict(life.table)
    if table.get("index") == CHOSEN_LATER:
        table["index"] = life.index if isinstance(life.index, str) else nobody
    if table.get("webhook_secret") == KEPT_ELSEWHERE:
        del table["webhook_secret"]
    if life.parent is not None:
        table["parent"] = keys[life.parent]
    return table


async def nobody(_: Result) -> None:
    """Choose no index: stands for a function that did so in an earlier run."""


def _not_without_program(life: Life) -> Iterator[FileFault]:
    if life.table.get("index") == CHOSEN_LATER and life.index is Unchosen.UNCHOSEN:
        message = "a function was to choose the index, and functions are not kept: run the graph itself again"
        yield FileFault(node=life.key, argument="index", value="a function", message=message)
    if life.table.get("webhook_secret") == KEPT_ELSEWHERE:
        message = "webhook secrets are not kept in a journal: run the graph itself again"
        yield FileFault(node=life.key, argument="webhook_secret", value="(secret)", message=message)
