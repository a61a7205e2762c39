"""How tasks of an action move: what a few of them teach, and when it is forgotten."""

from __future__ import annotations

import tracemalloc
from itertools import count
from typing import TYPE_CHECKING

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.courses import Course, Courses, Study, course_of
from journey_async.core.pacing import Progress, observe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def evenly(part: float) -> float:
    """Rise evenly from the beginning to the end."""
    return 100 * part


def sudden(part: float) -> float:
    """Rise from a quarter to the end at once."""
    return 25.0 if part <= 0.4 else 99.0


def study(*ages: float, life: float, shape: Callable[[float], float] = evenly, late: float = 0.0) -> Study:
    """Make what a task showed at these ages; its end was noticed *late*."""
    return Study(shown=[(int(shape(age / life)), age) for age in ages], ended=life + late)


NAMES = count()


@define
class Followed:
    """A task that is followed: its facts, its name and what is expected of it."""

    facts: Progress = field(factory=lambda: Progress(started=0.0))
    name: str = field(factory=lambda: f"task-{next(NAMES)}")
    course: Course | None = None

    def is_at(self, courses: Courses, percentage: int | None, now: float) -> None:
        """Take in what a reply says."""
        self.course = courses.saw(self.facts, "imagine", self.name, percentage, now)
        observe(self.facts, percentage, now)

    @property
    def earliest_end(self) -> float | None:
        """Give what is expected."""
        return None if self.course is None else self.course.earliest_end(self.facts)


def begin(
    courses: Courses, *ages: float, life: float, shape: Callable[[float], float] = evenly, started: float = 0.0
) -> Followed:
    """Follow a task for a while; it is asked about at these ages."""
    task = Followed(Progress(started=started))
    for age in ages:
        task.is_at(courses, int(shape(age / life if life else 0.0)), started + age)
    return task


def follow(courses: Courses, *ages: float, life: float, shape: Callable[[float], float] = evenly) -> None:
    """Follow a task to its end."""
    task = begin(courses, *ages, life=life, shape=shape)
    courses.ended(task.facts, "imagine", task.name, life)


def experienced(tasks: int = 30) -> Courses:
    """Follow so many tasks of ten to thirty seconds that rise evenly."""
    courses = Courses()
    for number in range(tasks):
        life = 10.0 + number % 20
        follow(courses, 0.251 * life, 0.501 * life, 0.751 * life, 0.991 * life, life=life)
    return courses


# --- what studies have in common


def test_a_percentage_is_shown_for_as_long_as_it_can_have_been() -> None:
    known = course_of([study(2.0, 5.0, 9.9, life=10.0), study(6.0, 19.9, life=20.0)])

    assert known is not None
    # 20, 30, 50 and 99 percent were seen: at which part between them any other was shown, nobody knows.
    assert known.first[20] == 0.0
    assert known.last[30] == known.last[40] == pytest.approx(0.5, abs=0.01)
    assert known.first[40] == known.first[50] == pytest.approx(0.3, abs=0.01)
    assert known.last[50] == known.last[99] == 1.0


def test_the_end_of_a_study_was_most_likely_half_way_between_the_last_two_questions() -> None:
    known = course_of([study(4.0, 5.0, 9.0, life=10.0, late=1.0), study(11.0, 14.0, 18.0, life=20.0, late=2.0)])

    assert known is not None
    assert known.last[40] == pytest.approx(5.0 / 9.0), "if it ended as soon as it can have"
    assert known.last[55] == pytest.approx(14.0 / 18.0)
    assert known.first[55] == pytest.approx(5.0 / 10.0)
    assert known.longest == 22.0


def after(silence: float) -> Callable[[float], float]:
    """Rise evenly after a part of the life at 0."""
    return lambda part: 100 * max(0.0, part - silence) / (1 - silence)


AGES = [0.05 + number / 10 for number in range(100)]


def test_the_less_tasks_agree_the_less_is_expected() -> None:
    alike = course_of([study(*AGES, life=10.0), study(*AGES, life=10.0)])
    apart = course_of([study(*AGES, life=10.0), study(*AGES, life=10.0, shape=after(0.1))])

    assert alike is not None
    assert apart is not None
    assert alike.last[40] == pytest.approx(0.41, abs=0.01)
    # Up to a tenth of a life apart, of which a fiftieth does not count: as much again is possible, half to either side.
    assert apart.last[40] == pytest.approx(0.46 + (0.1 - 0.02) / 2, abs=0.02)
    assert apart.first[40] == pytest.approx(0.4 - (0.1 - 0.02) / 2, abs=0.02)
    assert apart.last[97] == 1.0
    assert apart.first[2] == 0.0


