"""When to ask next."""

from __future__ import annotations

import math
from typing import Any

import pytest
from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.pacing import (
    Durations,
    Pace,
    Progress,
    after_nudge,
    after_outage,
    next_backstop,
    next_question,
    observe,
    time_left,
)

PACE = Pace()
STILL = -1
"""The trust in a percentage that stands still."""
TIMES = st.floats(0, 1e6)


# --- the next question


def risen(percentage: int, *, now: float, rate: float = 2.0, trust: int = 0) -> Progress:
    """Make the facts of a task that was seen at another percentage now, and at less a second ago."""
    return Progress(
        started=0.0,
        asked=now,
        percentage=percentage,
        zero_until=1.0,
        less_until=now - 1.0,
        changed=now,
        measured_from=1.0,
        rate=rate,
        trust=trust,
    )


@pytest.mark.parametrize(
    ("facts", "typical", "now", "expected"),
    [
        # Never asked about, nothing learnt: one lag after it was accepted, or at once if that is long ago.
        (Progress(started=0.0), None, 0.0, 0.5),
        (Progress(started=0.0), None, 7.0, 7.05),
        # Silent: evenly, so that with a round trip no end is noticed later than two lags.
        (Progress(started=0.0, asked=7.0), None, 7.0, 7.865),
        # Tasks of its action take 10 s at the least: not before.
        (Progress(started=0.0), 10.0, 0.0, 10.0),
        (Progress(started=0.0, asked=3.0), 10.0, 3.0, 10.0),
        (Progress(started=0.0, asked=9.5), 10.0, 9.5, 10.365),
        # A long time is still no reason to be silent for more than the longest gap.
        (Progress(started=0.0), 200.0, 0.0, 15.0),
        # 44 s are left at the least. An unproved prediction is followed for 6 lags, a proved one for 12, ...
        (risen(10, now=20.0), None, 20.0, 23.0),
        (risen(10, now=20.0, trust=1), None, 20.0, 26.0),
        # ... and none for more than 4/10 of the task's age.
        (risen(10, now=20.0, trust=2), None, 20.0, 28.4),
        (risen(10, now=4.0), None, 4.0, 5.68),
        # 9 s are left at the least if it rose right after it was last seen at less, 7.5 s if it is about to rise.
        (risen(80, now=60.0), None, 60.0, 63.0),
        (risen(80, now=60.0, trust=1), None, 60.0, 66.0),
        (risen(80, now=60.0, trust=2), None, 60.0, 67.02),
        # The nearer the end, the shorter the gap, but hardly shorter than one lag.
        (risen(95, now=60.0, trust=2), None, 60.0, 61.17),
        (risen(98, now=60.0, trust=2), None, 60.0, 60.57),
        (risen(100, now=60.0, trust=2), None, 60.0, 60.57),
        # Slow and proved: the longest gap.
        (risen(1, now=60.0, trust=2), None, 60.0, 75.0),
        # Standing still: the longer, the less often, down to evenly.
        (risen(50, now=30.0, trust=STILL), None, 30.0, 30.57),
        (risen(50, now=30.0, trust=STILL), None, 36.0, 36.75),
        (risen(50, now=30.0, trust=STILL), None, 60.0, 60.865),
    ],
)
def test_the_next_question_follows_what_is_known(
    facts: Progress, typical: float | None, now: float, expected: float
) -> None:
    assert next_question(PACE, facts, typical, now) == pytest.approx(expected)


def test_a_prediction_proved_twice_is_followed_for_45_lags_where_the_longest_gap_allows_it() -> None:
    patient = Pace(lag=0.5, longest=60.0)

    assert next_question(patient, risen(1, now=600.0, rate=0.01, trust=2), None, 600.0) == 622.5


