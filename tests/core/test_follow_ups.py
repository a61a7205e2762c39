"""Follow-ups against the table of rules: nothing illegal is offered, and nothing legal is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.actions import ACTIONS, Action
from journey_async.core.follow_ups import FOLLOW_UPS, FollowUp, follow_ups
from journey_async.core.kinds import (
    EnlargedPicture,
    ImagineGrid,
    ImagineVideos,
    Kind,
    PanGrid,
    Picture,
    Result,
    Shortening,
    UpscaledPicture,
    Videos,
)
from journey_async.core.legality import checked
from journey_async.core.rules import RULES, rule_for
from journey_async.errors import IllegalParentError, InvalidRequestError
from tests.core.calls import GRID_ID, HOOK, LEAST, PNG, URL
from tests.core.published import EXPECTED, KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = tuple(kind for kind in KINDS.values() if kind is not Result)
ALL = tuple(FOLLOW_UPS.values())
PAIRS = [(rule, kind) for rule, row in EXPECTED.items() for kind, evidence in row.items() if evidence]
# A value for each field that may be given.
GIVEN: dict[str, Any] = {
    "prompt": "an elk",
    "mask": PNG,
    "zoom_ratio": 1.25,
    "aspect_ratio": "16:9",
    "image_url": URL,
    "motion": "high",
}
UPSCALED = """
    Upscale (Subtle) | Upscale (Creative) | Upscale (2x) | Upscale (4x)
    Vary (Subtle) | Vary (Strong) | Vary (Region)
    Zoom Out 2x | Zoom Out 1.5x | Custom Zoom | Make Square
    ⬅️ | ➡️ | ⬆️ | ⬇️
    Seed
"""
GRID = """
    U1 | U2 | U3 | U4
    V1 | V2 | V3 | V4
    U1 (2x) | U2 (2x) | U3 (2x) | U4 (2x)
    U1 (4x) | U2 (4x) | U3 (4x) | U4 (4x)
    Seed
