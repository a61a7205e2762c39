"""The nodes of a graph: each is checked before it is taken in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeGuard, cast

from attrs import evolve

from journey_async.core import kinds
from journey_async.core.actions import Variations
from journey_async.core.checks import INDEXES, STRENGTHS
from journey_async.core.kinds import Kind, Result
from journey_async.core.legality import checked
from journey_async.core.node import EXISTING, Choice, Credits, Node, about_a_node
from journey_async.core.rules import RULES, rule_for
from journey_async.errors import Fault, IllegalParentError, InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from journey_async.core.actions import Action

KINDS: Final[Mapping[str, Kind]] = {
    name: value
    for name, value in vars(kinds).items()
    if isinstance(value, type) and issubclass(value, Result) and value is not Result
}
"""Every kind that a task may be said to be, by the name of its class."""
_ANY_KIND: Final[tuple[object, ...]] = (Result, *KINDS.values())

_NOT_IN_KEYS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ANY_PARENT: Final = "?"
"""Stands for a parent whose own fault is told already."""


class Nodes:
    """The nodes of one graph in drawing order, so parents come first; each is checked before it is taken in."""

    def __init__(self) -> None:
        self._by_key: dict[str, Node[Any]] = {}
        self._children: dict[str, list[Node[Any]]] = {}
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Node[Any]]:
        return iter(self._by_key.values())

    def __getitem__(self, key: str) -> Node[Any]:
        return self._by_key[key]

    def __contains__(self, item: object) -> bool:
        if isinstance(item, Node):
            return self._by_key.get(item.key) is item
        return isinstance(item, str) and item in self._by_key

    def children(self, node: Node[Any]) -> tuple[Node[Any], ...]:
        """Give the nodes right below *node*, in drawing order."""
        if node not in self:
            raise InvalidRequestError("children", [_foreign("node", node)])
        return tuple(self._children.get(node.key, ()))

    @property
    def credits(self) -> Credits:
        """What all of them cost; what hangs on a choice may cost nothing."""
        least = most = 0
        uncertain: set[str] = set()
        for node in self:
            most += node.credits
            if node.choice is not None or (node.parent is not None and node.parent.key in uncertain):
                uncertain.add(node.key)
            else:
                least += node.credits
        return Credits(least, most)

    def draw(
        self, make: type[Action], arguments: Mapping[str, object], *, parent: object = None, key: object = None
    ) -> Node[Any]:
        """Take in the action that *arguments* make, below *parent*.

        Raises `IllegalParentError` if the parent's kind is the reason or one of them, else `InvalidRequestError`.
        """
        faults = self._key_faults(key)
        above = parent if _is_node(parent) and parent in self else None
        if above is None:
            faults += _parent_faults(make, arguments, parent)
        node = _planned(make, arguments, key=self._key(key, make.name), parent=above, faults=faults)
        return self._add(node)

    def existing(self, task_id: object, *, kind: object = None, key: object = None) -> Node[Any]:
        """Take in a task that exists already, of *kind* as far as that is known. Raises `InvalidRequestError`."""
        faults = self._key_faults(key)
        if not (isinstance(task_id, str) and task_id.strip()):
            message = "the id of a task is required, as a text that is not blank"
            faults.append(Fault(argument="task_id", value=task_id, message=message))
        what = Result if kind is None else kind
        if not _is_kind(what):
            message = f"kind must be a kind of task: {', '.join(KINDS)}"
            faults.append(Fault(argument="kind", value=kind, message=message))
        if faults or not _is_kind(what):
            raise InvalidRequestError(EXISTING, faults)
        return self._add(Node(key=self._key(key, EXISTING), kind=what, task_id=str(task_id)))

    def _add(self, node: Node[Any]) -> Node[Any]:
        self._by_key[node.key] = node
        if node.parent is not None:
            self._children.setdefault(node.parent.key, []).append(node)
        return node

    def _key_faults(self, key: object) -> list[Fault]:
        if key is None:
            return []
        if key in self:
            message = "key must be unique: another node of this graph has it already"
            return [Fault(argument="key", value=key, message=message)]
        fault = key_fault("key", key)
        return [fault] if fault else []

    def _key(self, key: object, name: str) -> str:
        """Give *key*, or the next free one such as `imagine-1`."""
        if isinstance(key, str):
            return key
        number = self._numbers.get(name, 0) + 1
        while f"{name}-{number}" in self._by_key:
            number += 1
        # Every lower number is taken, and stays so.
        self._numbers[name] = number - 1
        return f"{name}-{number}"


def key_fault(argument: str, value: object) -> Fault | None:
    """Check the name of a node: one line of text."""
    if isinstance(value, str) and value and value == value.strip() and not _NOT_IN_KEYS.search(value):
        return None
    message = f"{argument} must be a text of one line, not empty and without blanks at its ends"
    return Fault(argument=argument, value=value, message=message)


def _planned(
    make: type[Action], arguments: Mapping[str, object], *, key: str, parent: Node[Any] | None, faults: Sequence[Fault]
) -> Node[Any]:
    """Make the node of an action; *faults* of its place in the graph are told together with those of the action."""
    index = arguments.get("index")
    kind = Result if parent is None else parent.kind
    if callable(index):
        arguments = {**arguments, "index": _stand_in(make, kind)}
    above = None if parent is None else parent.key
    if any(fault.argument == "parent" for fault in faults):
        above = _ANY_PARENT
    try:
        action = checked(make, arguments, parent=above, kind=kind)
    except InvalidRequestError as error:
        raise _with_faults(error, faults, index) from None
    if faults:
        raise InvalidRequestError(make.name, faults)
    choice = cast("Choice[Any]", index) if callable(index) else None
    return Node(key=key, kind=rule_for(action).gives, parent=parent, choice=choice, asked=action)


def _stand_in(make: type[Action], kind: Kind) -> str:
    """Give an index that is legal for as long as none is chosen."""
    strong = RULES["variations strong or subtle"]
    return STRENGTHS[0] if make is Variations and strong.accepts(kind) else INDEXES[0]


def _parent_faults(make: type[Action], arguments: Mapping[str, object], parent: object) -> list[Fault]:
    """Tell what is wrong with a *parent* that is no node of the graph."""
    instead = make.instead_of_parent
    if make.parent_field is None or (parent is None and instead is not None and arguments.get(instead) is not None):
        return []
    if _is_node(parent):
        return [_foreign("parent", parent)]
    or_else = f", or else {instead}" if instead else ""
    if parent is not None:
        or_else += "; graph.existing(...) makes one of a task that exists already"
    return [Fault(argument="parent", value=parent, message=f"parent is required: a node of this graph{or_else}")]


def _foreign(argument: str, node: object) -> Fault:
    return Fault(argument=argument, value=node, message=f"{argument} must be a node of this graph, not of another one")


def _is_node(value: object) -> TypeGuard[Node[Any]]:
    return isinstance(value, Node)


def _is_kind(value: object) -> TypeGuard[Kind]:
    return any(value is kind for kind in _ANY_KIND)


def _with_faults(error: InvalidRequestError, faults: Sequence[Fault], index: object) -> InvalidRequestError:
    """Give *error* with more *faults*; one of the index shows what the caller gave, not what stood in for it."""
    told = {"parent"} & {fault.argument for fault in faults}
    own = [
        evolve(fault, value=index) if fault.argument == "index" else fault
        for fault in error.faults
        if fault.argument not in told
    ]
    if not isinstance(error, IllegalParentError):
        return InvalidRequestError(error.action, [*faults, *own])
    # Its own fault, which it adds itself, comes last.
    return about_a_node(error, faults=[*faults, *own[:-1]])
