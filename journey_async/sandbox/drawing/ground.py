"""What a ridge carries: pines, houses with lit windows, or the waves and glitter of water."""

from __future__ import annotations

from math import sin
from typing import TYPE_CHECKING

from PIL import ImageDraw

from journey_async.sandbox.drawing.canvas import ground_colour, ink, noise
from journey_async.sandbox.drawing.palettes import mix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journey_async.sandbox.drawing.canvas import Canvas, Point
    from journey_async.sandbox.drawing.landscape import Ridge


def cover(canvas: Canvas, number: int, ridge: Ridge, /) -> Iterator[list[Point]]:
    """Give the outlines of what stands on a ridge."""
    if ridge.cover < 0.005:
        return
    if ridge.form == "forest":
        yield from _pines(canvas, number, ridge)
    elif ridge.form == "city":
        for _, (left, top, right, bottom) in _houses(canvas, number, ridge):
            yield [(left, top), (right, top), (right, bottom), (left, bottom)]


def _pines(canvas: Canvas, number: int, ridge: Ridge) -> Iterator[list[Point]]:
    spacing = ridge.cover * 0.34
    for cell in canvas.cells(spacing, margin=ridge.cover):
        if sin(cell * 0.45 + ridge.grain % 7) + noise(ridge.grain, cell, 0) < -0.35:
            continue
        x = (cell + 0.15 + 0.7 * noise(ridge.grain, cell, 1)) * spacing
        height = ridge.cover * (0.5 + 0.75 * noise(ridge.grain, cell, 2))
        foot_x, foot_y = canvas.at(x, canvas.vista.crest(number, x) + 0.01)
        tall = height * canvas.unit
        right = [(0.035, 1.0), (0.012, 1.0)]
        tiers = 5
        for tier in range(tiers):
            # Each tier of branches reaches out and the next one starts further in.
            low, wide = 0.14 + tier * 0.165, 0.21 * (1 - tier / tiers) + 0.03
            right += [(wide, low), (wide * 0.45, low + 0.13)]
        side = [(0.02, 0.0), (0.02, 0.13), *right[2:], (0.0, 1.0)]
        yield [(foot_x + across * tall, foot_y - up * tall) for across, up in side] + [
            (foot_x - across * tall, foot_y - up * tall) for across, up in reversed(side)
        ]


def _houses(canvas: Canvas, number: int, ridge: Ridge) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
    spacing = 0.05 + 0.05 * min(1.0, ridge.depth)
    for cell in canvas.cells(spacing, margin=spacing):
        left = cell * spacing
        height = ridge.cover * (0.25 + noise(ridge.grain, cell, 0) ** 2 * 1.1)
        right = left + spacing * (0.72 + 0.36 * noise(ridge.grain, cell, 1))
        ground = canvas.vista.crest(number, left)
        yield cell, (*canvas.at(left, ground - height), *canvas.at(right, ground + 0.08))


def paint_windows(canvas: Canvas, number: int, ridge: Ridge, /) -> None:
    """Light some windows of the houses on a ridge."""
    draw, pitch = ImageDraw.Draw(canvas.image), 0.018 * canvas.unit
    if pitch < 4:
        return
    for house, (left, top, right, bottom) in _houses(canvas, number, ridge):
        columns, rows = int((right - left) / pitch), min(40, int((bottom - top) / pitch))
        for place in range(columns * rows):
            chance = noise(ridge.grain + number, house * 4001 + place, 5)
            if chance > 0.3:
                continue
            x, y = left + (place % columns + 0.35) * pitch, top + (place // columns + 0.5) * pitch
            colour = canvas.palette.accent if chance < 0.05 else canvas.palette.light
            lit = mix(ground_colour(canvas, ridge.depth), colour, 0.35 + 0.5 * min(1.0, ridge.depth))
            draw.rectangle((x, y, x + pitch * 0.4, y + pitch * 0.5), fill=ink(lit))


def paint_ripples(canvas: Canvas, ridge: Ridge, /) -> None:
    """Draw small waves on water."""
    draw, spacing, tall = ImageDraw.Draw(canvas.image), 0.022 * (0.7 + ridge.depth), 0.0016 + 0.0012 * ridge.depth
    colour = ink(
        mix(ground_colour(canvas, min(1.0, ridge.depth)), canvas.palette.glow, 0.42 - 0.1 * min(2.0, ridge.depth))
    )
    for row in range(1, 9):
        for cell in canvas.cells(0.2, margin=0.2):
            here = cell * 31 + row
            if noise(ridge.grain, here, 2) < 0.62:
                continue
            x, y = (cell + noise(ridge.grain, here, 3)) * 0.2, ridge.level + row * spacing
            half = 0.012 + 0.04 * noise(ridge.grain, here, 4)
            draw.rectangle((*canvas.at(x - half, y), *canvas.at(x + half, y + tall)), fill=colour)


def paint_glitter(canvas: Canvas, ridge: Ridge, /) -> None:
    """Draw the light of sun or moon on water."""
    draw, orb = ImageDraw.Draw(canvas.image), canvas.vista.land.orb
    for line in range(9):
        chance, shift = noise(ridge.grain, line, 0), noise(ridge.grain, line, 1) - 0.5
        y = ridge.level + 0.012 + line * 0.014 * (0.6 + ridge.depth)
        half = orb.radius * (0.25 + 0.75 * chance) * (0.5 + 0.6 * ridge.depth)
        x = orb.x + shift * orb.radius * 0.9
        left, top = canvas.at(x - half, y)
        right, bottom = canvas.at(x + half, y + 0.0035)
        draw.rounded_rectangle(
            (left, top, right, bottom),
            radius=(bottom - top) / 2,
            fill=ink(mix(canvas.palette.light, canvas.palette.glow, 0.3)),
        )