"""


def rows(kind: Kind) -> list[list[str]]:
    by_row: dict[int, list[str]] = {}
    for follow_up in follow_ups(kind):
        by_row.setdefault(follow_up.row, []).append(follow_up.label)
    return list(by_row.values())


def table(text: str) -> list[list[str]]:
    return [line.strip().split(" | ") for line in text.strip().splitlines()]


def made(follow_up: FollowUp, kind: Kind, given: Mapping[str, object]) -> Action:
    return checked(ACTIONS[follow_up.action], follow_up.arguments_with(given), parent=GRID_ID, kind=kind)


def asked(follow_up: FollowUp) -> dict[str, Any]:
    return {name: GIVEN[name] for name in follow_up.asks}


def refused(follow_up: FollowUp, **given: object) -> list[tuple[str, str, object]]:
    with pytest.raises(InvalidRequestError) as caught:
        follow_up.arguments_with(given)
    return [(fault.argument, fault.message, fault.value) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ImagineGrid, GRID.replace("U4\n", "U4 | Reroll\n", 1)),
        (PanGrid, GRID),
        (UpscaledPicture, UPSCALED),
        (EnlargedPicture, "Upscale (2x) | Upscale (4x)\nSeed"),
        (ImagineVideos, "Extend 1 | Extend 2 | Extend 3 | Extend 4"),
        (Picture, ""),
        (Shortening, ""),
        (Videos, ""),
        (Result, ""),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_kind_has_the_buttons_of_midjourney_in_their_order(kind: Kind, expected: str) -> None:
    assert rows(kind) == (table(expected) if expected else [])


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_what_is_offered_for_a_kind_is_exactly_what_is_legal_once_everything_is_given(kind: Kind) -> None:
    offered = follow_ups(kind)
    for follow_up in ALL:
        if follow_up in offered:
            assert made(follow_up, kind, asked(follow_up)).name == follow_up.action
        else:
            with pytest.raises(IllegalParentError):
                made(follow_up, kind, asked(follow_up))


@pytest.mark.parametrize(("rule", "kind"), PAIRS, ids=lambda value: getattr(value, "__name__", value))
def test_every_legal_step_is_offered_at_least_once(rule: str, kind: Kind) -> None:
    assert rule in {rule_for(made(follow_up, kind, asked(follow_up))).name for follow_up in follow_ups(kind)}


@given(data=st.data(), kind=st.sampled_from([kind for kind in KNOWN if follow_ups(kind)]))
def test_whatever_a_follow_up_takes_besides_leaves_it_legal_and_is_sent(data: st.DataObject, kind: Kind) -> None:
    follow_up = data.draw(st.sampled_from(follow_ups(kind)))
    more = data.draw(st.sets(st.sampled_from(follow_up.takes))) if follow_up.takes else set[str]()

    body = made(follow_up, kind, {**asked(follow_up), **{name: GIVEN[name] for name in more}}).body()

    assert body.items() >= follow_up.fields.items()
    assert set(body) == {*follow_up.fields, *follow_up.asks, *more}


def test_every_value_that_the_service_has_for_a_decided_field_is_on_a_button() -> None:
    decided: dict[str, set[str]] = {}
    for follow_up in ALL:
        for name, value in follow_up.fields.items():
            decided.setdefault(f"{follow_up.action} {name}", set()).add(value)

    assert decided == {
        "upscale-1x index": {"1", "2", "3", "4"},
        "variations index": {"1", "2", "3", "4", "strong", "subtle"},
        "upscale-2x-4x index": {"1", "2", "3", "4"},
        "upscale-2x-4x type": {"2x", "4x"},
        "upscale-alt type": {"subtle", "creative"},
        "pan direction": {"left", "right", "up", "down"},
        "outpaint zoom_ratio": {"1", "1.5", "2"},
        "extend-video index": {"1", "2", "3", "4"},
    }


def test_what_is_still_to_be_given_and_what_may_be_given_is_told_apart() -> None:
    open_fields = {follow_up.name: (follow_up.asks, follow_up.takes) for follow_up in ALL}

    assert {name: fields for name, fields in open_fields.items() if any(fields)} == {
        "reroll": ((), ("prompt",)),
        "vary-region": (("mask",), ("prompt",)),
        "zoom-out-2x": ((), ("aspect_ratio", "prompt")),
        "zoom-out-1.5x": ((), ("aspect_ratio", "prompt")),
        "make-square": ((), ("aspect_ratio", "prompt")),
        "custom-zoom": (("zoom_ratio",), ("aspect_ratio", "prompt")),
        **{f"extend-{video}": (("prompt",), ("image_url", "motion")) for video in "1234"},
    }


@pytest.mark.parametrize("follow_up", ALL, ids=lambda follow_up: follow_up.name)
def test_a_follow_up_costs_what_its_action_costs(follow_up: FollowUp) -> None:
    make = ACTIONS[follow_up.action]
    arguments: dict[str, Any] = {**LEAST[make], **follow_up.fields}

    assert follow_up.credits == make(**arguments).credits


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_the_buttons_of_a_kind_fit_into_five_rows_of_five_and_each_says_something_else(kind: Kind) -> None:
    labels = [label for row in rows(kind) for label in row]

    assert len(rows(kind)) <= 5
    assert all(len(row) <= 5 for row in rows(kind))
    assert all(0 <= follow_up.row <= 4 for follow_up in follow_ups(kind))
    assert len(set(labels)) == len(labels)


def test_every_name_is_a_word_in_ascii_and_stands_for_one_follow_up() -> None:
    assert all(name.isascii() and " " not in name and name == name.lower() for name in FOLLOW_UPS)
    assert len(set(ALL)) == len({follow_up.name for follow_up in ALL}) == len(ALL)


def test_a_follow_up_cannot_be_changed_by_who_was_given_it() -> None:
    with pytest.raises(TypeError):
        FOLLOW_UPS["u1"].fields["index"] = "2"  # type: ignore[index] # pyright: ignore[reportIndexIssue]


def test_what_is_missing_is_left_to_the_check_of_the_action() -> None:
    assert FOLLOW_UPS["extend-1"].arguments_with({"motion": "low"}) == {"index": "1", "prompt": None, "motion": "low"}


def test_the_options_of_every_call_are_taken() -> None:
    given = {"webhook_url": HOOK, "webhook_secret": "s3cret", "extra": {"seed": 7}}

    assert FOLLOW_UPS["pan-left"].arguments_with(given) == {"direction": "left", **given}


def test_a_decided_field_cannot_be_decided_again() -> None:
    assert refused(FOLLOW_UPS["u2"], index="3") == [("index", "index is decided by u2 already: leave it out", "…")]


def test_every_name_that_is_not_taken_is_told_and_no_value_is_shown() -> None:
    message = "reroll takes no {}: use prompt, webhook_url, webhook_secret, extra"

    assert refused(FOLLOW_UPS["reroll"], secret="s3cret", mask=PNG) == [
        ("secret", message.format("secret"), "…"),
        ("mask", message.format("mask"), "…"),
    ]


def test_a_follow_up_with_a_faulty_value_is_refused_by_the_action() -> None:
    with pytest.raises(InvalidRequestError, match="zoom_ratio must be a number from 1 to 2"):
        made(FOLLOW_UPS["custom-zoom"], UpscaledPicture, {"zoom_ratio": 3})


def test_every_rule_with_parents_names_an_action_that_has_a_button() -> None:
    assert {rule.action for rule in RULES.values() if rule.parents} == {follow_up.action for follow_up in ALL}
