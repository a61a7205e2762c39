"""The words of describe and shorten: plain, and always the same for the same question."""

from __future__ import annotations

import re
from random import Random
from typing import Final
from urllib.parse import urlsplit

from journey_async.core.checks import RATIOS
from journey_async.sandbox.scenes import (
    Blended,
    Edited,
    Enhanced,
    Imagined,
    Inpainted,
    Outpainted,
    Panned,
    Photo,
    Scene,
    Swapped,
    Upscaled,
    Varied,
    size,
)

_KEYCAP: Final = "\ufe0f\u20e3"
_STYLES: Final = (
    "soft morning light, muted palette",
    "wide shot, long shadows, film grain",
    "flat shapes, layered paper, bold contrast",
    "golden hour, thin mist, calm mood",
    "night scene, cold moonlight, deep blues",
    "woodcut print, strong outlines, two colours",
    "watercolour wash, loose edges, bright sky",
    "cinematic still, shallow haze, warm horizon",
)
_FILLERS: Final = re.compile(
    "(?:an?|the|and|or|of|in|on|at|to|with|by|for|from|as|is|are|very|really|quite|beautiful|stunning|amazing)[,.;:!?]*",
    re.IGNORECASE,
)
_PARAMETERS = re.compile(r"(?:^|\s)(?:--|\u2014)[a-z].*$", re.IGNORECASE | re.DOTALL)


def descriptions(scene: Scene, seed: int) -> list[str]:
    """Give four prompts that a picture could have come from."""
    subject = _PARAMETERS.sub("", _subject(scene)).strip() or "an untitled picture"
    width, height = size(scene)
    ratio = min(RATIOS, key=lambda text: abs(_quotient(text) - width / height))
    styles = Random(seed).sample(_STYLES, 4)
    return [f"{number}{_KEYCAP} {subject}, {style} --ar {ratio}" for number, style in enumerate(styles, 1)]


def shortened(prompt: str) -> tuple[list[str], str]:
    """Give three shorter versions of a prompt, and which of its words weigh much or little."""
    tail = _PARAMETERS.search(prompt)
    flags = tail[0].rstrip() if tail else ""
    words = _PARAMETERS.sub("", prompt).split()
    heavy = [word for word in words if not _FILLERS.fullmatch(word)] or words
    kept = (heavy, heavy[: max(1, len(heavy) * 2 // 3)], heavy[: max(1, len(heavy) // 2)])
    content = [f"{number}{_KEYCAP} {' '.join(some)}{flags}" for number, some in enumerate(kept, 1)]
    light = [word for word in words if word not in heavy]
    analysis = f"**Important tokens:** {', '.join(heavy) or '-'}\n**Low impact:** {', '.join(light) or '-'}"
    return content, analysis


def _subject(scene: Scene) -> str:
    match scene:
        case Imagined() | Edited():
            return scene.prompt
        case Photo():
            stem = urlsplit(scene.url).path.rpartition("/")[2].partition(".")[0]
            return re.sub(r"[\W_]+", " ", stem)
        case Swapped():
            return _subject(scene.target)
        case Blended():
            return " and ".join(_subject(Photo(url=url)) for url in scene.images)
        case Varied() | Upscaled() | Enhanced() | Panned() | Outpainted() | Inpainted():
            return _subject(scene.base)


def _quotient(ratio: str) -> float:
    width, _, height = ratio.partition(":")
    return int(width) / int(height)
