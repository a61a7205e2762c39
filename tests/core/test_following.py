"""How pacing, agenda and courses work out together, on a clock that only counts."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from typing import TYPE_CHECKING

import pytest
from attrs import Factory, define, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.agenda import Agenda
from journey_async.core.courses import Courses
from journey_async.core.pacing import Durations, Pace, next_question, observe
from tests.core.named import Named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACE = Pace()


@frozen
class Made:
    """A task of the service: silent at first, then its percentage rises evenly."""

    name: str
    started: float
    life: float
    silent: float = 0.1
    """The part of its life at 0 percent."""
    step: int = 1
    """By how many percent at once its percentage rises."""

    @property
    def ends(self) -> float:
        return self.started + self.life

    def percentage(self, now: float) -> int:
        lived = (now - self.started) / self.life
        risen_to = int(100 * (lived - self.silent) / (1 - self.silent))
        return max(0, min(99, risen_to - risen_to % self.step))


@frozen
class Shaped(Made):
    """A task of the service whose percentage rises in a way of its own."""

    shape: Callable[[float], float] = float
    """Gives the part that is done when a part of the life is over."""

    def percentage(self, now: float) -> int:
        done = int(100 * self.shape((now - self.started) / self.life))
        return max(0, min(99, done - done % self.step))


@define
class Run:
    """What the service saw of a client that waits for tasks, and when the client noticed each end."""

    pace: Pace
    round_trip: float
    requests: int = 0
    late: dict[str, float] = field(factory=dict[str, float])
    _agenda: Agenda[Named] = field(init=False, default=Factory(lambda self: Agenda(self.pace.lag), takes_self=True))
    _durations: Durations = field(factory=Durations)
    _courses: Courses = field(factory=Courses)

    def wait_for(self, tasks: Sequence[Made]) -> None:
        """Do what the watcher does: join as they start, and ask about who is due while others are asked about."""
        by_name = {task.name: task for task in tasks}
        joining = [(task.started, task.name) for task in tasks]
        heapq.heapify(joining)
        answers: deque[tuple[float, Sequence[Named]]] = deque()
        now = 0.0
        while len(self.late) < len(by_name):
            self._join(joining, now)
            while answers and answers[0][0] <= now:
                for facts in answers.popleft()[1]:
                    self._take_in(facts, by_name[facts.name], now - self.round_trip / 2, now)
            while batch := self._agenda.take(now, ahead=self.pace.ahead):
                self.requests += 1
                answers.append((now + self.round_trip, batch))
            due = self._agenda.next_due()
            nexts = [due, joining[0][0] if joining else None, answers[0][0] if answers else None]
            now = min((when for when in nexts if when is not None), default=now)

    def _join(self, joining: list[tuple[float, str]], now: float) -> None:
        while joining and joining[0][0] <= now:
            started, name = heapq.heappop(joining)
            facts = Named(name, started)
            self._agenda.put(facts, next_question(self.pace, facts, self._durations.typical("imagine"), started))

    def _take_in(self, facts: Named, task: Made, asked: float, now: float) -> None:
        done = asked >= task.ends
        if done:
            self._durations.learn("imagine", now - facts.started, now)
            self._courses.ended(facts, "imagine", facts.name, now)
            self.late[task.name] = now - task.ends
        else:
            course = self._courses.saw(facts, "imagine", facts.name, task.percentage(asked), now)
            observe(facts, task.percentage(asked), now)
            typical = self._durations.typical("imagine")
            earliest_end = None if course is None else course.earliest_end(facts)
            self._agenda.put(facts, next_question(self.pace, facts, typical, now, earliest_end))


def waited(tasks: Sequence[Made], *, pace: Pace = PACE, round_trip: float = 0.02) -> Run:
    run = Run(pace=pace, round_trip=round_trip)
    run.wait_for(tasks)
    assert run.late.keys() == {task.name for task in tasks}
    assert min(run.late.values()) > 0
    return run


# The bounds leave room for another tuning.
STEPS = pytest.mark.parametrize("step", [1, 5])


@STEPS
def test_twenty_tasks_of_five_seconds_take_few_requests_and_every_end_is_noticed_within_a_second(step: int) -> None:
    run = waited([Made(name=str(number), started=number / 100, life=5.0, step=step) for number in range(20)])

    assert run.requests <= 8
    assert max(run.late.values()) <= 1.0


@STEPS
def test_a_lone_task_of_45_seconds_takes_few_requests_and_its_end_is_noticed_soon(step: int) -> None:
    run = waited([Made(name="lone", started=0.0, life=45.0, step=step)])

    assert run.requests <= 20
    assert run.late["lone"] <= 0.6


def test_a_task_that_never_tells_its_percentage_is_asked_about_evenly() -> None:
    run = waited([Made(name="silent", started=0.0, life=20.0, silent=0.999)])

    assert run.requests <= 24
    assert run.late["silent"] <= 1.0


@STEPS
def test_two_hundred_tasks_of_various_lengths_share_their_questions(step: int) -> None:
    chance = random.Random(20_240_607)
    tasks = [
        Made(
            name=str(number),
            started=chance.uniform(0, 30),
            life=chance.lognormvariate(math.log(45), 0.4),
            step=step,
        )
        for number in range(200)
    ]
    run = waited(tasks)
    lates = sorted(run.late.values())

    assert run.requests <= 350
    assert lates[100] <= 0.4
    assert lates[-1] <= 0.8


def stalling(part: float) -> float:
    """Stand still at half for three tenths of the life, and rise twice as fast after it as before."""
    before = 0.75 / 0.7
    return min(0.5, before * part) if part < 0.3 + 0.5 / before else 1 - 2 * before * (1 - part)


SHAPES: dict[str, tuple[Callable[[float], float], Sequence[int]]] = {
    "linear": (lambda part: (part - 0.1) / 0.9, [5]),
    "steps of 1 to 25 percent": (lambda part: (part - 0.1) / 0.9, [1, 2, 5, 10, 20, 25]),
    "half of its life at 0": (lambda part: 2 * part - 1, [5]),
    "slow then fast": (lambda part: math.pow(max(0.0, part - 0.1) / 0.9, 1.5), [5]),
    "fast then slow": (lambda part: math.sqrt(max(0.0, part - 0.1) / 0.9), [5]),
    "stalling": (stalling, [5]),
    "jump to 90 percent and stall": (lambda part: 0.9 if part > 0.25 else 0.0, [5]),
    "silent": (lambda part: 0.0 * part, [5]),
}


@pytest.mark.parametrize(("shape", "steps"), SHAPES.values(), ids=list(SHAPES))
@pytest.mark.parametrize("in_flight", [5, 200])
def test_the_lag_is_kept_however_a_percentage_moves(
    shape: Callable[[float], float], steps: Sequence[int], in_flight: int
) -> None:
    chance = random.Random(20_240_607)
    lives = [chance.lognormvariate(math.log(45), 0.35) for _ in range(300)]
    tasks = [
        Shaped(
            name=str(n),
            started=chance.uniform(0, 48 * 300 / in_flight),
            life=life,
            step=steps[n % len(steps)],
            shape=shape,
        )
        for n, life in enumerate(lives)
    ]
    lates = sorted(waited(tasks, round_trip=0.05).late.values())

    assert lates[150] <= 1.3 * PACE.lag
    assert lates[296] <= 2 * PACE.lag


@pytest.mark.parametrize("then", ["slow then fast", "half of its life at 0", "stalling", "silent"])
def test_tasks_that_begin_to_move_in_another_way_are_not_taken_for_those_before(then: str) -> None:
    """The lag is kept by nearly all, also by those who began before any other had shown how they move now."""
    chance = random.Random(20_240_607)
    tasks = [
        Shaped(
            name=str(n),
            started=2.4 * n + chance.uniform(0, 2),
            life=chance.lognormvariate(math.log(45), 0.35),
            step=5,
            shape=SHAPES["linear" if n < 300 else then][0],
        )
        for n in range(400)
    ]
    lates = sorted(waited(tasks, round_trip=0.05).late.values())

    assert lates[396] <= 2 * PACE.lag


def test_tasks_that_move_alike_are_hardly_asked_about_once_it_is_known_how_they_move() -> None:
    chance = random.Random(20_240_607)
    lives = [chance.lognormvariate(math.log(45), 0.35) for _ in range(200)]
    apart = [Made(name=str(n), started=100.0 * n, life=life, step=5) for n, life in enumerate(lives)]
    run, fewer = waited(apart[:20], round_trip=0.05), waited(apart, round_trip=0.05)

    assert (fewer.requests - run.requests) / 180 <= 0.7 * run.requests / 20
    assert sorted(fewer.late.values())[-2] <= 1.5 * PACE.lag, "the shortest ends before the first question"


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0.5, 120), st.floats(0, 0.9)), min_size=1, max_size=40),
    st.floats(0.001, 0.5),
)
def test_every_end_is_noticed_whatever_the_tasks(tasks: list[tuple[float, float, float]], round_trip: float) -> None:
    made = [
        Made(name=str(number), started=started, life=life, silent=silent)
        for number, (started, life, silent) in enumerate(tasks)
    ]
    run = waited(made, round_trip=round_trip)

    assert max(run.late.values()) <= PACE.longest + 2 * round_trip