def test_tasks_that_hardly_agree_tell_nothing_of_each_other() -> None:
    assert course_of([study(*AGES, life=10.0), study(*AGES, life=10.0, shape=after(0.3))]) is None


def test_tasks_whose_ends_are_not_known_well_are_not_said_to_differ() -> None:
    blurred = course_of([study(2.0, 5.0, 9.0, life=10.0), study(4.9, 9.0, life=9.1, late=0.9)])

    assert blurred is not None
    assert blurred.first[50] == pytest.approx(2 / 9.5), "nothing is taken off for a difference"


def shown(told: dict[float, int], late: float) -> Study:
    """Make a study of what was told at these ages."""
    return Study(shown=[(told[age], age) for age in sorted(told)], ended=max(told) + late)


TOLD = st.dictionaries(st.floats(0.01, 1e4), st.integers(0, 100), min_size=1, max_size=10)
STUDIES = st.lists(st.builds(shown, TOLD, st.floats(0, 100)), min_size=1, max_size=10)


@given(STUDIES)
def test_whatever_was_shown_a_course_is_in_order(studies: Sequence[Study]) -> None:
    known = course_of(studies)
    if known is None:
        return
    assert len(known.first) == len(known.last) == 101
    assert list(known.first) == sorted(known.first)
    assert list(known.last) == sorted(known.last)
    for first, last in zip(known.first, known.last, strict=True):
        assert 0.0 <= first <= last <= 1.0
    assert known.last[100] == 1.0


# --- what is expected of those to come


def test_nothing_is_expected_before_thirty_tasks_were_studied() -> None:
    courses = experienced(29)
    assert begin(courses, 10.0, life=20.0).earliest_end is None

    follow(courses, 5.01, 10.01, 15.01, 19.9, life=20.0)
    assert begin(courses, 10.0, life=20.0).earliest_end == pytest.approx(10 / 0.751, rel=0.02)


def test_what_was_learnt_of_one_action_is_expected_of_no_other() -> None:
    courses = experienced()

    assert begin(courses, 10.0, life=20.0).earliest_end is not None
    assert courses.saw(Progress(started=0.0), "upscale-1x", "other", 50, 10.0) is None


def test_of_a_task_that_was_not_asked_about_nothing_is_expected() -> None:
    known = begin(experienced(), 10.0, life=20.0).course

    assert known is not None
    assert known.earliest_end(Progress(started=0.0)) is None


def test_a_task_whose_percentage_is_shown_until_the_end_may_end_at_any_time() -> None:
    courses = experienced()

    assert begin(courses, 19.9, life=20.0).earliest_end == 19.9


def test_a_task_that_would_have_to_take_longer_than_any_other_may_as_well_move_in_another_way() -> None:
    courses = experienced()

    assert begin(courses, 15.0, life=28.0).earliest_end == pytest.approx(15 / 0.751, rel=0.03)
    late = begin(courses, 15.0, life=70.0)
    assert late.course is not None
    assert late.earliest_end is None


def test_one_task_in_ten_goes_on_to_be_studied() -> None:
    courses = experienced()
    tasks = [begin(courses, 10.0, life=20.0) for _ in range(100)]

    assert sum(task.earliest_end is None for task in tasks) == 10


def test_ten_more_tasks_have_to_be_studied_until_it_is_concluded_anew_how_they_move() -> None:
    courses = experienced()

    def longest() -> float:
        course = begin(courses, 5.0, life=20.0).course
        assert course is not None
        return course.longest

    for _ in range(98):
        follow(courses, 9.0, 18.0, 27.0, 34.7, life=35.0)
    assert longest() == 29.0, "nine of them were studied"
    follow(courses, 9.0, 18.0, 27.0, 34.7, life=35.0)
    assert longest() == 35.0


def study_many(courses: Courses, *, twenties: int, started: float = 0.0) -> list[Followed]:
    """Follow tasks, so many times twenty, to shortly before their ends."""
    return [begin(courses, 5.01, 10.01, 15.01, 19.9, life=20.0, started=started) for _ in range(twenties * 20)]


def end(courses: Courses, tasks: Sequence[Followed]) -> None:
    """Let them end."""
    for task in tasks:
        courses.ended(task.facts, "imagine", task.name, task.facts.started + 20.0)


