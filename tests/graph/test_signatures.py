"""The verbs of a graph against those of the client: the same arguments, the same kinds, nodes instead of tasks."""

from __future__ import annotations

import collections.abc
import inspect
import os
from typing import Any, TypeVar, get_args, get_origin, get_overloads, get_type_hints

import pytest

from journey_async import TaskGraph, verbs
from journey_async.client import JourneyClient
from journey_async.core import actions, kinds, models
from journey_async.core.actions import ACTIONS
from journey_async.core.kinds import Result
from journey_async.core.node import Choice, Node
from journey_async.graph_verbs import NodeOptions
from journey_async.task import Task
from journey_async.verbs import Options

# What the signatures name for type checkers alone.
NAMES: dict[str, Any] = {
    **vars(kinds),
    **vars(actions),
    **vars(models),
    "Choice": Choice,
    "Node": Node,
    "Mask": verbs.Mask,
    "Sequence": collections.abc.Sequence,
    "os": os,
}
GENERIC_TASK: Any = Task
CHOOSES: object = vars(collections.abc)["Callable"]


def signatures(owner: type[object], action: str) -> list[Any]:
    """Give what type checkers see of a verb: its overloads and itself."""
    verb = getattr(owner, action.replace("-", "_"))
    return [*get_overloads(verb), verb]


def members(annotation: Any) -> set[Any]:
    """Give the types of a union without ids, nodes as tasks, functions left out."""
    if get_origin(annotation) is Node:
        return {GENERIC_TASK[get_args(annotation)[0]]}
    if get_origin(annotation) is CHOOSES:
        return set()
    if hasattr(annotation, "__args__") and get_origin(annotation) in {collections.abc.Sequence, Task}:
        return {annotation}
    parts = get_args(annotation)
    return {member for part in parts for member in members(part)} if parts else {annotation}


def shape(signature: Any) -> list[tuple[object, ...]]:
    """Tell each parameter, its kind, whether it has a default, and its types; ids of parents are left out."""
    hints = get_type_hints(signature, localns=NAMES)
    told: list[tuple[object, ...]] = []
    for name, parameter in inspect.signature(signature).parameters.items():
        types = members(hints[name]) if name in hints and name != "options" else set[Any]()
        told.append(
            (name, parameter.kind, parameter.default is parameter.empty, types - ({str} if name == "parent" else set()))
        )
    return [*told, ("return", members(hints["return"]))]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_verb_of_a_graph_is_the_verb_of_the_client_with_nodes_for_tasks(action: str) -> None:
    drawn, sent = signatures(TaskGraph, action), signatures(JourneyClient, action)

    assert [shape(signature) for signature in drawn] == [shape(signature) for signature in sent]
    assert not any(inspect.iscoroutinefunction(signature) for signature in drawn)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_verb_of_a_graph_takes_every_option_and_a_key(action: str) -> None:
    for signature in signatures(TaskGraph, action):
        assert NodeOptions in get_args(get_type_hints(signature, localns=NAMES)["options"])
    assert set(get_type_hints(NodeOptions)) == {*Options.__annotations__, "key"}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_function_may_stand_for_every_index_that_is_a_tile_or_a_video(action: str) -> None:
    typed = [get_type_hints(signature, localns=NAMES).get("index") for signature in signatures(TaskGraph, action)]
    choosing = [any(get_origin(member) is CHOOSES for member in get_args(index)) for index in typed if index]

    assert bool(choosing) is ("index" in {**ACTIONS[action].required, **ACTIONS[action].optional})
    assert all(choosing)


@pytest.mark.parametrize("action", [name for name in ACTIONS if name != "imagine"])
def test_every_verb_says_what_it_costs(action: str) -> None:
    documentation = inspect.getdoc(getattr(TaskGraph, action.replace("-", "_"))) or ""

    assert documentation.endswith(f"; {ACTIONS[action].price} credits.")


def test_a_node_of_a_narrower_kind_is_a_node_of_the_wider_one_for_type_checkers() -> None:
    parameters: tuple[object, ...] = vars(Node)["__parameters__"]
    (parameter,) = parameters

    assert isinstance(parameter, TypeVar)
    assert parameter.__covariant__
    assert parameter.__bound__ is Result
