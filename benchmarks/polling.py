"""How many requests does it cost to follow tasks to their end, and how late is an end noticed?

The real decisions of `core.pacing` under a virtual clock: no socket, no waiting, the same figures every time. Nobody
knows how percentages move at the service, so there are eight ways. Tasks take 45 seconds in the median. Cold: nothing
is learnt before the run. Warm: 100 tasks have been followed before. Times are seconds of the virtual clock.

    python benchmarks/polling.py [--full] [--lag SECONDS]
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from collections import deque
from statistics import median, quantiles
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from journey_async.core.agenda import Agenda
from journey_async.core.courses import Courses
from journey_async.core.pacing import Durations, Pace, Progress, next_question, observe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROUND_TRIP: Final = 0.05
ACTION: Final = "imagine"
MEDIAN: Final = 45.0
SIGMA: Final = 0.35
QUEUED: Final = 0.1
"""The part of a task's life before its percentage moves, unless its behaviour says otherwise."""
SIZES: Final[Mapping[int, tuple[int, int]]] = {
    1: (100, 200),
    5: (400, 400),
    20: (1000, 1000),
    100: (1500, 3000),
    1000: (4000, 10_000),
    10_000: (15_000, 30_000),
}
"""By tasks in flight: how many tasks are followed by default, and with --full."""


@define
class Life:
    """One task of the simulation."""

    starts: float
    seconds: float
    step: int = 5
    """By how many percent at once its percentage rises."""
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
        p99 = quantiles(self.lags, n=100, method="inclusive")[98]
        return f"{name:44}{self.requests / self.tasks:10.2f}{median(self.lags):10.2f}{p99:10.2f}"


# What a behaviour gives is the part that is done, from 0 to 1, when a part of the life is over.


def linear(part: float) -> float:
    """Rise evenly once the task has left the queue."""
    return (part - QUEUED) / (1 - QUEUED)


def late(part: float) -> float:
    """Stay at 0 for half of the life, then rise evenly."""
    return (part - 0.5) / 0.5


def slow_then_fast(part: float) -> float:
    """Rise ever faster."""
    return math.pow(max(0.0, linear(part)), 1.5)


def fast_then_slow(part: float) -> float:
    """Rise ever more slowly."""
    return math.sqrt(max(0.0, linear(part)))


def stalling(part: float) -> float:
    """Stand still at half for three tenths of the life, and rise twice as fast after it as before."""
    before = 0.75 / 0.7
    return min(0.5, before * part) if part < 0.3 + 0.5 / before else 1 - 2 * before * (1 - part)


def jumping(part: float) -> float:
    """Jump to 90 percent and stay there."""
    return 0.9 if part > 0.25 else 0.0


def silent(part: float) -> float:
    """Never move."""
    del part
    return 0.0


BEHAVIOURS: Final[Mapping[str, Callable[[float], float]]] = {
    "linear": linear,
    "linear, steps of 1 to 25 %": linear,
    "half of its life at 0 %": late,
    "slow then fast": slow_then_fast,
    "fast then slow": fast_then_slow,
    "stalling at 50 %": stalling,
    "jump to 90 % and stall": jumping,
    "silent": silent,
}


def percentage(life: Life, behaviour: Callable[[float], float], now: float) -> int:
    """Give what the service tells of a task."""
    done = 100 * behaviour((now - life.starts) / life.seconds)
    return max(0, min(99, life.step * math.floor(done / life.step)))


@frozen
class Learnt:
    """What a client has learnt."""

    durations: Durations = field(factory=Durations)
    courses: Courses = field(factory=Courses)


class _Followed(Progress):
    def __init__(self, started: float, life: Life) -> None:
        super().__init__(started=started)
        self.life = life