def test_no_more_than_twenty_are_studied_at_once() -> None:
    courses = Courses()
    end(courses, study_many(courses, twenties=1))
    end(courses, study_many(courses, twenties=2)[20:])
    assert begin(courses, 10.0, life=20.0).course is None, "twenty were studied, and those that are now have not ended"

    courses = Courses()
    end(courses, study_many(courses, twenties=2))
    end(courses, study_many(courses, twenties=2))
    assert begin(courses, 10.0, life=20.0).course is not None


def test_those_that_were_not_asked_about_for_a_minute_make_room_for_others() -> None:
    courses = Courses()
    study_many(courses, twenties=1)
    for started in (80.0, 160.0):
        end(courses, study_many(courses, twenties=1, started=started))

    assert begin(courses, 10.0, life=20.0).course is not None


def test_those_that_were_asked_about_within_a_minute_make_no_room() -> None:
    courses = Courses()
    for _ in range(20):
        begin(courses, 1.0, 50.0, life=200.0)
    for started in (60.0, 80.0):
        end(courses, study_many(courses, twenties=1, started=started))

    assert begin(courses, 10.0, life=20.0, started=81.0).course is None


def test_what_a_studied_task_shows_is_kept_in_few_words_however_often_it_is_told() -> None:
    courses, task = Courses(), Followed()
    tracemalloc.start()
    for now in range(1, 20_000):
        task.is_at(courses, 50, float(now))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept < 100_000


def test_a_task_whose_end_was_noticed_late_teaches_nothing() -> None:
    courses = experienced(29)
    follow(courses, 5.01, 10.01, 15.01, life=20.0)

    assert begin(courses, 10.0, life=20.0).earliest_end is None


def test_what_is_told_in_the_moment_in_which_a_task_begins_teaches_nothing() -> None:
    """A clock may be so coarse."""
    courses = Courses()
    for _ in range(30):
        follow(courses, 0.0, life=0.0)
    assert begin(courses, 10.0, life=20.0).course is None
    for _ in range(30):
        follow(courses, 0.0, 5.01, 10.01, 15.01, 19.9, life=20.0, shape=after(0.1))

    task = begin(courses, 0.0, 1.0, life=20.0, shape=after(0.1))
    assert task.earliest_end is not None
    assert task.earliest_end > 1.0


def test_one_task_that_contradicts_is_enough_to_forget_all() -> None:
    courses = experienced()
    other = begin(courses, 10.0, life=20.0)
    assert other.course is not None

    begin(courses, 8.0, 8.1, life=20.0, shape=sudden)
    other.is_at(courses, 60, 12.0)
    assert other.course is None


def test_what_was_forgotten_is_learnt_anew() -> None:
    courses = experienced()
    begin(courses, 8.0, 8.1, life=20.0, shape=sudden)
    assert begin(courses, 10.0, life=20.0).earliest_end is None
    for _ in range(30):
        follow(courses, 5.01, 10.01, 15.01, 19.9, life=20.0)

    assert begin(courses, 10.0, life=20.0).earliest_end is not None


@pytest.mark.parametrize(
    ("then", "seen", "now", "percentage", "contradicted"),
    [
        (5.0, 25, 10.0, 50, False),
        (5.0, 25, 10.0, 52, False),  # nearly
        (5.0, 25, 10.0, 60, True),  # faster
        (5.0, 25, 10.0, 40, True),  # slower
        (5.0, 25, 10.0, 20, True),  # back
    ],
)
def test_two_replies_contradict_a_course_that_puts_the_end_of_their_task_at_two_times(
    *, then: float, seen: int, now: float, percentage: int, contradicted: bool
) -> None:
    parts = [n / 100 for n in range(102)]
    known = Course(first=parts[:-1], last=parts[1:], longest=20.0)
    facts = Progress(started=0.0)
    observe(facts, seen, then)

    assert known.contradicted(facts, percentage, now) is contradicted


@given(st.lists(st.tuples(st.floats(0.01, 30), st.none() | st.integers(0, 100)), min_size=1, max_size=30))
def test_whatever_a_task_shows_its_earliest_end_is_not_before_it_was_asked_about(
    replies: list[tuple[float, int | None]],
) -> None:
    courses, task, now = experienced(), Followed(), 0.0
    for passed, percentage in replies:
        now += passed
        task.is_at(courses, percentage, now)
        assert task.earliest_end is None or task.earliest_end >= now * 0.999
    courses.ended(task.facts, "imagine", task.name, now)