@pytest.mark.parametrize(
    ("earliest_end", "expected"),
    [
        (70.0, 70.57),  # about one lag after it may have ended
        (60.1, 60.67),
        (74.0, 74.57),
        (90.0, 75.0),  # and never after more than the longest gap
        (60.0, 60.865),  # evenly at the least once it may end at any time, whatever its pace,
        (30.0, 60.865),
        (None, 61.17),  # which would put it here
    ],
)
def test_a_task_whose_like_are_known_is_left_alone_until_it_may_have_ended(
    earliest_end: float | None, expected: float
) -> None:
    facts = risen(95, now=60.0, trust=2)

    assert next_question(PACE, facts, 10.0, 60.0, earliest_end) == pytest.approx(expected)


FACTS = st.builds(
    Progress,
    started=TIMES,
    asked=TIMES,
    percentage=st.integers(0, 100),
    zero_until=TIMES,
    less_until=TIMES,
    changed=TIMES,
    step=st.integers(0, 100),
    measured_from=st.none() | TIMES,
    measured_at=st.integers(1, 100),
    rate=st.floats(0, 1e12),
    trust=st.integers(STILL, 2),
)


@given(FACTS, st.none() | st.floats(0.001, 1e5), TIMES, st.none() | TIMES)
def test_the_next_question_is_always_in_the_future_and_never_beyond_the_longest_gap(
    facts: Progress, typical: float | None, now: float, earliest_end: float | None
) -> None:
    before = asdict(facts)
    due = next_question(PACE, facts, typical, now, earliest_end)

    assert now + 0.999 * PACE.lag <= due <= now + PACE.longest * 1.001
    assert asdict(facts) == before, "asking when to ask changes nothing"


@given(st.floats(0.01, 100), st.floats(0.01, 100), FACTS, st.none() | st.floats(0.001, 1e5), TIMES)
def test_the_longest_gap_is_kept_at_any_pace(
    lag: float, longest: float, facts: Progress, typical: float | None, now: float
) -> None:
    due = next_question(Pace(lag=lag, longest=longest), facts, typical, now)

    assert now < due <= now + longest * 1.001


@given(st.lists(st.tuples(st.floats(0.01, 30), st.none() | st.integers(0, 100)), max_size=30), TIMES)
def test_whatever_is_observed_the_next_question_can_be_told(
    replies: list[tuple[float, int | None]], started: float
) -> None:
    facts = Progress(started=started)
    now = started
    for passed, percentage in replies:
        now += passed
        observe(facts, percentage, now)
        assert (facts.asked, facts.percentage) == (now, percentage or 0)
        assert STILL <= facts.trust <= 2
        assert now < next_question(PACE, facts, None, now) <= now + PACE.longest * 1.001


def watched(*seen: tuple[float, int]) -> Progress:
    """Give what is known of a task that was seen to be so far at these times."""
    facts = Progress(started=0.0)
    for when, percentage in seen:
        observe(facts, percentage, when)
    return facts


def test_a_prediction_that_proves_right_earns_trust_and_one_that_does_not_loses_all_of_it() -> None:
    evenly = [(10.0, 0), (20.0, 20), (22.0, 24), (25.0, 30), (30.0, 40), (34.0, 48)]

    trusts = [watched(*evenly[:number]).trust for number in range(1, 7)]

    assert trusts == [0, 0, 1, 2, 2, 2]
    assert watched(*evenly, (40.0, 70)).trust == 0, "22 percent instead of 12"
    assert watched(*evenly, (40.0, 53)).trust == 0, "5 percent instead of 12"


def test_no_more_is_predicted_than_is_left() -> None:
    facts = risen(90, now=50.0, rate=2.0, trust=1)

    observe(facts, 99, 80.0)

    assert facts.trust == 2, "of the 60 percent that the pace promised there were but 10"


def test_that_nothing_moved_within_a_step_proves_nothing() -> None:
    assert watched((10.0, 0), (20.0, 20), (21.0, 20), (22.0, 20)).trust == 0
    assert watched((10.0, 0), (20.0, 20), (22.0, 24), (23.0, 24)).trust == 1


