"""How tests look at pictures: drawn, cut and compared."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageChops, ImageDraw, ImageStat

from journey_async.sandbox.drawing.pictures import render_png, render_video
from journey_async.sandbox.scenes import Clip, Imagined, Upscaled

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.sandbox.scenes import Box, Scene, Size, Video

PROMPTS = ("a majestic elk in a misty forest", "neon city at night", "a boat on a calm sea", "a portrait of a king")
ELK = Imagined(prompt=PROMPTS[0], seed=7, ratio=(16, 9), tile=2)
PICTURE = Upscaled(base=ELK)
ALIKE = 4.0
"""A mean difference per channel, of 255, that comes of another scale and no other content."""
CLIP = Clip(start=PICTURE, prompt="it turns its head", seed=1, motion="low", number=1)
LIVELY = Clip(start=PICTURE, prompt="it runs", seed=1, motion="high", number=2)


def opened(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as image:
        return image.convert("RGB")


def drawn(scene: Scene) -> Image.Image:
    return opened(render_png(scene))


def resized(image: Image.Image, area: Size) -> Image.Image:
    return cast("Image.Image", cast("Any", image).resize(area, Image.Resampling.BOX))


def difference(one: Image.Image, other: Image.Image, box: Box | None = None) -> float:
    """Give the mean difference per channel; an image of another size is scaled to that of the first."""
    apart = ImageChops.difference(one, other if other.size == one.size else resized(other, one.size))
    return sum(ImageStat.Stat(apart if box is None else apart.crop(box)).mean) / 3


def mask_of(area: Size, paint: Callable[[ImageDraw.ImageDraw], object], mode: str = "L") -> bytes:
    image, file = Image.new(mode, area), BytesIO()
    paint(ImageDraw.Draw(image))
    image.save(file, "PNG")
    return file.getvalue()


def right_half(area: Size) -> bytes:
    return mask_of(area, lambda draw: draw.rectangle((area[0] // 2, 0, *area), fill=255))


def shot(video: Video, number: int) -> Image.Image:
    with Image.open(BytesIO(render_video(video))) as image:
        image.seek(number % getattr(image, "n_frames", 1))
        return image.convert("RGB")
