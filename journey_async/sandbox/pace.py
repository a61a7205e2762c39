"""How long tasks take, and how their percentage rises on the way."""

from __future__ import annotations

from bisect import bisect_right
from math import exp, log
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

from journey_async.core.models import MIDJOURNEY, MODELS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from journey_async.sandbox.validation import Asking

Spread: TypeAlias = tuple[float, float]
"""Median in seconds, and the sigma of a lognormal distribution."""

_ACTIONS: Final[Mapping[str, Spread]] = MappingProxyType(
    {
        "reroll": (45, 0.35),
        "variations": (40, 0.35),
        "pan": (42, 0.35),
        "inpaint": (40, 0.35),
        "outpaint": (42, 0.35),
        "blend": (44, 0.35),
        "upscale-1x": (8, 0.25),
        "upscale-alt": (30, 0.25),
        "upscale-2x-4x": (20, 0.25),
        "describe": (8, 0.25),
        "shorten": (6, 0.25),
        "seed": (4, 0.25),
        "faceswap": (12, 0.25),
        # The page of imagine-video says 1 to 5 minutes.
        "imagine-video": (150, 0.25),
        "extend-video": (150, 0.25),
    }
)
_MODELS: Final[Mapping[str, Spread]] = MappingProxyType(
    {MIDJOURNEY: (45, 0.35), "flux-pro": (15, 0.25), "flux-dev": (8, 0.25), "flux-schnell": (3, 0.2)}
)
_UPSCALE_4X: Final[Spread] = (35, 0.25)
_SIGMAS: Final = 2.0
"""How far a duration strays: without a bound, one task in a thousand would take three times the median."""

STAGED_UNTIL: Final = 0.02
PENDING_UNTIL: Final = 0.06
STARTING_UNTIL: Final = 0.10
"""Parts of a task's duration."""


def duration(asking: Asking, chance: Random) -> float:
    """Give the seconds that a task takes at speed 1."""
    median, sigma = _spread(asking)
    strayed = max(-_SIGMAS, min(_SIGMAS, chance.gauss(0, 1)))
    return exp(log(median) + sigma * strayed)


def _spread(asking: Asking) -> Spread:
    if asking.action == "imagine":
        # Synchronous models: 5 to 26 seconds, the dearer the longer.
        return _MODELS.get(asking.model) or (2 + 3 * MODELS[asking.model].credits, 0.2)
    if asking.action == "upscale-2x-4x" and asking.text("type") == "4x":
        return _UPSCALE_4X
    return _ACTIONS[asking.action]


@frozen
class Progress:
    """A percentage that rises from 0 in uneven small steps."""

    moments: tuple[float, ...]
    """Rising parts of the time that the task is processing; the first is 0."""
    percentages: tuple[int, ...]
    """Rising percentages below 100, one from each moment on."""

    def at(self, part: float) -> int:
        """Give the percentage when *part* of the processing time is over."""
        return self.percentages[max(0, bisect_right(self.moments, part) - 1)]


def progress(chance: Random) -> Progress:
    """Draw the steps of one task."""
    moments, percentages = [0.0], [0]
    # 100 is for the finished task.
    while percentages[-1] < 99:
        step = chance.randint(1, 7)
        moments.append(moments[-1] + step * chance.uniform(0.4, 1.6))
        percentages.append(min(99, percentages[-1] + step))
    whole = moments[-1] + 1
    return Progress(tuple(moment / whole for moment in moments), tuple(percentages))