def test_a_rise_that_was_not_seen_to_start_may_be_twice_as_fast() -> None:
    seen, unseen = watched((10.0, 0), (20.0, 20)), watched((20.0, 20))

    assert (seen.rate, seen.trust) == (2.0, 0)
    assert (unseen.rate, unseen.trust) == (2.0, 1)


def test_a_rise_of_three_steps_tells_the_pace_and_a_smaller_one_does_not() -> None:
    begun = [(10.0, 0), (20.0, 20), (21.0, 25)]

    assert watched(*begun, (29.0, 30)).rate == 2.0, "ten percent in nine seconds, which are two steps"
    assert watched(*begun, (30.0, 35)).rate == 1.5, "fifteen percent in ten seconds, which are three"


def test_the_size_of_the_steps_is_learnt_from_the_second_rise_on() -> None:
    assert watched((10.0, 0), (20.0, 50)).step == 0
    assert watched((10.0, 0), (20.0, 50), (30.0, 75)).step == 25
    assert watched((10.0, 0), (20.0, 50), (30.0, 75), (35.0, 90)).step == 5


def test_a_percentage_that_should_have_risen_by_two_steps_stands_still_until_it_moves() -> None:
    evenly = [(10.0, 0), (20.0, 20), (25.0, 30)]

    assert watched(*evenly, (28.0, 30)).trust != STILL
    assert watched(*evenly, (36.0, 30)).trust == STILL
    moving = watched(*evenly, (36.0, 30), (40.0, 35))
    assert moving.trust == 0
    assert moving.rate == pytest.approx(15 / 20), "as measured over the standstill: the pace after it is not known"


def test_a_pace_that_quickens_is_seen_before_it_can_be_measured() -> None:
    slow = [(10.0, 0), (20.0, 5), (22.0, 6)]

    assert watched(*slow).rate == pytest.approx(0.5)
    assert watched(*slow, (23.0, 13)).rate == pytest.approx(2.0), "it has risen by a step less than 7 for sure"
    assert watched(*slow, (24.0, 13)).rate == pytest.approx(1.0), "in two seconds"


def test_a_percentage_that_falls_moves_too() -> None:
    fallen = watched((5.0, 0), (10.0, 50), (11.0, 55), (30.0, 40))

    assert (fallen.percentage, fallen.changed, fallen.trust) == (40, 30.0, 0)
    assert (fallen.measured_from, fallen.measured_at) == (30.0, 40)
    fallen_by_one = watched((5.0, 0), (10.0, 50), (11.0, 49))
    assert (fallen_by_one.measured_from, fallen_by_one.measured_at) == (11.0, 49)


@pytest.mark.parametrize(
    ("rate", "now", "seen", "trust"),
    [
        (1.0, 11.0, 52, 2),
        (1.0, 11.0, 53, 0),  # more than twice what was predicted, however little that is
        (2.0, 20.0, 77, 2),  # a tenth and a step more than the 20 that were predicted
        (2.0, 20.0, 78, 0),
    ],
)
def test_a_rise_proves_a_prediction_right_within_a_tenth_and_a_step(
    rate: float, now: float, seen: int, trust: int
) -> None:
    facts = risen(50, now=10.0, rate=rate, trust=1)
    facts.step = 5
    observe(facts, seen, now)

    assert facts.trust == trust


def test_after_a_fall_to_zero_the_old_pace_proves_nothing() -> None:
    assert watched((5.0, 0), (10.0, 50), (11.0, 55), (32.0, 0), (34.0, 20)).trust == 0


def test_a_fall_to_zero_proves_no_prediction_right_however_small_it_is() -> None:
    facts = risen(3, now=10.0, rate=1.0, trust=1)

    observe(facts, 0, 10.5)

    assert facts.trust == 0


