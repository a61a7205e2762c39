"""Landscapes as values: what the words of a prompt and a seed give, before anything is drawn.

A landscape has no edges: ridges are waves along x and trees stand in numbered cells, so a pan or an outpaint finds more
of it wherever it looks. The unit is the height of the picture it was composed for; that picture spans y from 0 at the
top to 1, and x on both sides of 0.
"""

from __future__ import annotations

from hashlib import sha256
from math import asin, pi, sin
from random import Random
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import attrs
from attrs import evolve, frozen

from journey_async.sandbox.drawing.motifs import AIRBORNE
from journey_async.sandbox.drawing.palettes import MOODS, turned
from journey_async.sandbox.drawing.subjects import subject, words_of

if TYPE_CHECKING:
    from journey_async.sandbox.drawing.palettes import Palette

T = TypeVar("T")
Spread: TypeAlias = tuple[float, float]


@frozen(kw_only=True)
class Wave:
    """One of the waves that a ridge's crest is the sum of."""

    pitch: float
    height: float
    phase: float


@frozen(kw_only=True)
class Ridge:
    """One line of hills, of peaks, of trees, of houses or of water, from one side of the world to the other."""

    level: float
    waves: tuple[Wave, ...]
    depth: float
    """0 is the farthest ridge, 1 the nearest in the picture; beyond 1 it lies below the picture."""
    cover: float
    """How high the trees or houses on it are."""
    form: str
    grain: int
    """Tells the trees of one ridge from those of another."""

    def crest(self, x: float, /) -> float:
        """Give y of the crest at *x*."""
        total = 0.0
        for wave in self.waves:
            swing = sin(2 * pi * (wave.pitch * x + wave.phase))
            # A straightened wave has the flat faces and sharp edges of rock.
            total += wave.height * (asin(swing) * 2 / pi if self.form == "mountains" else swing)
        return self.level - total


@frozen(kw_only=True)
class Orb:
    """A sun or a moon; *shadow* above 0 makes it a crescent."""

    x: float
    y: float
    radius: float
    halo: float
    shadow: float


@frozen(kw_only=True)
class Cloud:
    """A long streak of cloud."""

    x: float
    y: float
    length: float
    thickness: float


@frozen(kw_only=True)
class Motif:
    """A silhouette, in the sky or on a ridge (*perch* counts from the farthest)."""

    name: str
    x: float
    y: float
    height: float
    perch: int
    faces_left: bool


@frozen(kw_only=True)
class Landscape:
    """Everything there is to see."""

    palette: Palette
    terrain: str
    orb: Orb
    stars: float
    clouds: tuple[Cloud, ...]
    ridges: tuple[Ridge, ...]
    motif: Motif
    grain: int


@frozen(kw_only=True)
class _Plan:
    """How one of the four tiles of a grid is laid out, so that siblings differ by more than chance."""

    horizon: Spread
    orb: Spread
    orb_x: float
    relief: float
    cover: float
    motif: Spread
    perch: int


_PLANS = (
    _Plan(horizon=(0.60, 0.66), orb=(0.13, 0.17), orb_x=0.0, relief=0.8, cover=0.8, motif=(0.15, 0.19), perch=2),
    _Plan(horizon=(0.42, 0.48), orb=(0.05, 0.08), orb_x=0.55, relief=1.3, cover=1.1, motif=(0.28, 0.34), perch=3),
    _Plan(horizon=(0.52, 0.58), orb=(0.09, 0.12), orb_x=-0.5, relief=1.0, cover=1.7, motif=(0.22, 0.26), perch=3),
    _Plan(horizon=(0.68, 0.74), orb=(0.22, 0.28), orb_x=0.25, relief=0.6, cover=0.7, motif=(0.12, 0.15), perch=1),
)

IN_VIEW = 5
"""How many ridges the picture shows; the others lie below it."""
_BELOW = 8


def randomness(*parts: object) -> Random:
    """Give a source of numbers that depends on nothing but *parts*."""
    return Random(int.from_bytes(sha256(repr(parts).encode()).digest()[:8], "big"))


def compose(text: str, /, *, seed: int, tile: int, aspect: float) -> Landscape:
    """Make up what the words of *text* show: the words choose place, mood and colours, the seed and tile the rest."""
    words = words_of(text)
    by_words, by_seed = randomness("words", words), randomness("seed", words, seed)
    chance = randomness("tile", words, seed, tile)
    about = subject(words, by_words)
    palette = turned(by_seed.choice(MOODS[about.mood]), by_words.uniform(-12, 12) + by_seed.uniform(-18, 18))
    palette = turned(palette, chance.uniform(-7, 7))
    plan = _PLANS[(by_seed.randrange(4) + tile) % 4]
    horizon = chance.uniform(*plan.horizon)
    reach = aspect / 2
    return Landscape(
        palette=palette,
        terrain=about.terrain,
        orb=_orb(chance, plan, horizon=horizon, reach=reach, mood=about.mood),
        stars=1.0 if about.mood == "night" else 0.0,
        clouds=tuple(_cloud(chance, reach=reach, low=horizon) for _ in range(4)),
        ridges=_ridges(chance, plan, terrain=about.terrain, horizon=horizon),
        motif=_motif(chance, plan, name=chance.choice(about.motifs), terrain=about.terrain, reach=reach),
        grain=chance.randrange(1 << 30),
    )


