"""When tasks were on their way: lanes, pauses and fullness, from records alone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journey_async.core.records import Accepted, Ended, Intended, RunBegan, Settled
from journey_async.gallery.drawing import drawing
from journey_async.gallery.timeline import timeline
from journey_async.gallery.words import day, duration, moment

if TYPE_CHECKING:
    from journey_async.core.records import Record


def began(at: float, slots: int | None = 2, nodes: int = 9) -> RunBegan:
    keys = {str(number): f"k{number}" for number in range(nodes)}
    return RunBegan(at=at, version="1", slots=slots, balance=1.0, keys=keys)


def task(number: int, start: float, end: float | None = None, *, failed: bool = False) -> list[Record]:
    intent = f"i{number}-{start}"
    records: list[Record] = [
        Intended(at=start, intent=intent, number=number, parent=None, credits=4),
        Accepted(at=start, intent=intent, task_id=f"t{number}"),
    ]
    return records if end is None else [*records, Ended(at=end, number=number, failed=failed, task={})]


PLACES = {f"k{number}": number for number in range(9)}


def test_two_tasks_at_once_take_two_lanes_and_a_later_one_the_first() -> None:
    """There are as few lanes as tasks were on their way at once."""
    made = timeline([began(100), *task(0, 100, 110), *task(1, 105, 120, failed=True), *task(2, 110, 120)], PLACES)

    assert [(bar.place, bar.start, bar.end, bar.lane, bar.ended) for bar in made.bars] == [
        (0, 0, 10, 0, "finished"),
        (1, 5, 20, 1, "failed"),
        (2, 10, 20, 0, "finished"),
    ]
    assert (made.seconds, made.lanes, made.slots) == (20, 2, 2)
    assert made.fullness == pytest.approx(35 / 40)
    assert made.steps == ((0.0, 0), (0.0, 1), (5.0, 2), (10.0, 2), (20.0, 0))


def test_a_pause_between_two_runs_takes_no_room() -> None:
    """What was submitted in the first run and ended in the second shows the time of both."""
    records = [began(0), *task(0, 5), began(1000, slots=4), Ended(at=1005, number=0, failed=False, task={})]
    made = timeline(records, PLACES)

    assert [(bar.start, bar.end) for bar in made.bars] == [(5, 10)]
    assert [(stretch.start, stretch.end, stretch.slots) for stretch in made.stretches] == [(0, 5, 2), (5, 10, 4)]
    assert made.slots == 4


def test_a_task_that_has_not_ended_lasts_until_the_last_that_is_known() -> None:
    """A run that is on its way has open bars, and one without a number of slots no fullness."""
    made = timeline([began(0, slots=None), *task(0, 1), *task(1, 2, 8)], PLACES)

    assert [(bar.end, bar.ended) for bar in made.bars] == [(8, "open"), (8, "finished")]
    assert made.fullness is None
    assert made.slots is None


def test_an_adopted_task_is_on_its_way_from_then_on() -> None:
    """When it really was submitted nobody knows."""
    records: list[Record] = [
        began(0),
        Intended(at=1, intent="i", number=0, parent=None, credits=4),
        Settled(at=50, number=0, how="adopted", task_id="t"),
        began(100),
        Ended(at=110, number=0, failed=False, task={}),
    ]

    (bar,) = timeline(records, PLACES).bars
    assert (bar.start, bar.end) == (1, 11)


def test_a_node_that_left_the_graph_keeps_its_bar() -> None:
    """Its slot was in use, whatever the graph is now."""
    made = timeline([began(0), *task(8, 0, 5), began(5, nodes=3)], PLACES)

    (bar,) = made.bars
    assert bar.place is None
    drawn = drawing(made, [])
    assert drawn is not None
    assert drawn.bars[0].title == "no longer in the graph: 5.0 s"


def test_nothing_is_drawn_of_nothing() -> None:
    """A journal without a run, and one in which nothing was accepted."""
    assert timeline([], {}).steps == ((0.0, 0),)
    assert drawing(timeline([], {}), []) is None
    assert drawing(timeline([began(0)], PLACES), []) is None


_times = st.floats(0, 1e6, allow_nan=False)


@given(
    st.lists(st.tuples(_times, _times, st.booleans()), max_size=9),
    st.lists(st.tuples(_times, st.one_of(st.none(), st.integers(1, 5))), min_size=1, max_size=4),
)
def test_whatever_the_clocks_did_bars_lie_in_the_picture_and_never_overlap(
    spans: list[tuple[float, float, bool]], runs: list[tuple[float, int | None]]
) -> None:
    """Clocks of machines are set back: ends before starts, runs before earlier ones."""
    records: list[Record] = [began(at, slots) for at, slots in runs[:1]]
    for number, (start, end, open_) in enumerate(spans):
        records += task(number, start, None if open_ else end)
    records += [began(at, slots) for at, slots in runs[1:]]
    made = timeline(records, PLACES)

    for bar in made.bars:
        assert -1e-6 <= bar.start <= bar.end <= made.seconds + 1e-6
    for lane in range(made.lanes):
        in_lane = [bar for bar in made.bars if bar.lane == lane]
        assert all(earlier.end <= later.start for earlier, later in pairwise(in_lane))
    assert made.fullness is None or 0 <= made.fullness <= 1


def test_durations_and_moments_are_written_for_people() -> None:
    """Tenths only where they say something; a time that no calendar has raises nothing."""
    assert [duration(seconds) for seconds in (0.04, 9.94, 42.3, 59.7, 134, 11_100)] == [
        "0.0 s",
        "9.9 s",
        "42 s",
        "1 min 0 s",
        "2 min 14 s",
        "3 h 5 min",
    ]
    assert moment(0) == "1970-01-01 00:00:00 UTC"
    assert day(86_400) == "1970-01-02"
    assert day(1e30) == "at an unknown time"