def test_up_to_a_hundred_replies_may_leave_a_task_out() -> None:
    assert Pace(misses=100).misses == 100
    with pytest.raises(ValueError, match="100"):
        Pace(misses=101)


def test_a_percentage_that_falls_back_to_zero_starts_anew() -> None:
    fallen = watched((5.0, 0), (10.0, 50), (11.0, 55), (30.0, 55), (32.0, 0))

    assert (fallen.zero_until, fallen.trust, fallen.step) == (32.0, 0, 0)
    observe(fallen, 10, 37.0)
    assert fallen.rate == 2.0


@pytest.mark.parametrize(
    ("facts", "typical", "expected"),
    [
        # 30 s after it was accepted, or twice as long as tasks of its action take.
        (Progress(started=7.0), None, 37.0),
        (Progress(started=7.0), 15.0, 37.0),
        (Progress(started=7.0), 40.0, 87.0),
        # And 30 s after the last question, whatever that brought.
        (Progress(started=7.0, asked=9.0), None, 39.0),
        (risen(98, now=60.0, trust=2), None, 90.0),
        (Progress(started=7.0, asked=9.0), 40.0, 87.0),
    ],
)
def test_a_task_whose_end_a_webhook_tells_is_left_alone_for_a_while(
    facts: Progress, typical: float | None, expected: float
) -> None:
    assert next_backstop(PACE, facts, typical) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # A twentieth of a second after the delivery, so that several go together, ...
        (None, 20.05),
        (3.0, 20.05),
        # ... and half a second after the last question at the soonest, however many come.
        (19.9, 20.4),
        (20.0, 20.5),
    ],
)
def test_a_task_of_which_a_delivery_came_is_asked_about_soon(asked: float | None, expected: float) -> None:
    assert after_nudge(PACE, Progress(started=0.0, asked=asked), 20.0) == pytest.approx(expected)


@given(FACTS, st.none() | st.floats(0.001, 1e5), TIMES)
def test_to_be_told_never_costs_more_than_not_to_be_told(facts: Progress, typical: float | None, now: float) -> None:
    """Asked about at *now*, the back-stop comes no sooner than the usual question would."""
    facts.asked, facts.started = now, min(facts.started, now)
    backstop = next_backstop(PACE, facts, typical)

    assert backstop >= now + PACE.quiet
    assert backstop > next_question(PACE, facts, typical, now)


def test_an_outage_is_asked_about_ever_less_often_down_to_the_longest_gap() -> None:
    assert [after_outage(PACE, failures) for failures in (1, 2, 3, 4, 5, 10_000)] == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lag": 0},
        {"lag": -1},
        {"lag": math.nan},
        {"longest": 0},
        {"ahead": -1},
        {"quiet": 0},
        {"misses": 0},
        {"misses": 101},
    ],
)
def test_a_pace_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Pace(**wrong)


# --- the time left


def seen(percentage: int, *, at: float, since: float = 0.0) -> Progress:
    """Make the facts of a task that began at *since* and was at *percentage* when it was asked about."""
    return Progress(started=since, asked=at, percentage=percentage, zero_until=since)


@pytest.mark.parametrize(
    ("facts", "usual", "now", "expected"),
    [
        # Nothing is known: not asked about, or asked about and at nothing yet.
        (Progress(started=0.0), None, 5.0, None),
        (seen(0, at=5.0), None, 5.0, None),
        # Only what is usual: what is left of it, and never less than nothing.
        (Progress(started=0.0), 60.0, 0.0, 60.0),
        (Progress(started=0.0), 60.0, 45.0, 15.0),
        (seen(0, at=70.0), 60.0, 80.0, 0.0),
        # Only its pace: a fifth took 10 s, so that four fifths take 40 s, of which 5 have passed since.
        (seen(20, at=10.0), None, 10.0, 40.0),
        (seen(20, at=10.0), None, 15.0, 35.0),
        # Where it stood at nothing for long, that time tells nothing of the pace.
        (Progress(started=0.0, asked=110.0, percentage=20, zero_until=100.0), None, 110.0, 40.0),
        # Both: the further it is, the more its pace counts.
        (seen(20, at=10.0), 100.0, 10.0, 0.2 * 40 + 0.8 * 90),
        (seen(90, at=90.0), 200.0, 90.0, 0.9 * 10 + 0.1 * 110),
        (seen(100, at=90.0), 200.0, 90.0, 0.0),
    ],
)
def test_the_time_left_follows_pace_and_custom(
    facts: Progress, usual: float | None, now: float, expected: float | None
) -> None:
    left = time_left(facts, usual, now)
    assert left == (expected if expected is None else pytest.approx(expected))


