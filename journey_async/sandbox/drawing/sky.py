"""Paints the sky: its colours, stars, sun or moon, and clouds."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter

from journey_async.sandbox.drawing.canvas import gradient, ink, noise, resized
from journey_async.sandbox.drawing.palettes import mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.sandbox.drawing.canvas import Canvas
    from journey_async.sandbox.drawing.landscape import Cloud, Orb


def paint_sky(canvas: Canvas, /) -> None:
    """Fill the canvas with sky."""
    palette, frame = canvas.palette, canvas.frame
    horizon = canvas.vista.land.ridges[0].level
    deep = mix(palette.zenith, palette.near, 0.35)
    marks = ((-0.8, deep), (0.0, palette.zenith), (horizon * 0.55, palette.sky), (horizon, palette.glow))
    stops = [((y - frame.top) / frame.height, colour) for y, colour in marks]
    canvas.image.paste(gradient(canvas.image.size, stops), (0, 0))
    if canvas.vista.land.stars > 0.3:
        _paint_stars(canvas, horizon)
    _paint_orb(canvas, canvas.vista.land.orb)
    _paint_clouds(canvas)


def _paint_stars(canvas: Canvas, horizon: float) -> None:
    spacing, draw, grain = 0.075, ImageDraw.Draw(canvas.image), canvas.vista.land.grain
    if spacing * canvas.unit < 4:
        return
    rows = range(floor(canvas.frame.top / spacing), ceil(min(horizon, canvas.frame.bottom) / spacing))
    for row in rows:
        for cell in canvas.cells(spacing):
            here = cell * 7919 + row
            if noise(grain, here, 0) < 0.45:
                continue
            x, y = canvas.at((cell + noise(grain, here, 1)) * spacing, (row + noise(grain, here, 2)) * spacing)
            radius = canvas.unit * (0.0012 + 0.0026 * noise(grain, here, 3) ** 4)
            colour = mix(canvas.palette.light, canvas.palette.sky, 0.6 * noise(grain, here, 4))
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink(colour))


def _paint_orb(canvas: Canvas, orb: Orb) -> None:
    x, y = canvas.at(orb.x, orb.y)
    reach, radius = round(orb.halo * canvas.unit), orb.radius * canvas.unit
    if not (-reach < x < canvas.image.width + reach and -reach < y < canvas.image.height + reach):
        return
    if reach > 1:
        glow = resized(_halo(), (2 * reach, 2 * reach), Image.Resampling.BILINEAR)
        canvas.image.paste(
            ink(mix(canvas.palette.glow, canvas.palette.light, 0.6)), (round(x) - reach, round(y) - reach), glow
        )
    side = max(1, round(2 * radius))
    disc = Image.new("L", (side, side))
    draw = ImageDraw.Draw(disc)
    draw.ellipse((0, 0, side - 1, side - 1), fill=255)
    if orb.shadow > 0.05:
        shift = side * orb.shadow
        draw.ellipse((shift, -shift * 0.4, side - 1 + shift, side - 1 - shift * 0.4), fill=0)
    canvas.image.paste(ink(canvas.palette.light), (round(x - radius), round(y - radius)), disc)


@lru_cache(maxsize=1)
def _halo() -> Image.Image:
    # The gradient of Pillow reaches the middle of each side at this level, not at white.
    levels = bytes(round(200 * max(0.0, 1 - level / 178) ** 2) for level in range(256))
    radial = Image.radial_gradient("L")
    return Image.frombytes("L", radial.size, radial.tobytes().translate(levels))


def _paint_clouds(canvas: Canvas) -> None:
    width, height = max(1, canvas.image.width // 2), max(1, canvas.image.height // 2)
    mask = Image.new("L", (width, height))
    draw = ImageDraw.Draw(mask)
    for cloud in _clouds(canvas):
        x, y = canvas.at(cloud.x, cloud.y)
        for part in range(3):
            # Three streaks, each shorter and a little higher, make one cloud.
            long = cloud.length * (1 - 0.28 * part) * canvas.unit / 4
            thick = cloud.thickness * canvas.unit / 4
            left, top = x / 2 + long * 0.25 * (part % 2), y / 2 - part * thick * 1.5
            draw.rounded_rectangle((left - long, top - thick, left + long, top + thick), radius=thick, fill=120)
    mask = mask.filter(ImageFilter.GaussianBlur(canvas.unit * 0.004))
    mask = resized(mask, canvas.image.size, Image.Resampling.BILINEAR)
    canvas.image.paste(ink(mix(canvas.palette.glow, canvas.palette.light, 0.5)), (0, 0), mask)


def _clouds(canvas: Canvas) -> Iterator[Cloud]:
    yield from canvas.vista.land.clouds
    for grown in canvas.vista.growths:
        for cloud in grown.land.clouds:
            if (cloud.x, cloud.y) not in grown.kept:
                yield cloud
