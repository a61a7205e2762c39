"""What the sandbox's pictures show, as values: a scene is made once, kept with its task and drawn when asked for."""

from __future__ import annotations

import re
from functools import lru_cache
from math import gcd, sqrt
from typing import Literal, TypeAlias

from attrs import frozen

Ratio: TypeAlias = tuple[int, int]
"""Width to height, such as (16, 9)."""
Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""
Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""
Direction: TypeAlias = Literal["up", "down", "left", "right"]
Motion: TypeAlias = Literal["low", "high"]

SUBTLE = 0.15
"""Strength of a subtle variation."""
POSITIONED = 0.4
"""Strength of a variation of one tile of a grid."""
STRONG = 0.85
"""Strength of a strong variation."""

TILE_AREA = 288 * 288
"""How many pixels a picture of a grid has, about, whatever its ratio."""
WIDEST = 4
"""The most that one side of a picture asked for may be of the other."""
_LONGEST = 2048
_LONGEST_UPSCALE = 1280
_SHORTEST = 16


@frozen(kw_only=True, cache_hash=True)
class Imagined:
    """One tile of a grid drawn from a prompt."""

    prompt: str
    seed: int
    ratio: Ratio = (1, 1)
    tile: int = 1


@frozen(kw_only=True, cache_hash=True)
class Varied:
    """The base with its shapes moved and its colours shifted, by a strength above 0 and up to 1."""

    base: Scene
    seed: int
    strength: float


@frozen(kw_only=True, cache_hash=True)
class Upscaled:
    """The base at twice its size, drawn anew so that it gains detail."""

    base: Scene


@frozen(kw_only=True, cache_hash=True)
class Enhanced:
    """The base enlarged by a factor; a creative enhancement also adds light and contrast."""

    base: Scene
    factor: float
    creative: bool = False


@frozen(kw_only=True, cache_hash=True)
class Panned:
    """The base with half as much again on the named side."""

    base: Scene
    direction: Direction
    seed: int
    tile: int = 1


@frozen(kw_only=True, cache_hash=True)
class Outpainted:
    """The base at 1/zoom of its size amid new surroundings; a zoom of 1 makes it square instead."""

    base: Scene
    zoom: float
    seed: int
    tile: int = 1


@frozen(kw_only=True, cache_hash=True)
class Inpainted:
    """The base repainted where the mask, a picture of any size, is white."""

    base: Scene
    mask: bytes
    prompt: str | None
    seed: int
    tile: int = 1


@frozen(kw_only=True, cache_hash=True)
class Blended:
    """One tile of a grid made of the pictures at some URLs."""

    images: tuple[str, ...]
    ratio: Ratio
    seed: int
    tile: int = 1


@frozen(kw_only=True, cache_hash=True)
class Photo:
    """A picture somewhere on the web, imagined from its URL: the sandbox fetches nothing."""

    url: str


@frozen(kw_only=True, cache_hash=True)
class Swapped:
    """The target with the other picture in an oval at its centre."""

    target: Scene
    face: Scene


@frozen(kw_only=True, cache_hash=True)
class Edited:
    """The base in the colours of a prompt, as an image-to-image model gives it."""

    base: Scene
    prompt: str
    seed: int
    ratio: Ratio = (1, 1)


Scene: TypeAlias = (
    Imagined | Varied | Upscaled | Enhanced | Panned | Outpainted | Inpainted | Blended | Photo | Swapped | Edited
)
"""What one picture shows."""


@frozen(kw_only=True, cache_hash=True)
class Clip:
    """A video that sets out from a picture."""

    start: Scene
    prompt: str
    seed: int
    motion: Motion
    number: int = 1


@frozen(kw_only=True, cache_hash=True)
class Extended:
    """A video that goes on from where another one ended."""

    clip: Clip | Extended
    prompt: str
    seed: int
    motion: Motion
    number: int = 1


Video: TypeAlias = Clip | Extended

_NUMBERS = r"([0-9]{1,6})\s*:\s*([0-9]{1,6})(?![0-9])"
_PARAMETER = re.compile(rf"(?:^|\s)(?:--|\u2014)(?:ar|aspect)\s+{_NUMBERS}", re.IGNORECASE)
_FIELD = re.compile(rf"\s*{_NUMBERS}\s*")


def ratio_of(prompt: str, /, aspect_ratio: str | None = None) -> Ratio:
    """Give the ratio that a prompt's last `--ar W:H` asks for, else the field, else (1, 1)."""
    if found := _PARAMETER.findall(prompt):
        width, height = found[-1]
        return clamped(int(width), int(height))
    if aspect_ratio is not None and (match := _FIELD.fullmatch(aspect_ratio)):
        return clamped(int(match[1]), int(match[2]))
    return (1, 1)


def clamped(width: int, height: int, /) -> Ratio:
    """Give the ratio in its lowest terms, no more extreme than 4:1 or 1:4."""
    width, height = max(1, width), max(1, height)
    if width > WIDEST * height:
        return (WIDEST, 1)
    if height > WIDEST * width:
        return (1, WIDEST)
    shared = gcd(width, height)
    return (width // shared, height // shared)


@lru_cache(maxsize=1024)
def size(scene: Scene, /) -> Size:
    """Give the size in pixels of a scene's picture."""
    match scene:
        case Imagined() | Blended() | Edited():
            width, height = clamped(*scene.ratio)
        case Photo():
            width, height = 4, 3
        case Upscaled():
            return _enlarged(size(scene.base), by=2, longest=_LONGEST_UPSCALE)
        case Enhanced():
            return _enlarged(size(scene.base), by=scene.factor, longest=_LONGEST)
        case Inpainted():
            return size(scene.base)
        case Swapped():
            return size(scene.target)
        case Varied():
            width, height = size(scene.base)
        case _:
            (width, height), (across, down) = size(scene.base), growth(scene)
            return tile_size(width * across / (height * down))
    return tile_size(width / height)


def tile_size(aspect: float, /) -> Size:
    """Give the size of a picture of a grid whose width is *aspect* times its height."""
    width, height = sqrt(TILE_AREA * aspect), sqrt(TILE_AREA / aspect)
    return (_bounded(width), _bounded(height))


def growth(scene: Panned | Outpainted, /) -> tuple[float, float]:
    """Tell how many times as wide and as high as its base a scene is."""
    if isinstance(scene, Panned):
        return (1.5, 1.0) if scene.direction in ("left", "right") else (1.0, 1.5)
    if scene.zoom > 1:
        zoom = min(scene.zoom, 2.0)
        return (zoom, zoom)
    width, height = size(scene.base)
    return (max(1.0, height / width), max(1.0, width / height))


def kept(scene: Panned | Outpainted, canvas: Size, /) -> Box:
    """Tell which part of the scene's canvas is the old picture."""
    across, down = growth(scene)
    width, height = max(1, round(canvas[0] / across)), max(1, round(canvas[1] / down))
    spare_x, spare_y = canvas[0] - width, canvas[1] - height
    if isinstance(scene, Panned):
        left = spare_x if scene.direction == "left" else 0
        top = spare_y if scene.direction == "up" else 0
    else:
        left, top = spare_x // 2, spare_y // 2
    return (left, top, left + width, top + height)


def _enlarged(base: Size, *, by: float, longest: int) -> Size:
    # A picture already beyond the bound is left as it is: an enlargement never shrinks.
    factor = max(1.0, min(by, longest / max(base)))
    return (_bounded(base[0] * factor), _bounded(base[1] * factor))


def _bounded(side: float) -> int:
    return max(_SHORTEST, min(_LONGEST, round(side)))