def between(first: T, second: T, share: float, /) -> T:
    """Give what lies a share of the way from one value to another; what cannot be mixed changes beyond half."""
    one, other = cast("Any", first), cast("Any", second)
    kind = type(cast("object", first))
    mixed: Any = other if share > 0.5 else one
    if kind is float:
        mixed = one + (other - one) * share
    elif kind is tuple:
        mixed = tuple(between(left, right, share) for left, right in zip(one, other, strict=True))
    elif attrs.has(kind):
        names = [each.name for each in attrs.fields(kind)]
        mixed = evolve(one, **{name: between(getattr(one, name), getattr(other, name), share) for name in names})
    return cast("T", mixed)


def _orb(chance: Random, plan: _Plan, *, horizon: float, reach: float, mood: str) -> Orb:
    radius = chance.uniform(*plan.orb) * min(1.0, 0.45 + reach)
    lowest = horizon - 0.1 if mood in ("dusk", "dawn") else horizon - 0.2
    return Orb(
        x=(plan.orb_x + chance.uniform(-0.12, 0.12)) * reach * chance.choice((-1, 1)),
        y=chance.uniform(max(radius * 0.9, lowest - 0.16), max(radius, lowest)),
        radius=radius,
        halo=radius * chance.uniform(2.6, 3.6) + 0.16,
        shadow=chance.choice((0.0, 0.45)) if mood == "night" and radius < 0.15 else 0.0,
    )


def _cloud(chance: Random, *, reach: float, low: float) -> Cloud:
    return Cloud(
        x=chance.uniform(-reach, reach),
        y=chance.uniform(0.06, low - 0.08),
        length=chance.uniform(0.25, 0.7),
        thickness=chance.uniform(0.008, 0.03),
    )


def _ridges(chance: Random, plan: _Plan, *, terrain: str, horizon: float) -> tuple[Ridge, ...]:
    ridges: list[Ridge] = []
    for number in range(IN_VIEW + _BELOW):
        depth = number / (IN_VIEW - 1)
        level = horizon + (0.97 - horizon) * depth**1.25
        form = terrain
        if terrain in ("sea", "city") and number < 2:
            form = "mountains" if chance.random() < 0.5 else "hills"
        elif number >= IN_VIEW:
            # Below every picture lies a lake, for a pan downwards to find.
            form = "sea"
        relief = plan.relief * _RELIEF[form] * (1.25 - 0.55 * min(depth, 1.6))
        cover = plan.cover * _COVER[form] * (0.35 + depth * 0.9)
        grain = chance.randrange(1 << 30)
        waves = _waves(chance, relief=relief, pitch=_PITCH[form], roughness=_ROUGHNESS[form])
        ridges.append(Ridge(level=level, waves=waves, depth=depth, cover=cover, form=form, grain=grain))
    return tuple(ridges)


_RELIEF = {"forest": 0.035, "mountains": 0.12, "sea": 0.004, "city": 0.02, "dunes": 0.055, "hills": 0.05}
_COVER = {"forest": 0.10, "mountains": 0.0, "sea": 0.0, "city": 0.2, "dunes": 0.0, "hills": 0.0}
_ROUGHNESS = {"forest": 0.45, "mountains": 0.5, "sea": 0.5, "city": 0.4, "dunes": 0.28, "hills": 0.32}
_PITCH = {"forest": 0.9, "mountains": 1.1, "sea": 4.0, "city": 0.8, "dunes": 0.7, "hills": 0.9}


def _waves(chance: Random, *, relief: float, pitch: float, roughness: float) -> tuple[Wave, ...]:
    return tuple(
        Wave(
            pitch=pitch * 2.1**octave * chance.uniform(0.8, 1.2),
            height=relief * roughness**octave * chance.uniform(0.7, 1.2),
            phase=chance.random(),
        )
        for octave in range(6)
    )


def _motif(chance: Random, plan: _Plan, *, name: str, terrain: str, reach: float) -> Motif:
    height = chance.uniform(*plan.motif) * min(1.0, 0.5 + reach) * _TALL.get(name, 1.0)
    if name == "bust":
        height += 0.26
    return Motif(
        name=name,
        x=chance.uniform(-0.62, 0.62) * reach * (0.4 if name == "bust" else 1.0),
        y=chance.uniform(0.12, 0.3),
        height=height,
        perch=_perch(name, terrain=terrain, usual=plan.perch),
        faces_left=chance.random() < 0.5,
    )


_TALL = {"house": 0.5, "bust": 1.3, "balloon": 0.8, "birds": 0.7, "wolf": 0.8, "tower": 0.75}


def _perch(name: str, *, terrain: str, usual: int) -> int:
    if name in AIRBORNE:
        return -1
    if name == "bust":
        return IN_VIEW - 1
    if terrain == "sea":
        # The two farthest ridges of the sea are its shores.
        return max(2, usual) if name == "boat" else 1
    return usual
