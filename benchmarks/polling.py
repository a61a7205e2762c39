"""How many requests does it cost to follow tasks to their end, and how late is an end noticed?

The real decisions of `core.pacing` under a virtual clock: no socket, no waiting, the same figures every time.
The baseline asks about each task alone once a second. Times are seconds of the virtual clock.
"""

from __future__ import annotations

import heapq
import math
import random
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

from attrs import define, frozen

from journey_async.core.pacing import Agenda, Durations, Pace, Progress, next_question, observe

if TYPE_CHECKING:
    from collections.abc import Callable

ROUND_TRIP: Final = 0.05
QUEUED: Final = 0.1
"""The part of a task's life before its percentage moves."""


@define
class Life:
    """One task of the simulation."""

    starts: float
    seconds: float
    noticed: float | None = None

    @property
    def ends(self) -> float:
        """When it really ends."""
        return self.starts + self.seconds


@frozen
class Figures:
    """What following some tasks cost."""

    tasks: int
    requests: int
    lags: list[float]

    def row(self, name: str) -> str:
        """Write one line of the table."""
        p99 = quantiles(self.lags, n=100)[98] if len(self.lags) > 1 else self.lags[0]
        return f"{name:44}{self.requests / self.tasks:10.2f}{median(self.lags):10.2f}{p99:10.2f}"


def linear(life: Life, now: float) -> int:
    """Rise evenly in steps of five percent once the task has left the queue."""
    part = (now - life.starts) / life.seconds
    return max(0, min(95, 5 * math.floor(20 * (part - QUEUED) / (1 - QUEUED))))


def silent(life: Life, now: float) -> int:
    """Never move."""
    del life, now
    return 0


def follow(lives: list[Life], percentage: Callable[[Life, float], int], pace: Pace) -> Figures:
    """Follow tasks as the watcher does; a question is answered one round trip later, with what was true on its way."""
    agenda, durations = Agenda(), Durations()
    facts: dict[str, Progress] = {}
    arrivals = [(life.starts, number) for number, life in enumerate(lives)]
    heapq.heapify(arrivals)
    now, requests = 0.0, 0
    while arrivals or len(agenda):
        due = agenda.next_due()
        now = max(now, min(due if due is not None else math.inf, arrivals[0][0] if arrivals else math.inf))
        while arrivals and arrivals[0][0] <= now:
            started, number = heapq.heappop(arrivals)
            facts[str(number)] = Progress(started=started)
            agenda.put(str(number), next_question(pace, facts[str(number)], durations.typical("task"), now))
        for batch in agenda.take(now, ahead=pace.ahead):
            requests += 1
            answered = now + ROUND_TRIP
            for task_id in batch:
                life = lives[int(task_id)]
                if life.ends <= now + ROUND_TRIP / 2:
                    life.noticed = answered
                    durations.learn("task", answered - life.starts)
                else:
                    observe(facts[task_id], percentage(life, now + ROUND_TRIP / 2), answered)
                    agenda.put(task_id, next_question(pace, facts[task_id], durations.typical("task"), answered))
    return Figures(len(lives), requests, [(life.noticed or math.inf) - life.ends for life in lives])


def each_second(lives: list[Life]) -> Figures:
    """Ask about each task alone once a second."""
    asked = [math.ceil(life.seconds) for life in lives]
    return Figures(
        len(lives), sum(asked), [n - life.seconds + ROUND_TRIP for n, life in zip(asked, lives, strict=True)]
    )


def lognormal(number: int, in_flight: int, chance: random.Random) -> list[Life]:
    """Give tasks of median 45 seconds, so many in flight on average."""
    lives = [Life(0.0, chance.lognormvariate(math.log(45), 0.35)) for _ in range(number)]
    for life in lives:
        life.starts = chance.uniform(0, 48 * number / in_flight)
    return lives


def main() -> None:
    """Print the table."""
    print(f"{'default pace, nothing learnt at first':44}{'requests':>10}{'lag p50':>10}{'lag p99':>10}")
    for percentage in (linear, silent):
        lives = [Life(0.01 * number, 5.0) for number in range(20)]
        print(follow(lives, percentage, Pace()).row(f"20 tasks of 5 s at once, {percentage.__name__}"))
        for in_flight, number in ((1, 50), (5, 200), (20, 500), (100, 2000), (1000, 5000)):
            lives = lognormal(number, in_flight, random.Random(1))
            name = f"{in_flight} in flight, about 45 s each, {percentage.__name__}"
            print(follow(lives, percentage, Pace()).row(name))
    lives = lognormal(2000, 100, random.Random(1))
    print(each_second(lives).row("baseline: each alone once a second"))


if __name__ == "__main__":
    main()
