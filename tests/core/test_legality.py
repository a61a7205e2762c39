"""From the arguments of a call to an action: the faults of arguments and parent, told together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.actions import (
    ACTIONS,
    Action,
    AskSeed,
    Describe,
    ExtendVideo,
    Imagine,
    Outpaint,
    Pan,
    Reroll,
    Upscale1x,
    Upscale2x4x,
    UpscaleAlt,
    Variations,
)
from journey_async.core.kinds import (
    EnlargedPicture,
    Grid,
    ImagineGrid,
    ImagineVideos,
    Kind,
    Picture,
    RerollGrid,
    Result,
    Seed,
    UpscaledPicture,
)
from journey_async.core.legality import checked
from journey_async.errors import IllegalParentError, InvalidRequestError
from tests.core import chance

if TYPE_CHECKING:
    from collections.abc import Mapping

URL = "https://example.com/photo.jpg"
NEEDS_PARENT = "parent_task_id is required: a Task or a task id"
DIRECTION = "direction is unknown: use up, down, left, right"


def invalid(
    make: type[Action], arguments: Mapping[str, object], *, parent: object = None, kind: Kind = Result
) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        checked(make, arguments, parent=parent, kind=kind)
    return caught.value


def told(error: InvalidRequestError) -> list[tuple[str, str]]:
    return [(fault.argument, fault.message) for fault in error.faults]


@pytest.mark.parametrize(
    ("make", "arguments", "parent", "kind"),
    [
        (Imagine, {"prompt": "an elk"}, None, Result),
        (Describe, {"image_url": URL}, None, Result),
        (Reroll, {}, "t-1", Result),
        (Reroll, {"prompt": None}, "t-1", ImagineGrid),
        (Variations, {"index": 1}, "t-1", RerollGrid),
        (Variations, {"index": "strong"}, "t-1", UpscaledPicture),
        (Upscale1x, {"index": "4"}, "t-1", Grid),
        (Upscale2x4x, {"type": "2x"}, "t-1", Result),
        (Upscale2x4x, {"type": "2x"}, "t-1", EnlargedPicture),
        (Upscale2x4x, {"type": "2x", "index": 1}, "t-1", ImagineGrid),
        (Upscale2x4x, {"type": "2x", "image_url": URL}, None, Result),
        (AskSeed, {}, "t-1", UpscaledPicture),
        (ExtendVideo, {"index": 1, "prompt": "it runs"}, "t-1", ImagineVideos),
    ],
)
def test_a_legal_call_gives_its_action(
    make: type[Action], arguments: dict[str, Any], parent: object, kind: Kind
) -> None:
    assert checked(make, arguments, parent=parent, kind=kind) == make(**arguments)


@pytest.mark.parametrize("parent", [None, "", " ", 7, b"t-1", ["t-1"]])
def test_a_parent_is_a_task_or_an_id_that_is_not_blank(parent: object) -> None:
    error = invalid(Pan, {"direction": "up"}, parent=parent)

    assert told(error) == [("parent", NEEDS_PARENT)]
    assert error.faults[0].value == parent


def test_faults_of_arguments_and_of_the_parent_are_told_together() -> None:
    error = invalid(ExtendVideo, {"index": 0, "prompt": "", "motion": "fast"})

    assert told(error) == [
        ("index", "index must be 1, 2, 3, or 4: 1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right"),
        ("prompt", "prompt is required, as a text that is not blank"),
        ("motion", "motion is unknown: use low, high"),
        ("parent", NEEDS_PARENT),
    ]
    assert type(error) is InvalidRequestError


def test_an_illegal_parent_is_told_together_with_the_faults_of_arguments() -> None:
    error = invalid(Pan, {"direction": "west", "webhook_secret": ""}, parent="t-1", kind=ImagineGrid)

    assert isinstance(error, IllegalParentError)
    assert [fault.argument for fault in error.faults] == ["direction", "webhook_secret", "parent"]
    assert (error.rule, error.parent, error.kind) == ("pan", "t-1", "an imagine grid")
    assert error.needs == "an upscale-1x picture"
    assert error.remedy == "Insert upscale_1x(parent, index=1..4) first."


def test_an_illegal_parent_alone_is_told_in_one_sentence() -> None:
    error = invalid(UpscaleAlt, {"type": "subtle"}, parent="t-1", kind=EnlargedPicture)

    assert str(error) == (
        "upscale-alt needs an upscale-1x picture as parent, task t-1 is an upscale-alt or upscale-2x-4x picture. "
        "Use the task of upscale_1x(parent, index=1..4) instead. Nothing was sent."
    )


@pytest.mark.parametrize(
    ("make", "arguments", "kind"),
    [
        (Reroll, {}, RerollGrid),
        (Reroll, {}, UpscaledPicture),
        (Variations, {"index": 1}, UpscaledPicture),
        (Variations, {"index": "strong"}, ImagineGrid),
        (Variations, {"index": "subtle"}, EnlargedPicture),
        (Upscale1x, {"index": 1}, UpscaledPicture),
        (Upscale1x, {"index": 1}, Picture),
        (Upscale2x4x, {"type": "2x"}, ImagineGrid),
        (Upscale2x4x, {"type": "2x", "index": 1}, UpscaledPicture),
        (Upscale2x4x, {"type": "2x"}, Picture),
        (Pan, {"direction": "up"}, EnlargedPicture),
        (Outpaint, {"zoom_ratio": 2}, RerollGrid),
        (AskSeed, {}, Picture),
        (AskSeed, {}, Seed),
        (ExtendVideo, {"index": 1, "prompt": "it runs"}, ImagineGrid),
    ],
)
def test_a_parent_that_the_action_cannot_follow_is_refused(
    make: type[Action], arguments: dict[str, object], kind: Kind
) -> None:
    error = invalid(make, arguments, parent="t-1", kind=kind)

    assert isinstance(error, IllegalParentError)
    assert (error.action, error.task_id, error.kind) == (make.name, "t-1", kind.label)


@pytest.mark.parametrize(
    ("make", "arguments", "kind"),
    [
        # A faulty index leaves open which rule holds: the parent may be right for one of them.
        (Variations, {"index": 0}, ImagineGrid),
        (Variations, {"index": 0}, UpscaledPicture),
        (Upscale2x4x, {"type": "2x", "index": 0}, ImagineGrid),
        (Upscale2x4x, {"type": "3x"}, ImagineGrid),
    ],
)
def test_a_parent_is_not_called_illegal_while_another_argument_may_make_it_legal(
    make: type[Action], arguments: dict[str, object], kind: Kind
) -> None:
    error = invalid(make, arguments, parent="t-1", kind=kind)

    assert type(error) is InvalidRequestError
    assert "parent" not in [fault.argument for fault in error.faults]


@pytest.mark.parametrize("make", [Variations, Upscale2x4x], ids=lambda make: make.name)
def test_a_parent_that_no_rule_of_the_action_accepts_is_illegal_whatever_the_arguments(make: type[Action]) -> None:
    error = invalid(make, {"index": 0} if make is Variations else {"type": "3x"}, parent="t-1", kind=ImagineVideos)

    assert isinstance(error, IllegalParentError)
    assert error.rule == make.name, "the first of its rules is told"
    assert len(error.faults) == 2


def test_either_a_parent_or_a_picture_at_a_url_is_enlarged() -> None:
    neither = invalid(Upscale2x4x, {"type": "2x"})
    both = invalid(Upscale2x4x, {"type": "2x", "image_url": URL}, parent="t-1")

    assert told(neither) == [("parent", f"{NEEDS_PARENT}, or else image_url")]
    assert told(both) == [("parent", "exactly one of parent_task_id and image_url is taken: leave one out")]


@pytest.mark.parametrize("kind", [Result, UpscaledPicture, ImagineGrid, ImagineVideos])
def test_a_parent_besides_a_url_is_one_fault_whatever_it_is(kind: Kind) -> None:
    error = invalid(Upscale2x4x, {"type": "2x", "image_url": URL}, parent="t-1", kind=kind)

    assert told(error) == [("parent", "exactly one of parent_task_id and image_url is taken: leave one out")]


def test_a_parent_of_unknown_kind_is_left_to_be_looked_up() -> None:
    assert checked(Pan, {"direction": "up"}, parent="t-1") == Pan(direction="up")


@given(
    st.sampled_from(list(ACTIONS.values())),
    st.dictionaries(st.sampled_from(("direction", "index", "type", "prompt", "image_url")), chance.anything()),
    st.one_of(st.just("t-1"), chance.anything()),
    st.sampled_from((Result, ImagineGrid, UpscaledPicture, Picture, ImagineVideos)),
)
def test_any_parent_and_arguments_give_an_action_or_an_invalid_request(
    make: type[Action], given_too: dict[str, object], parent: object, kind: Kind
) -> None:
    least: Mapping[str, object] = dict.fromkeys(make.required)
    arguments = {**least} | {name: value for name, value in given_too.items() if name in make.documented()}
    try:
        outcome: Action | InvalidRequestError = checked(make, arguments, parent=parent, kind=kind)
    except InvalidRequestError as error:
        outcome = error
    if isinstance(outcome, InvalidRequestError):
        assert outcome.faults
        assert outcome.action == make.name
        return
    assert isinstance(outcome, make)
    assert make.parent_field is None or cast("str", parent or arguments.get("image_url")).strip()