def follow(lives: list[Life], behaviour: Callable[[float], float], pace: Pace, learnt: Learnt) -> Figures:
    """Follow tasks as the watcher does, which asks about who is due while other answers are still to come."""
    agenda: Agenda[_Followed] = Agenda(pace.lag)
    arrivals = [(life.starts, number) for number, life in enumerate(lives)]
    heapq.heapify(arrivals)
    asked: deque[tuple[float, Sequence[_Followed]]] = deque()
    now, requests = -math.inf, 0
    while arrivals or asked or len(agenda):
        due = agenda.next_due()
        next_arrival = arrivals[0][0] if arrivals else math.inf
        next_answer = asked[0][0] + ROUND_TRIP if asked else math.inf
        now = max(now, min(math.inf if due is None else due, next_arrival, next_answer))
        while arrivals and arrivals[0][0] <= now:
            started, number = heapq.heappop(arrivals)
            facts = _Followed(started, lives[number])
            agenda.put(facts, next_question(pace, facts, learnt.durations.typical(ACTION), now))
        while asked and asked[0][0] + ROUND_TRIP <= now:
            for facts, earliest_end in _answered(*asked.popleft(), behaviour, learnt):
                agenda.put(facts, next_question(pace, facts, learnt.durations.typical(ACTION), now, earliest_end))
        while batch := agenda.take(now, ahead=pace.ahead):
            asked.append((now, batch))
            requests += 1
    return Figures(len(lives), requests, [(life.noticed or math.inf) - life.ends for life in lives])


def _answered(
    asked: float, batch: Sequence[_Followed], behaviour: Callable[[float], float], learnt: Learnt
) -> Iterator[tuple[_Followed, float | None]]:
    """Take in the answers, which tell how it was half-way; give those who go on, and when they end at the earliest."""
    for facts in batch:
        life, now = facts.life, asked + ROUND_TRIP
        if life.ends <= asked + ROUND_TRIP / 2:
            life.noticed = now
            learnt.durations.learn(ACTION, now - life.starts, now)
            learnt.courses.ended(facts, ACTION, str(id(life)), now)
        else:
            told = percentage(life, behaviour, asked + ROUND_TRIP / 2)
            course = learnt.courses.saw(facts, ACTION, str(id(life)), told, now)
            observe(facts, told, now)
            yield facts, None if course is None else course.earliest_end(facts)


def each_second(lives: list[Life]) -> Figures:
    """Ask about each task alone once a second."""
    asked = [math.ceil(life.seconds) for life in lives]
    return Figures(
        len(lives), sum(asked), [n - life.seconds + ROUND_TRIP for n, life in zip(asked, lives, strict=True)]
    )


def lognormal(number: int, in_flight: int, chance: random.Random, *, steps: tuple[int, ...] = (5,)) -> list[Life]:
    """Give tasks, so many in flight on average."""
    mean = MEDIAN * math.exp(SIGMA**2 / 2)
    return [
        Life(chance.uniform(0, mean * number / in_flight), chance.lognormvariate(math.log(MEDIAN), SIGMA), step)
        for step in chance.choices(steps, k=number)
    ]


def learnt(behaviour: Callable[[float], float], chance: random.Random, pace: Pace, steps: tuple[int, ...]) -> Learnt:
    """Give what a client has learnt that has followed a hundred tasks."""
    found = Learnt()
    follow(lognormal(100, 20, chance, steps=steps), behaviour, pace, found)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full", action="store_true", help="more tasks, and 10,000 in flight with every behaviour")
    parser.add_argument("--lag", type=float, default=Pace().lag)
    options = parser.parse_args()
    lag: float = options.lag
    full: bool = options.full
    print(f"{f'lag={lag}':44}{'requests':>10}{'lag p50':>10}{'lag p99':>10}")
    for name, behaviour in BEHAVIOURS.items():
        steps = (1, 2, 5, 10, 20, 25) if "25" in name else (5,)
        for in_flight, numbers in SIZES.items():
            if in_flight == max(SIZES) and behaviour is not linear and not full:
                continue
            for state in ("cold", "warm"):
                chance = random.Random(1)
                pace = Pace(lag=lag)
                before = learnt(behaviour, chance, pace, steps) if state == "warm" else Learnt()
                lives = lognormal(numbers[full], in_flight, chance, steps=steps)
                figures = follow(lives, behaviour, pace, before)
                print(figures.row(f"{name}, {in_flight} {state}"), flush=True)
    print(each_second(lognormal(2000, 100, random.Random(1))).row("baseline: each alone once a second"))


if __name__ == "__main__":
    main()
