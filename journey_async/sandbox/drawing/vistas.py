"""Where a scene lies: the landscape around it, and the part of that landscape which its picture shows."""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from journey_async.sandbox.drawing.landscape import between, compose, randomness
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
    growth,
    size,
)

if TYPE_CHECKING:
    from random import Random

    from journey_async.sandbox.drawing.landscape import Landscape, Motif, Ridge

_BLENDED_AT = 0.45
"""How far, in heights of the older picture, new land takes to become all its own."""
_REMEMBERED = 8
"""How many growths of one vista shape its ridges; of a longer panorama the oldest are forgotten."""


@frozen(kw_only=True)
class Frame:
    """A rectangle of a landscape, in its units."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """The width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """The height."""
        return self.bottom - self.top

    def __contains__(self, point: tuple[float, float]) -> bool:
        x, y = point
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@frozen(kw_only=True)
class Growth:
    """New land around the frame of an older picture."""

    kept: Frame
    land: Landscape

    def share(self, x: float, ridge: Ridge, /) -> float:
        """Tell how much of the new land there is in a ridge at *x*: none where the older picture is."""
        if ridge.depth > 1 and ridge.level > self.kept.bottom + 0.08:
            return 1.0
        away = max(self.kept.left - x, x - self.kept.right, 0.0) / (_BLENDED_AT * self.kept.height)
        return 1.0 if away >= 1 else away * away * (3 - 2 * away)


@frozen(kw_only=True)
class Vista:
    """A landscape and what grew around it."""

    land: Landscape
    growths: tuple[Growth, ...] = ()

    def crest(self, number: int, x: float, /) -> float:
        """Give y of a ridge's crest at *x*."""
        height = self.land.ridges[number].crest(x)
        for grown in self.growths:
            ridge = grown.land.ridges[number]
            if share := grown.share(x, ridge):
                height += (ridge.crest(x) - height) * share
        return height


@lru_cache(maxsize=256)
def settled(scene: Scene, /) -> Scene:
    """Move variations inwards, to where a landscape varies: a variation of an edit is the edit of a variation."""
    match scene:
        case Imagined() | Blended() | Photo():
            return scene
        case Varied():
            return _varied(scene, settled(scene.base))
        case Swapped():
            return evolve(scene, target=settled(scene.target), face=settled(scene.face))
        case _:
            return evolve(scene, base=settled(scene.base))


def _varied(scene: Varied, base: Scene) -> Scene:
    match base:
        case Imagined() | Blended() | Photo() | Varied():
            return evolve(scene, base=base)
        case Upscaled() | Enhanced():
            return _varied(scene, base.base)
        case Swapped():
            return evolve(base, target=_varied(scene, base.target))
        case _:
            return evolve(base, base=_varied(scene, base.base))


@lru_cache(maxsize=256)
def frame(scene: Scene, /) -> Frame:
    """Tell which part of its vista a scene shows."""
    match scene:
        case Imagined() | Blended() | Photo():
            reach = _aspect(scene) / 2
            return Frame(left=-reach, top=0.0, right=reach, bottom=1.0)
        case Varied() | Upscaled() | Enhanced() | Inpainted():
            return frame(scene.base)
        case Swapped():
            return frame(scene.target)
        case Edited():
            return _cropped(frame(scene.base), aspect=_aspect(scene))
        case Panned() | Outpainted():
            return _grown(scene)


@lru_cache(maxsize=256)
def vista(scene: Scene, /) -> Vista:
    """Give the vista that a settled scene shows a part of."""
    match scene:
        case Imagined():
            found = Vista(land=compose(scene.prompt, seed=scene.seed, tile=scene.tile, aspect=_aspect(scene)))
        case Photo():
            found = Vista(land=compose(scene.url, seed=0, tile=1, aspect=_aspect(scene)))
        case Blended():
            found = Vista(land=_blend(scene))
        case Varied():
            base = vista(scene.base)
            other = compose(words(scene.base), seed=scene.seed, tile=1 + scene.seed % 4, aspect=_aspect(scene.base))
            found = evolve(base, land=between(base.land, other, scene.strength))
        case Upscaled() | Enhanced() | Inpainted():
            found = vista(scene.base)
        case Swapped():
            found = vista(scene.target)
        case Edited():
            base = vista(scene.base)
            found = evolve(base, land=evolve(base.land, palette=tint(scene).palette))
        case _:
            base = vista(scene.base)
            found = evolve(base, growths=(*base.growths, _new_land(scene, base))[-_REMEMBERED:])
    return found


