"""Whom to ask about together, and when."""

from __future__ import annotations

import sys
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from journey_async.core.agenda import BATCH, Agenda
from tests.core.named import Named

LAG = 0.5


class AgendaAgainstModel(RuleBasedStateMachine):
    """An agenda does what a plain dictionary of due times would do."""

    def __init__(self) -> None:
        super().__init__()
        self.agenda: Agenda[Named] = Agenda(LAG)
        self.tasks = [Named(str(number)) for number in range(61)]
        self.model: dict[str, float] = {}
        self.now = 0.0

    @rule(task=st.integers(0, 60), wait=st.integers(-3, 12))
    def put(self, task: int, wait: int) -> None:
        self.agenda.put(self.tasks[task], self.now + wait)
        self.model[str(task)] = self.now + wait

    @rule(first=st.integers(0, 30), count=st.integers(15, 31), wait=st.integers(0, 6))
    def put_many(self, first: int, count: int, wait: int) -> None:
        for task in range(first, first + count):
            self.put(task, wait + task % 3)

    @rule(task=st.integers(0, 60))
    def remove(self, task: int) -> None:
        self.agenda.remove(self.tasks[task])
        self.model.pop(str(task), None)

    @rule(passed=st.integers(0, 8))
    def wait(self, passed: int) -> None:
        self.now += passed

    @rule(ahead=st.integers(0, 6))
    def take(self, ahead: int) -> None:
        taken = [task.name for task in self.agenda.take(self.now, ahead=ahead)]

        due = {task for task, when in self.model.items() if when <= self.now}
        soon = {task for task, when in self.model.items() if when <= self.now + ahead}
        assert len(taken) == len(set(taken)), "nobody twice"
        if not due:
            assert taken == [], "nobody as long as nobody is due"
            return
        assert set(taken) <= soon, "nobody too early"
        assert len(taken) == min(BATCH, len(soon)), "as many of the others as there is room for"
        whens = [self.model.pop(task) for task in taken]
        assert whens == sorted(whens), "the earliest first"
        assert all(when >= whens[-1] for task, when in self.model.items() if task in soon), "and nobody overtaken"

    @invariant()
    def knows_the_same(self) -> None:
        assert len(self.agenda) == len(self.model)
        assert {task.name: task.due for task in self.tasks if task.due is not None} == self.model
        assert self.agenda.next_due() == min(self.model.values(), default=None)


TestAgendaAgainstModel = AgendaAgainstModel.TestCase


def test_nobody_is_asked_about_early_as_long_as_nobody_is_due() -> None:
    agenda: Agenda[Named] = Agenda(LAG)
    soon = Named("soon")
    agenda.put(soon, 1.0)

    assert agenda.take(0.5, ahead=2.0) == []
    assert soon.due == 1.0


def test_those_due_soon_fill_up_the_last_request_and_no_more() -> None:
    agenda: Agenda[Named] = Agenda(LAG)
    for number in range(30):
        agenda.put(Named(f"due {number}"), 0.0)
    for number in range(30):
        agenda.put(Named(f"soon {number}"), 1.0 + number / 100)

    first, second = ([task.name for task in agenda.take(0.0, ahead=2.0)] for _ in range(2))

    assert first == [f"due {number}" for number in range(20)]
    assert second == [*(f"due {number}" for number in range(20, 30)), *(f"soon {number}" for number in range(10))]
    assert len(agenda) == 20


def test_an_agenda_that_is_rescheduled_for_ever_does_not_grow() -> None:
    agenda: Agenda[Named] = Agenda(LAG)
    tasks = [Named(str(number)) for number in range(7)]
    tracemalloc.start()
    for number in range(10_000):
        agenda.put(tasks[number % 7], float(number))
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(agenda) == 7
    assert size < 10_000


def test_who_was_removed_is_let_go() -> None:
    """Whether its time is near or far."""
    agenda: Agenda[Named] = Agenda(LAG)
    kept, near, far = Named("kept"), Named("near"), Named("far")
    agenda.put(kept, 1.0)
    assert agenda.take(1.0, ahead=0.0) == [kept]
    agenda.put(near, 0.5)
    agenda.put(far, 99.0)
    held = [sys.getrefcount(near), sys.getrefcount(far)]
    agenda.remove(near)
    agenda.remove(far)

    assert [sys.getrefcount(near), sys.getrefcount(far)] == [count - 1 for count in held]
    assert agenda.next_due() is None


def test_an_agenda_that_was_long_becomes_short_again() -> None:
    agenda: Agenda[Named] = Agenda(LAG)
    tasks = [Named(str(number)) for number in range(500)]
    for number, task in enumerate(tasks):
        agenda.put(task, float(number))
    for task in tasks[7:]:
        agenda.remove(task)
    agenda.put(tasks[0], 1.0)

    assert len(agenda) == 7
    assert len(agenda.take(1000.0, ahead=0.0)) == 7


@given(
    lag=st.floats(0.001, 100),
    dues=st.lists(st.floats(0, 1e6), min_size=1, max_size=30),
)
def test_nobody_is_asked_about_before_or_long_after_its_time(lag: float, dues: list[float]) -> None:
    agenda: Agenda[Named] = Agenda(lag)
    moments = [agenda.put(Named(str(number)), due) for number, due in enumerate(dues)]

    for due, moment in zip(dues, moments, strict=True):
        assert due - 1e-9 <= moment <= due + lag / 64 + 1e-9
    assert agenda.next_due() == min(moments)


def test_those_who_are_due_in_the_same_moment_share_its_time() -> None:
    agenda: Agenda[Named] = Agenda(LAG)
    tasks = [Named(str(number)) for number in range(3)]
    for number, task in enumerate(tasks):
        agenda.put(task, 7.001 + number / 1000)

    assert tasks[0].due is tasks[1].due is tasks[2].due


def test_who_was_put_down_first_for_a_moment_comes_first() -> None:
    agenda: Agenda[Named] = Agenda(LAG)
    for number in range(45):
        agenda.put(Named(str(number)), 7.003 - number / 100_000)
    batches = [[task.name for task in agenda.take(8.0, ahead=0.0)] for _ in range(4)]

    assert batches == [[str(number) for number in numbers] for numbers in (range(20), range(20, 40), range(40, 45), ())]
