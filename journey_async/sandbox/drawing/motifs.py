"""The silhouettes that stand in the sandbox's landscapes.

Outlines are written in hundredths of a unit square, x from the middle and y upwards from the feet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

Point: TypeAlias = tuple[float, float]


@frozen
class Outline:
    """A filled shape."""

    points: tuple[Point, ...]


@frozen
class Stroke:
    """A line of some width."""

    points: tuple[Point, ...]
    width: float


Shape: TypeAlias = Outline | Stroke


def _points(text: str) -> tuple[Point, ...]:
    pairs = (pair.split(",") for pair in text.split())
    return tuple((float(x) / 100, float(y) / 100) for x, y in pairs)


def _outline(text: str) -> Outline:
    return Outline(_points(text))


def _curve(text: str) -> Outline:
    # Cutting every corner twice is enough to look round.
    points = _points(text)
    for _ in range(2):
        following = (*points[1:], points[0])
        points = tuple(
            (x * near + u * (1 - near), y * near + v * (1 - near))
            for (x, y), (u, v) in zip(points, following, strict=True)
            for near in (0.75, 0.25)
        )
    return Outline(points)


def _stroke(text: str, width: float) -> Stroke:
    return Stroke(_points(text), width / 100)


def _bird(x: float, y: float, span: float) -> Outline:
    wings = ((-1, 0.28), (-0.45, 0.42), (0, 0), (0.45, 0.42), (1, 0.28), (0.42, 0.28), (0, -0.16), (-0.42, 0.28))
    return Outline(tuple((x + across * span, y + up * span) for across, up in wings))


_STAG = (
    _curve("-34,40 -36,52 -28,60 -6,57 8,60 14,72 17,82 24,84 37,75 36,71 26,72 24,60 19,42 6,38 -10,40 -24,36"),
    _outline("-32.5,46 -23.5,46 -29,23 -29.2,0 -33,0 -32.8,23"),
    _outline("-26.5,44 -17.5,44 -17,22 -17.2,0 -21,0 -20.8,22"),
    _outline("5.5,46 14.5,46 12,23 11.8,0 8,0 8.2,23"),
    _outline("11.5,46 20.5,46 21,23 20.8,0 17,0 17.2,23"),
    _outline("-33,56 -40,50 -35,48"),
    _outline("17,79 9,84 18,83"),
    _stroke("19,81 14,89 6,94 3,102", 2.2),
    _stroke("10,92 13,102", 1.8),
    _stroke("15,88 20,97", 1.8),
    _stroke("21,82 27,90 35,93 40,100", 2.2),
    _stroke("31,92 30,102", 1.8),
    _stroke("25,88 23,96", 1.8),
)

_WOLF = (
    _curve("-38,40 -36,54 -20,58 4,56 16,66 24,78 36,88 41,86 35,70 29,56 20,36 2,34 -14,38 -28,32"),
    _outline("20,72 12,82 27,79"),
    _outline("-34.5,44 -25.5,44 -32,22 -32.2,0 -36,0 -35.8,22"),
    _outline("-26.5,42 -17.5,42 -18,21 -18.2,0 -22,0 -21.8,21"),
    _outline("9.5,42 18.5,42 16,21 15.8,0 12,0 12.2,21"),
    _outline("15.5,42 24.5,42 25,21 24.8,0 21,0 21.2,21"),
    _curve("-34,52 -46,42 -52,26 -46,26 -38,36 -32,42"),
)

_TREE = (
    _outline("-6,0 -3,25 -2,50 3,50 3.5,25 7,0"),
    _stroke("0,30 -14,48", 3),
    _stroke("0,36 15,52", 3),
    _curve("-38,48 -42,62 -30,74 -26,88 -6,100 14,98 28,86 34,72 44,60 34,46 16,44 4,50 -10,42 -24,42"),
)

_BOAT = (
    _outline("-40,16 -28,0 28,0 44,18"),
    _stroke("2,10 2,100", 2),
    _outline("6,24 6,96 20,60 40,24"),
    _outline("-2,24 -2,84 -32,24"),
)

_TOWER = (
    _outline("-13,0 -8,74 8,74 13,0"),
    _outline("-13,74 -13,78 13,78 13,74"),
    _outline("-6,78 -6,88 6,88 6,78"),
    _outline("-10,88 0,100 10,88"),
    _outline("10,0 10,16 24,26 38,16 38,0"),
)

_HOUSE = (
    _outline("-34,0 -34,46 34,46 34,0"),
    _outline("-44,42 -22,86 22,86 44,42"),
    _outline("10,70 10,100 20,100 20,70"),
)

_FIGURE = (
    _curve("-5,92 -5,99 0,102 6,99 6,91 0,87"),
    _curve("-10,84 10,84 15,62 17,30 14,26 -16,24 -20,28 -14,62"),
    _outline("-10,30 0,30 -5,0 -11,0"),
    _outline("1,30 11,30 13,0 7,0"),
    _stroke("12,60 25,52", 4.5),
    _stroke("25,0 26,86", 2.2),
)

_BUST = (
    _curve(
        "-52,0 -48,20 -34,31 -14,36 -10,46 -16,52 -22,66 -20,86 -6,100 10,98 21,86 21,74 28,63 "
        "22,60 22,50 14,46 9,45 11,36 30,31 46,20 52,0 50,-30 -50,-30"
    ),
)

_BALLOON = (
    _curve("-9,24 -26,44 -36,64 -34,86 -18,100 18,100 34,86 36,64 26,44 9,24"),
    _stroke("-9,30 -6,12", 1.2),
    _stroke("9,30 6,12", 1.2),
    _outline("-7.5,12 -6,0 6,0 7.5,12"),
)

_BIRDS = (
    _bird(0.0, 0.80, 0.17),
    _bird(-0.30, 0.62, 0.13),
    _bird(0.30, 0.58, 0.12),
    _bird(-0.50, 0.44, 0.09),
    _bird(0.52, 0.40, 0.10),
    _bird(0.06, 0.36, 0.08),
)

MOTIFS: Final[Mapping[str, tuple[Shape, ...]]] = {
    "stag": _STAG,
    "wolf": _WOLF,
    "tree": _TREE,
    "boat": _BOAT,
    "tower": _TOWER,
    "house": _HOUSE,
    "figure": _FIGURE,
    "bust": _BUST,
    "balloon": _BALLOON,
    "birds": _BIRDS,
}
"""Every silhouette by its name."""

AIRBORNE: Final = frozenset({"birds", "balloon"})
"""The ones that need no ground."""
