"""What all painting needs: an image that knows which part of a vista it shows, colours, gradients and silhouettes."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from attrs import field, frozen
from PIL import Image

from journey_async.sandbox.drawing.motifs import MOTIFS, Outline
from journey_async.sandbox.drawing.palettes import RGB, mix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import ImageDraw

    from journey_async.sandbox.drawing.palettes import Palette
    from journey_async.sandbox.drawing.vistas import Frame, Vista
    from journey_async.sandbox.scenes import Size

Point: TypeAlias = tuple[float, float]
Ink: TypeAlias = tuple[int, int, int]
Stop: TypeAlias = tuple[float, RGB]


@frozen(kw_only=True)
class Canvas:
    """An image and how a vista's coordinates map to its pixels."""

    vista: Vista
    frame: Frame
    image: Image.Image = field(eq=False)

    @property
    def palette(self) -> Palette:
        """The colours of the land."""
        return self.vista.land.palette

    @property
    def unit(self) -> float:
        """How many pixels the unit of the vista is high."""
        return self.image.height / self.frame.height

    def at(self, x: float, y: float, /) -> Point:
        """Give the pixel at a place of the vista."""
        across = (x - self.frame.left) / self.frame.width * self.image.width
        return (across, (y - self.frame.top) * self.unit)

    def cells(self, spacing: float, *, margin: float = 0.0) -> range:
        """Give the numbers of the cells along x that are in view, none if they are too small to see."""
        if spacing * min(self.unit, self.image.width / self.frame.width) < 2:
            return range(0)
        return range(floor((self.frame.left - margin) / spacing), ceil((self.frame.right + margin) / spacing) + 1)


def ink(colour: RGB, /) -> Ink:
    """Give a colour as Pillow takes it."""
    red, green, blue = (max(0, min(255, round(channel))) for channel in colour)
    return (red, green, blue)


def resized(
    image: Image.Image,
    size: Size,
    /,
    resample: Image.Resampling = Image.Resampling.LANCZOS,
    *,
    box: tuple[float, float, float, float] | None = None,
) -> Image.Image:
    """Give a part of an image, or all of it, in another size."""
    # Pillow's own annotation names NumPy, which need not be there, so type checkers cannot read it.
    return cast("Image.Image", cast("Any", image).resize(size, resample, box))


def noise(grain: int, cell: int, salt: int) -> float:
    """Give a number from 0 to 1 for a cell, always the same; the salt tells several of them apart."""
    mixed = (grain * 0x9E3779B1 + cell * 0x85EBCA6B + salt * 0xC2B2AE35) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 12)) * 0x297A2D39) & 0xFFFFFFFF
    return (mixed ^ (mixed >> 15)) / 0xFFFFFFFF


def gradient(size: Size, stops: Sequence[Stop]) -> Image.Image:
    """Draw a gradient from the top to the bottom; stops may lie outside."""
    rows = 96
    pixels = bytes(channel for row in range(rows) for channel in ink(_at(stops, row / (rows - 1))))
    column = Image.frombytes("RGB", (1, rows), pixels)
    return resized(column, size, Image.Resampling.BICUBIC)


def _at(stops: Sequence[Stop], place: float) -> RGB:
    last, colour = stops[0]
    for where, following in stops:
        if place <= where:
            return mix(colour, following, (place - last) / (where - last)) if where > last else following
        last, colour = where, following
    return colour


def ground_colour(canvas: Canvas, depth: float, /) -> RGB:
    """Give the colour of a ridge: paler the farther away."""
    return mix(canvas.palette.haze, canvas.palette.near, min(1.0, depth) ** 0.85)


def silhouette(draw: ImageDraw.ImageDraw, name: str, *, foot: Point, height: float, mirrored: bool, fill: Ink) -> None:
    """Draw a motif that stands at *foot*."""
    side = -height if mirrored else height
    for shape in MOTIFS[name]:
        points = [(foot[0] + x * side, foot[1] - y * height) for x, y in shape.points]
        if isinstance(shape, Outline):
            draw.polygon(points, fill=fill)
        else:
            draw.line(points, fill=fill, width=max(1, round(shape.width * height)), joint="curve")
