"""What all values of the core have in common."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING, Final

import attrs

from journey_async import core
from journey_async.core.actions import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

BY_PLACE: Final = {
    *("ContentRange", "Credits", "Glimpse", "Life", "Match", "Model", "NameTemplate", "News", "Progress", "Row"),
}
"""Those made from one or two things that nobody confuses, and those that are made in one place only."""
CHANGING: Final = {"Life", "Progress"}
MADE_FOR_EVERY_REQUEST: Final = {"Reply", "Request"}
"""To write into them is an error of types alone: what is frozen takes twice as long to make."""
ACTION_CLASSES: Final = {"Action", *(action.__name__ for action in ACTIONS.values())}
"""They hold what was given, and their classes the rest."""


def classes() -> Iterator[type[attrs.AttrsInstance]]:
    for module in pkgutil.iter_modules(core.__path__):
        for name, one in vars(importlib.import_module(f"journey_async.core.{module.name}")).items():
            if inspect.isclass(one) and attrs.has(one) and not name.startswith("_"):
                yield one


def test_values_are_made_with_the_names_of_their_fields() -> None:
    made_by_place = {
        one.__name__ for one in classes() if any(field.init and not field.kw_only for field in attrs.fields(one))
    }
    assert made_by_place == BY_PLACE


def test_values_never_change() -> None:
    changeable = {one.__name__ for one in classes() if one.__setattr__ is object.__setattr__}
    assert changeable == CHANGING | MADE_FOR_EVERY_REQUEST


def test_two_events_are_two_even_if_they_tell_the_same() -> None:
    told = [one for one in classes() if one.__module__ == "journey_async.core.events" and "node" in dir(one)]
    assert {one.__name__ for one in told} >= {"NodeFinished", "NodeSkipped", "NodeInDoubt"}
    assert [one.__name__ for one in told if one.__eq__ is not object.__eq__] == []


def test_values_have_slots_but_actions() -> None:
    assert {one.__name__ for one in classes() if one.__dictoffset__} == ACTION_CLASSES
