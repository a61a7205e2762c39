"""Several faults at once, which rule holds, and whatever may be given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core import wire
from journey_async.core.actions import (
    Action,
    ExtendVideo,
    Imagine,
    ImagineVideo,
    Outpaint,
    Pan,
    Shorten,
    Upscale1x,
    Upscale2x4x,
    Variations,
)
from journey_async.core.rules import RULES, rule_for
from journey_async.errors import InvalidRequestError
from tests.core import chance
from tests.core.calls import (
    EACH,
    HOOK,
    HTTPS,
    LEAST,
    PNG,
    PNG_URI,
    PROMPT,
    RATIO,
    SECRET,
    URL,
    ZOOM,
    faults,
    made,
    messages,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


# --- several faults at once


def test_all_faults_of_one_call_are_told_together() -> None:
    assert faults(
        Imagine,
        prompt=" ",
        model="midjourney",
        aspect_ratio="wide",
        output_format="gif",
        resolution="8K",
        negative_prompt=7,
        webhook_url="http://e.com/",
        webhook_secret="",
        extra={"prompt": "an elk"},
    ) == [
        ("prompt", PROMPT),
        ("aspect_ratio", RATIO),
        ("output_format", "output_format is unknown: use png, jpg"),
        ("resolution", "resolution is unknown: use 1K, 2K, 4K"),
        ("negative_prompt", "negative_prompt must be a text of at most 4000 characters"),
        ("webhook_url", HTTPS),
        ("webhook_secret", SECRET),
        (
            "negative_prompt",
            (
                "model midjourney takes no negative_prompt: leave it out, or use one of "
                "flux-pro, flux-dev, flux-schnell, flux-2-dev, flux-2-flex, flux-2-max"
            ),
        ),
        (
            "output_format",
            "model midjourney takes no output_format: leave it out, or use one of flux-pro, flux-dev, flux-schnell",
        ),
        (
            "resolution",
            (
                "model midjourney takes no resolution: leave it out, or use one of "
                "flux-pro, flux-dev, flux-schnell, nano-banana-2, nano-banana-hd"
            ),
        ),
        ("extra", "extra cannot set prompt: documented fields are arguments of their own"),
    ]


def test_the_published_sample_of_two_messages_is_told_in_the_same_words() -> None:
    (first, second) = faults(Imagine, prompt="", aspect_ratio="16/9")

    assert first[1].startswith("prompt is required")
    assert second[1].startswith("aspect_ratio must be a valid ratio (e.g., 16:9)")


def test_an_index_does_not_go_with_a_picture_at_a_url() -> None:
    assert faults(Upscale2x4x, type="2x", image_url=URL, index=1) == [
        ("index", "index belongs to a parent that is a grid: leave it out with image_url")
    ]


def test_an_error_of_one_fault_is_one_sentence_that_shows_what_was_given() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        Pan(direction="west")

    assert str(caught.value) == (
        "pan: direction is unknown: use up, down, left, right (got direction='west'). Nothing was sent."
    )


def test_an_error_of_several_faults_lists_them() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        ImagineVideo(prompt="", image_url="x", motion="fast")

    assert str(caught.value) == (
        "imagine-video: 3 faults, nothing was sent:\n"
        f"  - {PROMPT} (got prompt='')\n"
        "  - image_url must be an http or https URL that the service can reach (got image_url='x')\n"
        "  - motion is unknown: use low, high (got motion='fast')"
    )


# --- which rule holds


@pytest.mark.parametrize(
    ("action", "rule"),
    [
        (Imagine(prompt="an elk"), "imagine"),
        (Imagine(prompt="an elk", model="z-image"), "imagine with another model"),
        (Variations(index=1), "variations"),
        (Variations(index="strong"), "variations strong or subtle"),
        (Variations(index="subtle"), "variations strong or subtle"),
        (Upscale2x4x(type="2x"), "upscale-2x-4x"),
        (Upscale2x4x(type="2x", index=1), "upscale-2x-4x of a tile"),
        (Upscale2x4x(type="2x", image_url=URL), "upscale-2x-4x of a URL"),
    ],
)
def test_the_arguments_tell_which_rule_holds(action: Action, rule: str) -> None:
    assert rule_for(action) is RULES[rule]


@EACH
def test_every_action_has_a_rule_of_its_name(make: type[Action]) -> None:
    assert rule_for(make(**LEAST[make])).action == make.name


# --- whatever may be given


def fields_of(make: type[Action]) -> list[str]:
    return [*make.required, *make.optional, "webhook_url", "webhook_secret", "extra"]


def calls(make: type[Action]) -> SearchStrategy[dict[str, object]]:
    """Make calls of *make* whose arguments are right, wrong or absurd."""
    sound: dict[str, list[object]] = {
        "prompt": ["an elk", "\ud800"],
        "model": ["midjourney", "flux-pro", "seededit", "nano-banana-2"],
        "index": [1, "4", "strong"],
        "type": ["2x", "subtle"],
        "direction": ["up"],
        "mask": [PNG, PNG_URI],
        "zoom_ratio": [1, 1.5, "2"],
        "aspect_ratio": ["16:9"],
        "image_urls": [[URL, URL], (URL,) * 5],
        "webhook_url": [HOOK],
        "webhook_secret": ["s3cret"],
        "extra": [{}, {"sref": [1, {"a": None}]}, {"\ud800": "\udfff"}],
    }

    def value(name: str) -> SearchStrategy[object]:
        right: SearchStrategy[object] = st.sampled_from(sound.get(name, [URL, "low", "square"]))
        return st.one_of(right, right, st.none(), st.sampled_from(chance.WORDS), chance.anything())

    names = fields_of(make)
    required = {name: value(name) for name in names if name in LEAST[make]}
    others = {name: value(name) for name in names if name not in LEAST[make]}
    return st.fixed_dictionaries(required, optional=others)


CALLS: SearchStrategy[tuple[type[Action], dict[str, object]]] = st.sampled_from(list(LEAST)).flatmap(
    lambda make: calls(make).map(lambda arguments: (make, arguments))
)


@given(CALLS)
def test_any_arguments_make_an_action_or_an_invalid_request(call: tuple[type[Action], dict[str, object]]) -> None:
    make, arguments = call
    action = made(make, arguments)
    if isinstance(action, InvalidRequestError):
        assert action.faults
        assert {fault.argument for fault in action.faults} <= set(fields_of(make))
        assert str(action).startswith(f"{make.name}: ")
        assert not action.credits_may_have_moved
        return

    body: dict[str, object] = json.loads(wire.submission(action, "t-1").encoded() or b"")
    assert 1 <= action.credits <= 8
    assert set(make.required) <= set(body)
    for name in set(body) & make.documented():
        value = body[name]
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        assert all(isinstance(item, str) for item in items), name


LONG = 10**5000
"""Longer than Python agrees to write in decimal."""


@pytest.mark.parametrize("index", [10**400, LONG], ids=["400 digits", "5000 digits"])
@pytest.mark.parametrize("make", [Variations, Upscale1x, Upscale2x4x, ExtendVideo], ids=lambda make: make.name)
def test_a_huge_index_is_a_fault_like_any_other(make: type[Action], index: int) -> None:
    assert [argument for argument, _ in faults(make, **{**LEAST[make], "index": index})] == ["index"]


@pytest.mark.parametrize("ratio", [10**400, LONG], ids=["400 digits", "5000 digits"])
def test_a_huge_zoom_is_a_fault_like_any_other(ratio: int) -> None:
    assert messages(Outpaint, zoom_ratio=ratio) == [ZOOM]


class Unspeakable:
    """A value that cannot be shown."""

    def __repr__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize("value", [LONG, [LONG], Unspeakable()], ids=["5000 digits", "in a list", "no repr"])
def test_a_value_that_cannot_be_shown_is_a_fault_like_any_other(value: object) -> None:
    assert messages(Shorten, prompt=value) == [PROMPT]


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_huge_number_in_an_undocumented_field_is_a_fault_because_json_cannot_write_it() -> None:
    assert messages(Shorten, extra={"a": LONG}) == ["extra must be a mapping of field names to JSON values"]


def test_undocumented_fields_that_are_nested_too_deep_for_json_are_a_fault() -> None:
    assert messages(Shorten, extra={"a": nested(100_000)}) == ["extra must be a mapping of field names to JSON values"]


def test_a_model_is_known_by_its_name_wherever_the_text_comes_from() -> None:
    written = "MIDJOURNEY".lower()

    assert Imagine(prompt="an elk", model=written).rule_name == "imagine"
