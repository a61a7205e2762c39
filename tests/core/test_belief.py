"""What a client believes of the number of slots."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.belief import FADES, START, Belief

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = 0.5
LONGEST = 20.0


def refused(belief: Belief, busy: int, now: float = 0.0) -> Belief:
    return belief.refused(busy=busy, now=now, first=FIRST, longest=LONGEST)


def test_nobody_told_a_number_and_no_429_came() -> None:
    """As many as one likes."""
    assert Belief().limit(0.0) is None
    assert Belief().accepted(busy=1000, now=0.0) == Belief()
    assert math.isinf(Belief().changes_at(0.0))


@pytest.mark.parametrize(
    ("numbers", "limit"),
    [([], None), ([5], 5), ([5, 10, None], 10), ([None], START), ([None, None], START), ([1], 1)],
)
def test_the_largest_number_that_a_run_was_told_counts(numbers: Sequence[int | None], limit: int | None) -> None:
    """A known number beats an unknown one."""
    assert Belief().told(numbers, now=0.0).limit(0.0) == limit


def test_a_plan_has_one_slot_at_least() -> None:
    """Else nothing could ever run."""
    with pytest.raises(ValueError, match="'plan' must be >= 1"):
        Belief().told([0], now=0.0)


@pytest.mark.parametrize(("busy", "limit"), [(0, 1), (1, 1), (3, 3), (40, 40)])
def test_a_429_says_that_no_more_are_free_than_are_busy(busy: int, limit: int) -> None:
    """One may always be tried, for how else would one learn."""
    assert refused(Belief(), busy).limit(0.0) == limit
    assert refused(Belief().told([30], now=0.0), busy).limit(0.0) == min(30, limit)


def test_after_a_quiet_time_one_more_may_be_tried() -> None:
    """Not before."""
    belief = refused(Belief(), 3)
    assert belief.changes_at(0.0) == FIRST
    assert [belief.limit(now) for now in (FIRST - 0.01, FIRST, 10.0)] == [3, 4, 4]


def test_quiet_times_double_up_to_the_longest() -> None:
    """Until more than the level is accepted."""
    belief, now, waits = Belief(), 0.0, list[float]()
    for _ in range(8):
        belief = refused(belief, 3, now)
        waits.append(belief.changes_at(now) - now)
        now = belief.changes_at(now)
    assert waits == [0.5, 1, 2, 4, 8, 16, 20, 20]
    belief = refused(belief.accepted(busy=4, now=now), 4, now)
    assert belief.changes_at(now) - now == FIRST


def test_429s_that_were_under_way_together_count_once() -> None:
    """A burst of thirty is one piece of news."""
    belief = Belief()
    for _ in range(27):
        belief = refused(belief, 3, 0.1)
    assert (belief.strikes, belief.limit(0.1), belief.changes_at(0.1)) == (1, 3, 0.1 + FIRST)


def test_a_success_above_the_level_lets_the_next_be_tried_at_once() -> None:
    """One after another."""
    belief = refused(Belief(), 3)
    for busy in (4, 5, 6):
        assert belief.limit(1.0) == busy
        belief = belief.accepted(busy=busy, now=1.0)
    assert belief.limit(1.0) == 7


def test_what_left_before_the_429_proves_the_level_only() -> None:
    """The quiet time goes on."""
    belief = refused(Belief(), 1).accepted(busy=3, now=0.1)
    assert [belief.limit(now) for now in (0.1, FIRST)] == [3, 4]


def test_a_plan_that_is_full_again_is_believed_again() -> None:
    """And is never exceeded."""
    belief = refused(Belief().told([5], now=0.0), 3)
    assert belief.limit(1.0) == 4
    belief = belief.accepted(busy=4, now=1.0).accepted(busy=5, now=1.0)
    assert (belief.level, belief.limit(1.0)) == (None, 5)
    assert belief.told([], now=1.0).limit(1.0) is None


def test_more_than_the_plan_at_once_fills_it_too() -> None:
    """Tasks of another client may be among those that are unfinished."""
    belief = refused(Belief().told([5], now=0.0), 3).accepted(busy=7, now=1.0)
    assert (belief.level, belief.limit(1.0)) == (None, 5)


def test_an_unknown_number_grows_while_it_is_full() -> None:
    """By one with each acceptance, from 25."""
    belief = Belief().told([None], now=0.0)
    assert belief.accepted(busy=START - 1, now=0.0) == belief
    grown = [(belief := belief.accepted(busy=busy, now=0.0)).limit(0.0) for busy in (25, 26, 26, 27)]
    assert grown == [26, 27, 27, 28]
    assert belief.told([], now=0.0).limit(0.0) is None


def test_a_429_is_forgotten_after_a_while_unless_a_run_is_active() -> None:
    """A run has tried for more by then, if it needed more."""
    alone = refused(Belief(), 3)
    assert alone.changes_at(FIRST) == FIRST + FADES
    assert [alone.limit(now) for now in (FIRST + FADES - 0.1, FIRST + FADES)] == [4, None]
    in_run = refused(Belief().told([None], now=0.0), 3)
    assert in_run.limit(1e6) == 4
    assert math.isinf(in_run.changes_at(1.0))
    assert alone.told([None], now=1e6) == Belief().told([None], now=0.0)
    assert refused(alone, 9, 1e6) == refused(Belief(), 9, 1e6)


Step: TypeAlias = "tuple[str, int] | tuple[str, list[int | None]]"
counts = st.integers(0, 60)
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.tuples(st.just("refused"), counts),
        st.tuples(st.just("accepted"), counts),
        st.tuples(st.just("wait"), st.integers(0, 90)),
        st.tuples(st.just("told"), st.lists(st.none() | st.integers(1, 40), max_size=3)),
    ),
    max_size=40,
)


def taken_in(belief: Belief, step: Step, now: float) -> Belief:
    """Take in a step, and check what has to hold for a step of its sort."""
    match step:
        case "refused", int(busy):
            after = refused(belief, busy, now)
            level = after.limit(now)
            assert level is not None
            assert level <= max(1, busy)
            assert now < after.changes_at(now) <= now + LONGEST
            return after
        case "accepted", int(busy):
            after = belief.accepted(busy=busy, now=now)
            before, then = belief.limit(now), after.limit(now)
            assert (before is None) == (then is None)
            if before is not None and then is not None:
                # A resumed run may be busier than the limit; without that, a success raises it by one.
                assert before <= then <= max(before, busy) + 1
            return after
        case "told", list(numbers):
            return belief.told(numbers, now=now)
        case _:
            return belief


@given(steps)
def test_whatever_happens_the_limit_is_sound(history: list[Step]) -> None:
    """One at least, never more than the plan, steady until it is said to change, and gone when all is quiet."""
    belief, now = Belief(), 0.0
    for step in history:
        if step[0] == "wait" and isinstance(step[1], int):
            now += step[1] / 2
        belief = taken_in(belief, step, now)
        limit = belief.limit(now)
        assert limit is None or 1 <= limit <= (belief.plan or math.inf)
        assert (limit is None) <= (not belief.running)
        change = belief.changes_at(now)
        assert change > now
        assert belief.limit(min(now + 1e6, math.nextafter(change, now))) == limit
        assert belief.told([], now=now).limit(now + LONGEST + FADES) is None
