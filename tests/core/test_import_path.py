"""What can be imported elsewhere has a path, and nothing else has."""

from __future__ import annotations

import json
import sys
from functools import partial, wraps
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.import_path import import_path_of

if TYPE_CHECKING:
    from collections.abc import Callable


async def choose(result: object) -> int:
    return 1


def told(function: Callable[..., object]) -> Callable[..., object]:
    @wraps(function)
    def tell(*arguments: object) -> object:
        return function(*arguments)

    return tell


@told
def choose_and_tell(result: object) -> int:
    return 1


class Taste:
    @staticmethod
    async def choose(result: object) -> int:
        return 2

    def like(self, result: object) -> int:
        return 3


@pytest.mark.parametrize(
    ("function", "path"),
    [
        (choose, "tests.core.test_import_path:choose"),
        (Taste.choose, "tests.core.test_import_path:Taste.choose"),
        ("studio.taste:choose", "studio.taste:choose"),
        ("taste:Taste.choose", "taste:Taste.choose"),
    ],
)
def test_what_stands_at_the_top_of_a_module_or_of_a_class_has_a_path(function: object, path: str) -> None:
    assert import_path_of(function) == path


NO_FUNCTIONS: list[object] = [
    *("", "taste", "taste:", ":choose", "taste.choose", "ta ste:choose", "taste:choose()", "a:b:c", "1a:b", ".a:b"),
    *(lambda: 1, partial(choose, None), 7, None),
    SimpleNamespace(__module__="taste", __qualname__="choose"),
]


@pytest.mark.parametrize("function", NO_FUNCTIONS)
def test_what_cannot_be_imported_has_none(function: object) -> None:
    assert import_path_of(function) is None


def test_what_the_program_itself_defines_has_none() -> None:
    def here(result: object) -> int:
        return 1

    assert import_path_of(here) is None
    here.__qualname__ = "here"
    assert import_path_of(here) is None, "nothing is found there"
    here.__module__ = "__main__"
    vars(sys.modules["__main__"])["here"] = here
    try:
        assert import_path_of(here) is None
    finally:
        del vars(sys.modules["__main__"])["here"]


@pytest.mark.parametrize("function", [choose, choose_and_tell, Taste, Taste.choose, Taste.like, json.dumps, len])
def test_what_is_found_at_the_path_is_the_function_itself(function: object) -> None:
    path = import_path_of(function)
    assert path is not None
    assert resolve_name(path) is function


@given(st.text("aZ_9é.: \n", max_size=8))
def test_a_text_is_a_path_if_it_is_names_with_dots_on_both_sides_of_one_colon(text: str) -> None:
    module, _, name = text.partition(":")
    parts = [*module.split("."), *name.split(".")]
    is_one = ":" in text and all(part.isidentifier() for part in parts)
    assert import_path_of(text) == (text if is_one else None)


def test_a_method_of_an_object_has_none() -> None:
    """What would be imported is the function of the class, which knows no object."""
    assert import_path_of(Taste().like) is None


def test_a_local_function_that_bears_the_name_of_another_has_none() -> None:
    """What would be imported is the other one."""
    assert import_path_of(told(choose)) is None
