"""Draws a part of a vista: sky, then ridges from the farthest to the nearest, each with what stands on it."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from journey_async.sandbox.drawing.canvas import Canvas, gradient, ground_colour, ink, resized, silhouette
from journey_async.sandbox.drawing.ground import cover, paint_glitter, paint_ripples, paint_windows
from journey_async.sandbox.drawing.landscape import IN_VIEW
from journey_async.sandbox.drawing.palettes import mix
from journey_async.sandbox.drawing.sky import paint_sky

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.sandbox.drawing.canvas import Point, Stop
    from journey_async.sandbox.drawing.landscape import Motif, Ridge
    from journey_async.sandbox.drawing.palettes import Palette
    from journey_async.sandbox.drawing.vistas import Frame, Vista
    from journey_async.sandbox.scenes import Box, Size

_MOST_PIXELS = 1_600_000
"""How many pixels are drawn at most: twice the size of a small picture, for smooth edges; a big one is enlarged."""
_STEP = 3
"""Pixels between two points of a crest."""
_FLYWAY = 1
"""What flies passes in front of this ridge."""


def paint(vista: Vista, frame: Frame, size: Size, /) -> Image.Image:
    """Draw what *frame* shows of a vista."""
    area = size[0] * size[1]
    scale = min(2.0, (_MOST_PIXELS / area) ** 0.5)
    drawn = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    canvas = Canvas(vista=vista, frame=frame, image=Image.new("RGB", drawn))
    paint_sky(canvas)
    for number in range(len(vista.land.ridges)):
        _paint_ridge(canvas, number)
        for motif in _motifs(canvas):
            if number == (_FLYWAY if motif.perch < 0 else motif.perch):
                _paint_motif(canvas, motif)
    return resized(canvas.image, size) if drawn != size else canvas.image


def stamp(image: Image.Image, name: str, box: Box, palette: Palette, /) -> None:
    """Draw a motif before a disc of the accent colour into the middle of a box of the image."""
    side = round(min(box[2] - box[0], box[3] - box[1]) * 0.66)
    if side < 2:
        return
    left, top = (box[0] + box[2] - side) // 2, (box[1] + box[3] - side) // 2
    # Drawn at twice the size: the edges become smooth when it shrinks.
    twice = 2 * side
    drawn = resized(image.crop((left, top, left + side, top + side)), (twice, twice))
    draw = ImageDraw.Draw(drawn)
    draw.ellipse((0, 0, twice - 1, twice - 1), fill=ink(palette.accent))
    fill = ink(palette.near)
    silhouette(draw, name, foot=(side, twice * 0.86), height=twice * 0.7, mirrored=False, fill=fill)
    image.paste(resized(drawn, (side, side)), (left, top))


def _motifs(canvas: Canvas) -> Iterator[Motif]:
    yield canvas.vista.land.motif
    for grown in canvas.vista.growths:
        yield grown.land.motif


def _crest(canvas: Canvas, number: int) -> list[Point]:
    frame, width = canvas.frame, canvas.image.width
    places = [frame.left + frame.width * across / width for across in range(-_STEP, width + 2 * _STEP, _STEP)]
    return [canvas.at(x, canvas.vista.crest(number, x)) for x in places]


def _paint_ridge(canvas: Canvas, number: int) -> None:
    ridge, unit = canvas.vista.land.ridges[number], canvas.unit
    crest = _crest(canvas, number)
    highest = min(y for _, y in crest)
    top = max(0, floor(highest - ridge.cover * 1.4 * unit))
    width, height = canvas.image.size
    if top >= height:
        return
    mask = Image.new("L", (width, height - top))
    draw = ImageDraw.Draw(mask)
    outline = [(x, y - top) for x, y in crest]
    draw.polygon([*outline, (width + 9, height - top + 9), (-9, height - top + 9)], fill=255)
    for shape in cover(canvas, number, ridge):
        draw.polygon([(x, y - top) for x, y in shape], fill=255)
    stops = _shades(canvas, ridge, top=top, highest=highest)
    canvas.image.paste(gradient((width, height - top), stops), (0, top), mask)
    if ridge.form == "city" and ridge.depth > 0.2:
        paint_windows(canvas, number, ridge)
    if ridge.form == "sea":
        paint_ripples(canvas, ridge)
        paint_glitter(canvas, ridge)


def _shades(canvas: Canvas, ridge: Ridge, *, top: int, highest: float) -> list[Stop]:
    palette, depth, span = canvas.palette, ridge.depth, canvas.image.height - top
    colour = ground_colour(canvas, depth)
    far = max(0.0, 1 - depth)
    if ridge.form == "sea":
        surface = mix(palette.glow, palette.haze, 0.35 + 0.4 * min(1, depth))
        deep = mix(mix(palette.zenith, palette.near, 0.35), palette.near, min(1.0, depth * 0.6))
        start, end = ((y - canvas.frame.top) * canvas.unit - top for y in (ridge.level, ridge.level + 0.5))
        return [(start / span, mix(surface, deep, min(0.75, depth * 0.6))), (end / span, deep)]
    lit = mix(colour, palette.light, 0.34 * far) if ridge.form == "mountains" else mix(colour, palette.glow, 0.12 * far)
    misty = mix(colour, palette.glow, 0.5 * far + 0.06)
    _, level = canvas.at(0, ridge.level)
    foot = (level + 0.2 * canvas.unit - top) / span
    start = (highest - top) / span
    return [(start, lit), (max(start, (level - top) / span), colour), (max(start, foot), misty)]


def _paint_motif(canvas: Canvas, motif: Motif) -> None:
    palette, height = canvas.palette, motif.height * canvas.unit
    if motif.perch < 0:
        foot = canvas.at(motif.x, motif.y + motif.height / 2)
        # What flies may have a dark sky behind it, so it is not drawn in the colour of the ground.
        bright = mix(palette.light, palette.sky, 0.35) if canvas.vista.land.stars > 0.3 else ground_colour(canvas, 0.75)
        fill = mix(palette.accent, palette.near, 0.15) if motif.name == "balloon" else bright
    else:
        sunk = 0.05 if motif.name == "bust" else 0.008
        foot = canvas.at(motif.x, canvas.vista.crest(motif.perch, motif.x) + sunk)
        ground = ground_colour(canvas, min(1.0, motif.perch / (IN_VIEW - 1) + 0.22))
        fill = mix(palette.light, palette.glow, 0.4) if motif.perch >= IN_VIEW else ground
    draw = ImageDraw.Draw(canvas.image)
    silhouette(draw, motif.name, foot=foot, height=height, mirrored=motif.faces_left, fill=ink(fill))