def words(scene: Scene, /) -> str:
    """Give the words that a scene was first drawn from."""
    match scene:
        case Imagined() | Edited():
            return scene.prompt
        case Photo():
            return scene.url
        case Blended():
            return " ".join(scene.images)
        case Swapped():
            return words(scene.target)
        case _:
            return words(scene.base)


def tint(scene: Edited, /) -> Landscape:
    """Give the landscape whose colours an edited picture takes on."""
    return compose(scene.prompt, seed=scene.seed, tile=1, aspect=_aspect(scene))


def repainted(scene: Inpainted, /) -> Landscape:
    """Give the landscape that shows through a mask."""
    text = words(scene.base) if scene.prompt is None else scene.prompt
    return compose(text, seed=scene.seed, tile=scene.tile, aspect=_aspect(scene.base))


def _aspect(scene: Scene) -> float:
    width, height = size(scene)
    return width / height


def _blend(scene: Blended) -> Landscape:
    aspect = _aspect(scene)
    start = (scene.tile - 1) % max(1, len(scene.images))
    images = scene.images[start:] + scene.images[:start]
    lands = [compose(url, seed=0, tile=1, aspect=aspect) for url in images]
    own = compose(words(scene), seed=scene.seed, tile=scene.tile, aspect=aspect)
    both = reduce(lambda one, other: between(one, other, 0.5), lands) if lands else own
    return between(both, own, 0.4)


def _cropped(base: Frame, *, aspect: float) -> Frame:
    width, height = min(base.width, base.height * aspect), min(base.height, base.width / aspect)
    x, y = (base.left + base.right) / 2, (base.top + base.bottom) / 2
    return Frame(left=x - width / 2, top=y - height / 2, right=x + width / 2, bottom=y + height / 2)


def _grown(scene: Panned | Outpainted) -> Frame:
    base = frame(scene.base)
    across, down = growth(scene)
    wider, higher = base.width * (across - 1), base.height * (down - 1)
    if isinstance(scene, Outpainted):
        before_x, before_y = wider / 2, higher / 2
    else:
        before_x = wider if scene.direction == "left" else 0.0
        before_y = higher if scene.direction == "up" else 0.0
    return Frame(
        left=base.left - before_x,
        top=base.top - before_y,
        right=base.right + wider - before_x,
        bottom=base.bottom + higher - before_y,
    )


def _new_land(scene: Panned | Outpainted, base: Vista) -> Growth:
    kept, canvas = frame(scene.base), frame(scene)
    other = compose(words(scene.base), seed=scene.seed, tile=scene.tile, aspect=_aspect(scene.base))
    chance = randomness("growth", scene.seed, scene.tile)
    motif = _inhabitant(chance, other, kept, _new_part(scene, kept, canvas, left=chance.random() < 0.5))
    lowest = min(0.45, canvas.bottom)
    clouds = tuple(
        evolve(cloud, x=chance.uniform(canvas.left, canvas.right), y=chance.uniform(canvas.top, lowest))
        for cloud in other.clouds
    )
    return Growth(kept=kept, land=evolve(between(base.land, other, 0.5), motif=motif, clouds=clouds))


def _inhabitant(chance: Random, land: Landscape, kept: Frame, new: Frame) -> Motif:
    x = new.left + new.width * chance.uniform(0.2, 0.8)
    y = new.top + new.height * chance.uniform(0.1, 0.4)
    height = min(land.motif.height, new.width * 0.7, 0.3)
    motif = evolve(land.motif, x=x, y=y, height=height)
    if new.bottom <= kept.top:
        return evolve(motif, name=chance.choice(("birds", "balloon")), perch=-1)
    if new.top >= kept.bottom:
        # The ground below the picture is water.
        return evolve(motif, name="boat", perch=_ridge_within(land, new), height=chance.uniform(0.1, 0.22))
    return motif


def _new_part(scene: Panned | Outpainted, kept: Frame, canvas: Frame, *, left: bool) -> Frame:
    direction = scene.direction if isinstance(scene, Panned) else "left" if left else "right"
    match direction:
        case "left":
            return evolve(canvas, right=kept.left)
        case "right":
            return evolve(canvas, left=kept.right)
        case "up":
            return evolve(canvas, bottom=kept.top)
        case "down":
            return evolve(canvas, top=kept.bottom)


def _ridge_within(land: Landscape, part: Frame) -> int:
    inside = [number for number, ridge in enumerate(land.ridges) if part.top + 0.1 < ridge.level < part.bottom]
    return inside[0] if inside else -1
