"""A client that lives for a day is at its end what it was in the beginning."""

from __future__ import annotations

from functools import cache
from statistics import median

import pytest

from tests.longlife.day import Hour, a_day

WARM = 3
"""After so many hours everything has been met that can be."""
LEARNT = 100
"""Durations that are kept of one action."""
SHARED = {"journey_async.core.glimpse.Glimpse": 4096}
"""What is kept on purpose, once for all tasks, and how much of it at the most."""


@cache
def hours() -> list[Hour]:
    return a_day(tasks=60)


@pytest.mark.timeout(120)
def test_no_table_grows_once_its_tasks_are_done() -> None:
    warm = hours()[WARM].tables
    for hour in hours()[WARM:]:
        assert hour.tables.keys() == warm.keys()
        assert {name for name, size in hour.tables.items() if size > max(warm[name], LEARNT)} == set()
    empty = {name: size for name, size in hours()[-1].tables.items() if name.startswith(("watcher._", "slots._"))}
    assert len(empty) > 5
    assert empty["watcher._others"] == empty["watcher._watched"] == empty["slots._holders"] == 0


def test_no_object_is_left_behind() -> None:
    warm, last = hours()[WARM].objects, hours()[-1].objects
    assert last
    most = {name: max(warm.get(name, 0) + 2, SHARED.get(name, 0)) for name in last}
    assert {name: count for name, count in last.items() if count > most[name]} == {}


def test_the_last_hours_are_as_quick_as_the_first_and_cost_as_many_requests() -> None:
    early, late = hours()[WARM : WARM + 6], hours()[-6:]
    assert all(hour.accepted >= 60 for hour in hours())
    assert median(hour.waited for hour in late) <= 1.15 * median(hour.waited for hour in early)
    each = [median(hour.requests / hour.accepted for hour in part) for part in (early, late)]
    assert each[1] <= 1.15 * each[0]
