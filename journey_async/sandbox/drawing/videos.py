"""Turns a still into a video: a camera wanders over it while motes of light drift by."""

from __future__ import annotations

from io import BytesIO
from math import cos, pi, sin
from typing import TYPE_CHECKING

from attrs import frozen
from PIL import Image, ImageDraw

from journey_async.sandbox.drawing.canvas import resized
from journey_async.sandbox.drawing.landscape import between, randomness
from journey_async.sandbox.scenes import Extended, tile_size

if TYPE_CHECKING:
    from journey_async.sandbox.scenes import Size, Video

VIDEO_EXTENSION = ".webp"
"""Animated WebP: a third of the size of a GIF, and every browser plays it."""

_FRAMES = {"low": 12, "high": 16}
_NEAREST = {"low": 1.2, "high": 1.6}
_FRAME_MS = 90
_DETAIL = 1.5
"""How much bigger than a frame the still is, so that the camera may come close."""


@frozen(kw_only=True)
class _Pose:
    """Where the camera is: how close, and which part of its leeway lies left of it and above."""

    zoom: float
    x: float
    y: float


def still_size(aspect: float, /) -> Size:
    """Give the size in which the picture that a video sets out from is needed."""
    width, height = tile_size(aspect)
    return (round(width * _DETAIL), round(height * _DETAIL))


def animated(clip: Video, still: Image.Image, /) -> bytes:
    """Draw a clip over the picture that its first clip set out from."""
    begins, ends = _end(clip.clip) if isinstance(clip, Extended) else _start(), _end(clip)
    area = tile_size(still.width / still.height)
    count, part = _FRAMES[clip.motion], _part(clip)
    frames: list[Image.Image] = []
    for number in range(count):
        share = number / (count - 1)
        frame = _seen(still, between(begins, ends, (1 - cos(pi * share)) / 2), area)
        _drift(frame, time=part + share)
        frames.append(frame)
    file = BytesIO()
    first, *others = frames
    first.save(file, "WEBP", save_all=True, append_images=others, duration=_FRAME_MS, loop=0, quality=70, method=2)
    return file.getvalue()


def _start() -> _Pose:
    return _Pose(zoom=1.0, x=0.5, y=0.5)


def _end(clip: Video) -> _Pose:
    chance = randomness("camera", _part(clip), clip.prompt, clip.seed, clip.motion, clip.number)
    nearest = _NEAREST[clip.motion]
    return _Pose(
        zoom=chance.uniform(1 + (nearest - 1) * 0.7, nearest),
        # The four clips of one task set off to different corners.
        x=(clip.number % 2) * 0.75 + chance.uniform(0, 0.25),
        y=(clip.number // 2 % 2) * 0.75 + chance.uniform(0, 0.25),
    )


def _part(clip: Video) -> int:
    part = 0
    while isinstance(clip, Extended):
        part, clip = part + 1, clip.clip
    return part


def _seen(still: Image.Image, pose: _Pose, area: Size) -> Image.Image:
    width, height = still.width / pose.zoom, still.height / pose.zoom
    left, top = (still.width - width) * pose.x, (still.height - height) * pose.y
    right, bottom = min(still.width, left + width), min(still.height, top + height)
    return resized(still, area, Image.Resampling.BICUBIC, box=(left, top, right, bottom))


def _drift(frame: Image.Image, *, time: float) -> None:
    # The motes depend on the time alone, so that an extension finds them where the clip left them.
    chance, draw = randomness("drift"), ImageDraw.Draw(frame, "RGBA")
    for _ in range(24):
        x, y, pace, phase = chance.random(), chance.random(), chance.uniform(0.1, 0.3), chance.uniform(0, 2 * pi)
        across = (x + 0.03 * sin(phase + 3 * time)) % 1 * frame.width
        down = (y - pace * time) % 1 * frame.height
        radius = frame.height * chance.uniform(0.003, 0.009)
        draw.ellipse((across - radius, down - radius, across + radius, down + radius), fill=(255, 250, 225, 120))
