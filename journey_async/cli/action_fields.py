"""The fields of the service's actions as they are typed: which are arguments, what they take, how help tells them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import frozen

from journey_async.core import actions
from journey_async.core.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping


@frozen
class TypedField:
    """How one field of an action is typed."""

    annotation: Any
    """The type that is read, without None."""
    help: str
    metavar: str | None = None
    """What stands for the value in the help; None where the allowed values do."""


ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "imagine": ("prompt",),
        "shorten": ("prompt",),
        "imagine-video": ("prompt",),
        "describe": ("image_url",),
        "blend": ("image_urls",),
        "faceswap": ("target_image_url", "swap_image_url"),
    }
)
"""The fields that are typed without an option's name, as the client's verbs take them by position; parents are, too."""

_FIELDS: Final[Mapping[str, TypedField]] = MappingProxyType(
    {
        "prompt": TypedField(str, "What to make.", "TEXT"),
        "model": TypedField(Literal[tuple(MODELS)], "The model, see `journey models`.", "MODEL"),
        "aspect_ratio": TypedField(actions.AspectRatio, "Width to height."),
        "output_format": TypedField(actions.OutputFormat, "The kind of file."),
        "resolution": TypedField(actions.Resolution, "How large."),
        "image_url": TypedField(str, "A public picture to begin with.", "URL"),
        "negative_prompt": TypedField(str, "What the picture shall not show.", "TEXT"),
        "index": TypedField(
            Literal["1", "2", "3", "4"], "Which: 1 top-left, 2 top-right, 3 bottom-left, 4 bottom-right."
        ),
        "direction": TypedField(actions.Direction, "To which side."),
        "mask": TypedField(Path, "A PNG, JPEG or WebP picture: white is repainted, black kept.", "PATH"),
        "zoom_ratio": TypedField(float, "From 1, which makes it square, to 2.", "1..2"),
        "image_urls": TypedField(list[str], "Two to five public pictures.", "URL"),
        "dimension": TypedField(actions.Dimension, "The shape of the result."),
        "target_image_url": TypedField(str, "The public picture whose face is replaced.", "TARGET_URL"),
        "swap_image_url": TypedField(str, "The public picture that has the face.", "FACE_URL"),
        "motion": TypedField(actions.Motion, "How much moves."),
    }
)
_SPECIAL: Final[Mapping[tuple[str, str], TypedField]] = MappingProxyType(
    {
        ("reroll", "prompt"): TypedField(str, "Another prompt than that of the parent.", "TEXT"),
        ("inpaint", "prompt"): TypedField(str, "What to paint there.", "TEXT"),
        ("outpaint", "prompt"): TypedField(str, "What to paint around it.", "TEXT"),
        ("shorten", "prompt"): TypedField(str, "The prompt to shorten.", "PROMPT"),
        ("imagine", "prompt"): TypedField(str, "What to make; Midjourney takes its flags here.", "PROMPT"),
        ("imagine-video", "prompt"): TypedField(str, "What is to happen.", "PROMPT"),
        ("extend-video", "prompt"): TypedField(str, "What is to happen next.", "TEXT"),
        ("imagine-video", "image_url"): TypedField(str, "The public picture that is the first frame.", "URL"),
        ("extend-video", "image_url"): TypedField(str, "A public picture for the last frame.", "URL"),
        ("extend-video", "index"): TypedField(Literal["1", "2", "3", "4"], "Which of the four videos."),
        ("describe", "image_url"): TypedField(str, "A public picture.", "URL"),
        ("upscale-2x-4x", "image_url"): TypedField(str, "Any public picture, instead of TASK.", "URL"),
        ("upscale-2x-4x", "type"): TypedField(Literal["2x", "4x"], "How much larger."),
        ("upscale-alt", "type"): TypedField(Literal["subtle", "creative"], "Faithfully, or with new detail."),
        ("variations", "index"): TypedField(
            Literal["1", "2", "3", "4", "strong", "subtle"], "A tile of a grid; how much for an upscale-1x picture."
        ),
    }
)


def field_of(action: str, name: str) -> TypedField:
    """Tell how the field *name* of *action* is typed; raises KeyError where this module does not know the field."""
    return _SPECIAL[action, name] if (action, name) in _SPECIAL else _FIELDS[name]


EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "imagine": (
            'journey imagine "a majestic elk --ar 16:9" --upscale 2 --download out',
            'journey imagine "a red fox" --model flux-pro --resolution 2K --json',
        ),
        "reroll": ("journey reroll TASK --download out",),
        "variations": ("journey variations TASK --index 3", "journey variations TASK --index strong"),
        "upscale-1x": ("journey upscale-1x TASK --index 2 --download out",),
        "upscale-alt": ("journey upscale-alt TASK --type creative",),
        "upscale-2x-4x": (
            "journey upscale-2x-4x TASK --type 4x --index 1",
            "journey upscale-2x-4x --image-url https://example.com/elk.png --type 2x",
        ),
        "pan": ("journey pan TASK --direction left --upscale 1 --download out",),
        "inpaint": ('journey inpaint TASK --mask lake.png --prompt "a still lake"',),
        "outpaint": ("journey outpaint TASK --zoom-ratio 1.5",),
        "blend": ("journey blend https://example.com/a.png https://example.com/b.png",),
        "describe": ("journey describe https://example.com/elk.png",),
        "shorten": ('journey shorten "a very, very majestic elk in a forest of mist"',),
        "seed": ("journey seed TASK",),
        "faceswap": ("journey faceswap https://example.com/elk.png https://example.com/me.png",),
        "imagine-video": ('journey imagine-video "it turns its head" --image-url https://...',),
        "extend-video": ('journey extend-video TASK --index 1 --prompt "it walks away"',),
    }
)
