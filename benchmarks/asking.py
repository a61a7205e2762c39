"""Do lag and requests of the real decisions about asking hold what is promised, however percentages move?

The rows of the table out of `polling.py`, which explains the simulation and prints all of its figures.

    python benchmarks/asking.py [--quick | --full]
"""

from __future__ import annotations

import random
from statistics import quantiles
from typing import TYPE_CHECKING

from benchmarks.polling import BEHAVIOURS, SIZES, Figures, Learnt, Life, follow, learnt, linear, lognormal
from benchmarks.rows import Row, Size, exactly, report
from journey_async.core.pacing import Pace

if TYPE_CHECKING:
    from collections.abc import Callable


def followed(behaviour: str, in_flight: int, *, warm: bool, size: Size) -> Figures:
    """Follow tasks, as many as `polling.py` does."""
    steps = (1, 2, 5, 10, 20, 25) if "25" in behaviour else (5,)
    chance = random.Random(1)
    before = learnt(BEHAVIOURS[behaviour], chance, Pace(), steps) if warm else Learnt()
    lives = lognormal(SIZES[in_flight][size == "full"], in_flight, chance, steps=steps)
    return follow(lives, BEHAVIOURS[behaviour], Pace(), before)


def p99(figures: Figures) -> float:
    """Give the lag that 99 of 100 tasks keep."""
    return quantiles(figures.lags, n=100, method="inclusive")[98]


def few_and_short() -> Row:
    """Count the requests for twenty tasks of five seconds that start together, nothing learnt yet."""
    found = follow([Life(0.0, 5.0) for _ in range(20)], linear, Pace(), Learnt())
    return Row(
        headline="requests in all, twenty tasks of five seconds, cold",
        limit="1",
        goal=6,
        measured=exactly(found.requests),
        note=f"lag p99 {p99(found):.2f} s",
    )


def measure(size: Size) -> list[Row]:
    """Count, in virtual time: the figures are the same every time."""
    rows: list[Row] = []

    def add(in_flight: int, goal: float, stretch: float, limit: str, *, warm: bool) -> None:
        found = followed("linear", in_flight, warm=warm, size=size)
        state = "warm" if warm else "cold"
        rows.append(
            Row(
                headline=f"requests/task, {in_flight:,} in flight, {state}",
                limit=limit,
                goal=goal,
                stretch=stretch,
                measured=exactly(found.requests / found.tasks),
                note=f"lag p99 {p99(found):.2f} s",
            )
        )
        if in_flight >= 1000:
            headline = f"lag p99 in seconds, {in_flight:,} in flight, {state}, virtual"
            rows.append(Row(headline=headline, goal=0.65, measured=exactly(p99(found))))

    for in_flight, goal, stretch in ((1, 8, 6), (20, 3, 2), (100, 0.9, 0.6)):
        add(in_flight, goal, stretch, "0.9" if in_flight == 100 else "1", warm=True)
    for in_flight in (1000,) if size == "quick" else (1000, 10_000):
        add(in_flight, 0.45, 0.30, "0.15-0.2", warm=True)
        add(in_flight, 0.85, 0.6, "0.15-0.2", warm=False)
    rows.append(few_and_short())
    rows += [lag_row(behaviour, followed, size) for behaviour in BEHAVIOURS]
    return rows


def lag_row(behaviour: str, follow_them: Callable[..., Figures], size: Size) -> Row:
    """Give the worst lag of one behaviour over all sizes, cold and warm, in parts of the lag that is set."""
    sizes = [in_flight for in_flight in SIZES if in_flight < 10_000 or size == "full"]
    worst = max(
        (p99(follow_them(behaviour, in_flight, warm=warm, size=size)), in_flight, warm)
        for in_flight in ((20, 1000) if size == "quick" else sizes)
        for warm in (False, True)
    )
    lag, in_flight, warm = worst
    return Row(
        headline=f"lag p99 / set lag: {behaviour}",
        limit="0.05",
        goal=2.0,
        stretch=1.3,
        measured=exactly(lag / Pace().lag),
        note=f"the worst is {in_flight:,} in flight, {'warm' if warm else 'cold'}",
    )


if __name__ == "__main__":
    report(__doc__, measure)
