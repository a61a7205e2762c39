"""How an action is made from its arguments: what it keeps, and what is an error of the caller's code."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any, cast

import attrs
import pytest

from journey_async.core.actions import Imagine, Upscale2x4x, Variations
from tests.core.calls import EACH, LEAST, URL

if TYPE_CHECKING:
    from journey_async.core.actions import Action


def names(make: type[Action]) -> set[str]:
    return {field.name for field in attrs.fields(make)}


@EACH
def test_what_is_not_given_is_what_its_field_says(make: type[Action]) -> None:
    action = make(**LEAST[make])
    for field in attrs.fields(make):
        if field.name not in LEAST[make]:
            assert getattr(action, field.name) == field.default


@EACH
def test_what_must_be_given_is_what_has_no_usual_value(make: type[Action]) -> None:
    """One that is required and has a usual value may be left out, as the model of an imagine."""
    bare = {field.name for field in attrs.fields(make) if field.default is attrs.NOTHING}
    assert bare == set(LEAST[make])
    assert bare <= set(make.required)
    usual = {field.name for field in attrs.fields(make) if field.default not in {None, attrs.NOTHING}}
    assert usual <= set(make.required)


@EACH
def test_every_field_has_a_check_and_every_check_a_field(make: type[Action]) -> None:
    assert names(make) == make.documented() - {make.parent_field} | {"extra"}


@EACH
def test_to_give_none_is_to_leave_out(make: type[Action]) -> None:
    left_out = dict.fromkeys(names(make) - set(LEAST[make]) - {"model"})
    assert make(**LEAST[make], **cast("Any", left_out)) == make(**LEAST[make])


@EACH
def test_an_argument_that_is_missing_or_unknown_is_an_error_of_the_code(make: type[Action]) -> None:
    call: Any = make
    for name in LEAST[make]:
        others = {other: value for other, value in LEAST[make].items() if other != name}
        with pytest.raises(TypeError, match=rf"{make.__name__}\(\) needs {name}$"):
            call(**others)
    with pytest.raises(TypeError, match=rf"{make.__name__}\(\) takes no stile, tyle$"):
        call(**LEAST[make], tyle=None, stile=1)
    with pytest.raises(TypeError):
        call("an elk")


@EACH
def test_an_action_never_changes_and_is_copied_whole(make: type[Action]) -> None:
    action = make(**LEAST[make], webhook_url="https://e.com/", extra={"sref": "7"})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        action.webhook_url = None  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
    copies = (copy.copy(action), copy.deepcopy(action), pickle.loads(pickle.dumps(action)), attrs.evolve(action))  # noqa: S301 - it was pickled here
    for each in copies:
        assert each == action
        assert each.body("p") == action.body("p")
    assert attrs.evolve(action, extra=None) != action


def test_what_callers_write_is_turned_into_what_is_sent() -> None:
    assert (Variations(index=cast("Any", 2)).index, Variations(index="subtle").index) == ("2", "subtle")
    assert (Upscale2x4x(type="2x").index, Upscale2x4x(type="2x", index=cast("Any", 4)).index) == (None, "4")


def test_a_body_that_is_written_into_is_the_callers_own() -> None:
    action = Imagine(prompt="an elk", model="seededit", image_url=URL)
    action.body()["prompt"] = "a moose"
    assert action.body() == {"prompt": "an elk", "model": "seededit", "image_url": URL}
