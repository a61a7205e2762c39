"""Calls of each action, and what is wrong with them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, cast

import pytest

from journey_async.core.actions import (
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
from journey_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping


HOOK = "https://your-server.com/webhook"
URL = "https://example.com/photo.jpg"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(32))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(32))
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(range(32))
PNG_URI = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
GRID_ID = "550e8400-e29b-41d4-a716-446655440000"
UPSCALED_ID = "772a0622-a41d-63f6-c938-668877662222"
VIDEO_ID = "jj4m2i44-m63p-85r8-o150-880099884444"

# One valid call of each action, with its required arguments alone.
LEAST: dict[type[Action], dict[str, Any]] = {
    Imagine: {"prompt": "an elk"},
    Reroll: {},
    Variations: {"index": "1"},
    Upscale1x: {"index": "1"},
    UpscaleAlt: {"type": "subtle"},
    Upscale2x4x: {"type": "2x"},
    Pan: {"direction": "up"},
    Inpaint: {"mask": PNG},
    Outpaint: {"zoom_ratio": 2},
    Blend: {"image_urls": [URL, URL]},
    Describe: {"image_url": URL},
    Shorten: {"prompt": "an elk"},
    AskSeed: {},
    Faceswap: {"target_image_url": URL, "swap_image_url": URL},
    ImagineVideo: {"prompt": "it walks", "image_url": URL},
    ExtendVideo: {"index": "1", "prompt": "it runs"},
}
EACH = pytest.mark.parametrize("make", LEAST, ids=lambda make: make.name)


def made(make: type[Action], arguments: Mapping[str, object]) -> Action | InvalidRequestError:
    try:
        return make(**cast("Mapping[str, Any]", arguments))
    except InvalidRequestError as error:
        return error


def faults(make: type[Action], **arguments: object) -> list[tuple[str, str]]:
    """Give the argument and the message of each fault of the call, none if there is none."""
    outcome = made(make, arguments)
    return [] if isinstance(outcome, Action) else [(fault.argument, fault.message) for fault in outcome.faults]


def messages(make: type[Action], **changed: object) -> list[str]:
    """Give the faults' messages of the least valid call with some arguments changed."""
    return [message for _, message in faults(make, **{**LEAST[make], **changed})]


# What the faults say.
MASK = (
    "mask must be the bytes, the path or the base64 text of a PNG, JPEG or WebP picture: white is repainted, black kept"
)
HTTPS = "webhook_url must be an https URL (http only on localhost, for the sandbox)"
SECRET = "webhook_secret must be a text that an HTTP header can echo: no control character, no blank at either end"
PROMPT = "prompt is required, as a text that is not blank"
RATIO = "aspect_ratio must be a valid ratio (e.g., 16:9): use 1:1, 16:9, 9:16, 4:3, 3:4, 3:2, 2:3"
ZOOM = "zoom_ratio must be a number from 1 to 2: 1 makes the picture square, 1.5 and 2 zoom out"

# By journeyapi.co/docs/models and the page of each model.
CREDITS_BY_MODEL = {
    "midjourney": 4,
    "flux-pro": 4,
    "flux-dev": 2,
    "flux-schnell": 1,
    "flux-2-dev": 1,
    "flux-2-flex": 2,
    "flux-2-max": 4,
    "flux-kontext-pro": 4,
    "flux-kontext-max": 8,
    "nano-banana": 2,
    "nano-banana-2": 4,
    "nano-banana-hd": 3,
    "seedream-3": 2,
    "seedream-4": 3,
    "seedream-4.5": 3,
    "seedream-5-lite": 3,
    "seededit": 3,
    "gpt-image-1": 2,
    "gpt-image-1.5": 3,
    "gpt-4o-image": 2,
    "grok-image": 3,
    "grok-image-2": 4,
    "z-image": 2,
    "qwen-image": 4,
    "qwen-image-edit": 4,
    "ideogram-v3": 6,
    "ideogram-v3-edit": 6,
    "ideogram-v3-remix": 6,
    "ideogram-v3-reframe": 6,
    "recraft": 3,
}