@given(FACTS, st.none() | st.floats(0, 1e6), TIMES, st.floats(0, 1e6))
def test_the_time_left_is_a_number_that_shrinks_while_nothing_is_heard(
    facts: Progress, usual: float | None, now: float, later: float
) -> None:
    left, then = time_left(facts, usual, now), time_left(facts, usual, now + later)
    assert (left is None) == (then is None)
    if left is not None and then is not None:
        assert 0 <= then <= left * (1 + 1e-9)
        assert math.isfinite(left)
    if usual is not None:
        assert left is not None


def test_what_is_usual_is_what_half_of_the_newest_hundred_take_from_the_third_on() -> None:
    durations = Durations()
    for seconds in (50.0, 10.0):
        durations.learn("imagine", seconds, 0.0)
        assert durations.usual("imagine") is None
    durations.learn("imagine", 30.0, 0.0)
    assert durations.usual("imagine") == 30.0
    assert durations.usual("pan") is None
    for now in range(100):
        durations.learn("imagine", 7.0, float(now))
    assert durations.usual("imagine") == 7.0


# --- how long tasks take


def test_nothing_is_typical_before_the_third_task_of_an_action() -> None:
    durations = Durations()
    told: list[float | None] = []
    for seconds in (30.0, 20.0, 25.0, 40.0, 10.0):
        durations.learn("imagine", seconds, 0.0)
        told.append(durations.typical("imagine"))

    # Below the shortest: 3/13, 4/14 and 5/15 of it.
    assert told == [None, None, pytest.approx(20 * 3 / 13), pytest.approx(20 * 4 / 14), pytest.approx(10 * 5 / 15)]
    assert durations.typical("upscale-1x") is None


@given(st.lists(st.floats(0, 1000), min_size=3, max_size=250))
def test_what_is_typical_is_below_the_shortest_of_the_newest_hundred_the_less_is_known_the_further(
    seconds: list[float],
) -> None:
    durations = Durations()
    for now, each in enumerate(seconds):
        durations.learn("imagine", each, 10.0 * now)

    known = seconds[-100:]
    assert durations.typical("imagine") == pytest.approx(min(known) * len(known) / (len(known) + 10))


def test_tasks_that_become_much_shorter_are_noticed_ever_earlier() -> None:
    durations = Durations()
    for _ in range(100):
        durations.learn("imagine", 40.0, 0.0)
    asked: list[float] = []
    for _ in range(20):
        # The task ends after 10 s, and nobody asks before it is typical.
        asked.append(max(10.0, durations.typical("imagine") or 0.0))
        durations.learn("imagine", asked[-1], sum(asked))

    assert asked[0] > 35
    assert asked[-1] == 10.0


def test_of_thousands_that_end_together_those_are_learnt_that_a_hundred_moments_show() -> None:
    """The last hundred to end are the longest, and those that began with them and were shorter have ended before."""
    durations = Durations()
    for began in (0.0, 10.0, 20.0):
        for seconds in range(4000, 6000):
            durations.learn("imagine", seconds / 1000, began + seconds / 1000)

        assert 3.6 < (durations.typical("imagine") or 0.0) < 4.0
