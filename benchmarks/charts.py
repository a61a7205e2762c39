"""The points of the charts in docs/performance.md, which `docs/charts.py` draws: how lag, slots and memory go.

In virtual time, so that the points are the same every time; the bytes of memory are so to within a few.

    python benchmarks/charts.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from functools import partial
from statistics import quantiles
from typing import TYPE_CHECKING, Final, TypeAlias

from benchmarks.memory import bytes_per_task
from benchmarks.polling import ROUND_TRIP, Figures, Life, follow, learnt, linear, lognormal
from benchmarks.slots import HOWS, lived
from journey_async.core.pacing import Pace
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Sequence

Points: TypeAlias = list[tuple[float, float]]
Chart: TypeAlias = dict[str, Points]
"""By the name of each curve."""
LAGS: Final = (0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
INTERVALS: Final = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
TASKS: Final = (100, 300, 1000, 3000, 10_000, 30_000)
BATCH: Final = 20
SLOTS: Final = 25


def evenly(lives: Sequence[Life], interval: float, *, batch: int) -> Figures:
    """Ask about all who are in flight at every tick of a clock, so many in one request."""
    in_flight: dict[int, int] = {}
    lags: list[float] = []
    for life in lives:
        first, last = math.floor(life.starts / interval) + 1, math.ceil(life.ends / interval)
        for tick in range(first, max(first, last) + 1):
            in_flight[tick] = in_flight.get(tick, 0) + 1
        lags.append(max(first, last) * interval - life.ends + ROUND_TRIP)
    return Figures(len(lives), sum(math.ceil(asked / batch) for asked in in_flight.values()), lags)


def point(figures: Figures) -> tuple[float, float]:
    """Give the lag that 99 of 100 tasks keep, and the requests for one."""
    lag = quantiles(figures.lags, n=100, method="inclusive")[98]
    return round(lag, 3), round(figures.requests / figures.tasks, 3)


def asking(tasks: int) -> Chart:
    """Follow tasks with every lag that one may want, and as one would by hand."""

    def some(in_flight: int) -> list[Life]:
        return lognormal(max(tasks, 2 * in_flight), in_flight, random.Random(2))

    chart: Chart = {
        "by hand: each alone": [point(evenly(some(1000), interval, batch=1)) for interval in INTERVALS],
    }
    for in_flight in (20, 1000):
        lives = some(in_flight)
        chart[f"by hand: all {in_flight:,} in flight, twenty in a request"] = [
            point(evenly(lives, interval, batch=BATCH)) for interval in INTERVALS
        ]
        chart[f"journey-async, {in_flight:,} in flight"] = [
            point(follow(some(in_flight), linear, Pace(lag=lag), learnt(linear, random.Random(1), Pace(lag=lag), (5,))))
            for lag in LAGS
        ]
    return chart


def slots(trees: int) -> Chart:
    """Count what is in flight in each second of a run."""
    chart: Chart = {}
    for how in HOWS:
        seen: list[tuple[int, int]] = []
        run_virtually(lived, SLOTS, trees, how, seen)
        chart[how] = [(second, in_flight) for second, in_flight in seen]
    return chart


def memory(counts: Sequence[int]) -> Chart:
    """Weigh the tasks that are followed, in megabytes."""
    return {
        "each with `await task`" if awaited else "nobody parked": [
            (count, round(run_virtually(partial(bytes_per_task, count, awaited=awaited)) * count / 1e6, 3))
            for count in counts
        ]
        for awaited in (False, True)
    }


def charts(*, quick: bool) -> dict[str, Chart]:
    """Give the points of all charts by their names."""
    return {
        "asking": asking(100 if quick else 4000),
        "slots": slots(10 if quick else 120),
        "memory": memory(TASKS[:1] if quick else TASKS),
    }


def main() -> None:
    """Write them as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="see only that it works")
    json.dump(charts(quick=parser.parse_args().quick), sys.stdout)


if __name__ == "__main__":
    main()
