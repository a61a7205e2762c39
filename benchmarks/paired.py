"""Comparing two pieces of code on a machine whose speed drifts: in one process, in turns, by the median of ratios.

A round is A B B A B A A B: a drift over it hits both alike, whether it is even or gathers speed, and so does what comes
with every second or fourth block. The same code against itself comes first as a control: where that is not 1, nothing
that was measured along with it counts.

What garbage collection takes is measured, but it looks only through what the blocks leave behind: to look through all
that was ever imported takes as long as a block, and would hit one in three of those of one kind and none of the other.
"""

from __future__ import annotations

import gc
import time
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

Block: TypeAlias = "Callable[[], Awaitable[object]]"
"""A piece of work, about ten milliseconds long."""

_BASE: Final = 0
_OTHER: Final = 1
_ROUND: Final = (_BASE, _OTHER, _OTHER, _BASE, _OTHER, _BASE, _BASE, _OTHER)
TOLERANCE: Final = 0.03
"""How far a control may be from 1, with its interval."""
_RESAMPLES: Final = 1000
_FEW: Final = 2
"""Rounds that are to show only that it works."""
_CONTROLS: Final = 10
"""Rounds of a control at the least: with fewer its interval is wide, whatever was measured."""


@frozen
class Measured:
    """A figure with its interval of 95 percent."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3g} ({self.low:.3g}-{self.high:.3g})"


@frozen
class Comparison:
    """How fast one thing is compared with another: 1 is as fast, 2 is twice as fast."""

    ratio: Measured
    """By the CPU time of this process: what a core carries, whoever else uses the machine."""
    control: Measured
    wall: Measured
    """By the time that passed, in the same blocks."""
    rounds: int

    @property
    def valid(self) -> bool:
        """Whether the control says that something was measured."""
        low, high = self.control.low, self.control.high
        return abs(self.control.value - 1) <= TOLERANCE and low >= 1 - 2 * TOLERANCE and high <= 1 + 2 * TOLERANCE

    def __str__(self) -> str:
        return f"control {self.control}, by wall time {self.wall}, {self.rounds} rounds"


def interval(values: Sequence[float]) -> Measured:
    """Give the median and its bootstrap interval."""
    chance = Random(1)
    medians = sorted(median(chance.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    cut = _RESAMPLES // 40
    return Measured(median(values), medians[cut], medians[-cut - 1])


async def compare(
    base: Block, other: Block, *, rounds: int, before: Callable[[], None] | None = None, times: int = 1
) -> Comparison:
    """Measure how fast *other* is compared with *base*, and *base* with itself.

    *before* is called before each *other*, and is not measured. *base* does its work so many *times*, where once would
    be too short beside the other.
    """
    for block in (base, other, base, other):
        if block is other and before is not None:
            before()
        await block()
    control = await _rounds(base, base, rounds if rounds <= _FEW else max(_CONTROLS, rounds // 2))
    measured = await _rounds(base, other, rounds, before)
    return Comparison(
        ratio=interval([each.cpu / times for each in measured]),
        control=interval([each.cpu for each in control]),
        wall=interval([each.wall / times for each in measured]),
        rounds=rounds,
    )


@frozen
class _Ratios:
    """How fast one was compared with the other in one round."""

    cpu: float
    wall: float


async def _rounds(base: Block, other: Block, rounds: int, before: Callable[[], None] | None = None) -> list[_Ratios]:
    blocks = (base, other)
    gc.collect()
    gc.freeze()
    found: list[_Ratios] = []
    for _ in range(rounds):
        cpu, wall = [0.0, 0.0], [0.0, 0.0]
        for which in _ROUND:
            if which == _OTHER and before is not None:
                before()
            cpu_before, wall_before = time.process_time(), time.perf_counter()
            await blocks[which]()
            cpu[which] += time.process_time() - cpu_before
            wall[which] += time.perf_counter() - wall_before
        found.append(_Ratios(cpu[_BASE] / cpu[_OTHER], wall[_BASE] / wall[_OTHER]))
    gc.unfreeze()
    return found
