"""Every mutating call: its body and its price."""

from __future__ import annotations

import json

import pytest

from journey_async.core import wire
from journey_async.core.actions import (
    ACTIONS,
    Action,
    AskSeed,
    Blend,
    Describe,
    ExtendVideo,
    Faceswap,
    Imagine,
    ImagineVideo,
    Inpaint,
    Outpaint,
    Pan,
    Reroll,
    Shorten,
    Upscale1x,
    Upscale2x4x,
    UpscaleAlt,
    Variations,
)
from journey_async.core.models import MODELS
from tests.core.calls import (
    CREDITS_BY_MODEL,
    EACH,
    GRID_ID,
    HOOK,
    LEAST,
    PNG_URI,
    UPSCALED_ID,
    URL,
    VIDEO_ID,
)


def test_every_action_is_in_the_table_under_its_own_name() -> None:
    assert set(ACTIONS.values()) == set(LEAST)
    assert list(ACTIONS) == [action.name for action in ACTIONS.values()]


# --- bodies


@pytest.mark.parametrize(
    ("action", "parent", "body"),
    [
        (
            # The sample leaves the model to its default; it is sent, so that the default of tomorrow changes nothing.
            Imagine(prompt="… --ar 16:9", webhook_url=HOOK),
            None,
            {"prompt": "… --ar 16:9", "model": "midjourney", "webhook_url": HOOK},
        ),
        (Reroll(webhook_url=HOOK), GRID_ID, {"parent_task_id": GRID_ID, "webhook_url": HOOK}),
        (
            Variations(index="strong", webhook_url=HOOK),
            GRID_ID,
            {"parent_task_id": GRID_ID, "index": "strong", "webhook_url": HOOK},
        ),
        (
            Upscale1x(index="2", webhook_url=HOOK),
            GRID_ID,
            {"parent_task_id": GRID_ID, "index": "2", "webhook_url": HOOK},
        ),
        (
            UpscaleAlt(type="subtle", webhook_url=HOOK),
            UPSCALED_ID,
            {"parent_task_id": UPSCALED_ID, "type": "subtle", "webhook_url": HOOK},
        ),
        (
            Upscale2x4x(image_url="https://example.com/my-image.png", type="2x", webhook_url=HOOK),
            None,
            {"image_url": "https://example.com/my-image.png", "type": "2x", "webhook_url": HOOK},
        ),
        (
            Pan(direction="left", webhook_url=HOOK),
            UPSCALED_ID,
            {"parent_task_id": UPSCALED_ID, "direction": "left", "webhook_url": HOOK},
        ),
        (
            Inpaint(mask=PNG_URI, prompt="a lake"),
            UPSCALED_ID,
            {"parent_task_id": UPSCALED_ID, "mask": PNG_URI, "prompt": "a lake"},
        ),
        (
            Outpaint(zoom_ratio="2", aspect_ratio="1:1", prompt="a lake"),
            UPSCALED_ID,
            {"parent_task_id": UPSCALED_ID, "zoom_ratio": "2", "aspect_ratio": "1:1", "prompt": "a lake"},
        ),
        (
            Blend(
                image_urls=[f"https://example.com/photo{number}.jpg" for number in (1, 2, 3)],
                dimension="landscape",
                webhook_url=HOOK,
            ),
            None,
            {
                "image_urls": [
                    "https://example.com/photo1.jpg",
                    "https://example.com/photo2.jpg",
                    "https://example.com/photo3.jpg",
                ],
                "dimension": "landscape",
                "webhook_url": HOOK,
            },
        ),
        (Describe(image_url=URL), None, {"image_url": URL}),
        (Shorten(prompt="a very long prompt"), None, {"prompt": "a very long prompt"}),
        (AskSeed(), GRID_ID, {"task_id": GRID_ID}),
        (
            Faceswap(
                target_image_url="https://example.com/target.jpg",
                swap_image_url="https://example.com/face.jpg",
                webhook_url=HOOK,
            ),
            None,
            {
                "target_image_url": "https://example.com/target.jpg",
                "swap_image_url": "https://example.com/face.jpg",
                "webhook_url": HOOK,
            },
        ),
        (
            ImagineVideo(prompt="…", image_url="https://example.com/start-frame.jpg", motion="low", webhook_url=HOOK),
            None,
            {
                "prompt": "…",
                "image_url": "https://example.com/start-frame.jpg",
                "motion": "low",
                "webhook_url": HOOK,
            },
        ),
        (
            ExtendVideo(index="1", prompt="…", motion="low", webhook_url=HOOK),
            VIDEO_ID,
            {"parent_task_id": VIDEO_ID, "index": "1", "prompt": "…", "motion": "low", "webhook_url": HOOK},
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Action) else "",
)
def test_the_body_is_the_one_of_the_services_sample(
    action: Action, parent: str | None, body: dict[str, object]
) -> None:
    request = wire.submission(action, parent)

    assert request.path == f"/{action.name}"
    assert json.loads(request.encoded() or b"") == body


def test_every_field_of_an_imagine_is_sent_under_its_own_name() -> None:
    action = Imagine(
        prompt="an elk",
        model="flux-pro",
        aspect_ratio="3:2",
        output_format="jpg",
        resolution="2K",
        negative_prompt="people",
        webhook_url=HOOK,
        webhook_secret="s3cret",
    )

    assert action.body() == {
        "prompt": "an elk",
        "model": "flux-pro",
        "aspect_ratio": "3:2",
        "output_format": "jpg",
        "resolution": "2K",
        "negative_prompt": "people",
        "webhook_url": HOOK,
        "webhook_secret": "s3cret",
    }


def test_every_field_of_an_extend_video_is_sent_under_its_own_name() -> None:
    action = ExtendVideo(index=4, prompt="it runs", image_url=URL, motion="high")

    assert action.body(VIDEO_ID) == {
        "parent_task_id": VIDEO_ID,
        "index": "4",
        "prompt": "it runs",
        "image_url": URL,
        "motion": "high",
    }


@EACH
def test_what_is_not_given_is_not_sent(make: type[Action]) -> None:
    action = make(**LEAST[make])
    model = {"model"} if make is Imagine else set[str]()

    assert set(action.body()) == set(LEAST[make]) | model


# --- prices

CREDITS: dict[type[Action], int] = {
    Reroll: 4,
    Variations: 4,
    Upscale1x: 2,
    UpscaleAlt: 4,
    Upscale2x4x: 2,
    Pan: 4,
    Inpaint: 4,
    Outpaint: 4,
    Blend: 4,
    Describe: 2,
    Shorten: 2,
    AskSeed: 2,
    Faceswap: 2,
    ImagineVideo: 8,
    ExtendVideo: 8,
    Imagine: 4,
}


@EACH
def test_every_action_costs_what_its_page_says(make: type[Action]) -> None:
    assert make(**LEAST[make]).credits == CREDITS[make]


@pytest.mark.parametrize(("kind", "price"), [("2x", 2), ("4x", 2)])
def test_both_enlargements_cost_the_same(kind: str, price: int) -> None:
    assert Upscale2x4x(type=kind).credits == price


def test_an_imagine_costs_what_its_model_costs() -> None:
    needy = {"seededit", "qwen-image-edit", "flux-kontext-pro", "flux-kontext-max"}
    needy |= {"ideogram-v3-edit", "ideogram-v3-remix", "ideogram-v3-reframe"}
    actions = [Imagine(prompt="an elk", model=model, image_url=URL if model in needy else None) for model in MODELS]

    assert {action.model: action.credits for action in actions} == CREDITS_BY_MODEL
