"""A client that lives for a day is at its end what it was in the beginning, whether it is told of ends or asks."""

from __future__ import annotations

from functools import cache
from statistics import mean

import pytest

from tests.longlife.day import Hour, a_day, memory

WARM = 3
"""After so many hours everything has been met that can be."""
LEARNT = 100
"""Durations that are kept of one action."""
SHARED = {"journey_async.core.glimpse.Glimpse": 4096, "journey_async.core.courses.Study": 2 * 30}
"""What is kept on purpose, once for all tasks or for those of each of two actions, and how much of it at the most."""
LATE = "submitter._revelations._late"
OF_A_DOUBT = {
    f"journey_async.{name}"
    for name in (
        "core.actions.Imagine",
        "core.actions.Upscale1x",
        "core.wire.Request",
        "intent.Intent",
        "runner._Latecomers",
        "submitting.Order",
    )
}
"""What is kept of a paid request in doubt, because a webhook may still tell of it; of at most 1000 of them."""
GROWTH = 8 * 1024
"""Bytes by which seven hours may differ from one another."""
BYTES_OF_A_DOUBT = 3 * 1024

TOLD = pytest.mark.parametrize("told", [False, True], ids=["asks", "is told"])


@cache
def hours(*, told: bool) -> list[Hour]:
    return a_day(tasks=30 if told else 60, told=told)


@TOLD
def test_no_table_grows_once_its_tasks_are_done(told: bool) -> None:
    lived = hours(told=told)
    warm = lived[WARM].tables
    for hour in lived[WARM:]:
        assert hour.tables.keys() == warm.keys()
        most = {name: max(size, LEARNT) for name, size in warm.items()} | {LATE: hour.doubts}
        assert {name for name, size in hour.tables.items() if size > most[name]} == set()
    assert {hour.tables["watcher._watched"] for hour in lived} == {0}
    # After a 429 a task counts against the slots until somebody asks about it, even if nobody awaits it.
    for name in ("watcher._others", "slots._holders"):
        assert min(hour.tables[name] for hour in lived[-6:]) == 0


@TOLD
def test_no_object_is_left_behind(told: bool) -> None:
    warm, last = hours(told=told)[WARM], hours(told=told)[-1]
    assert last.objects
    doubts = last.doubts - warm.doubts if told else 0
    more = dict.fromkeys(last.objects, 2) | dict.fromkeys(OF_A_DOUBT, 2 + doubts)
    most = {name: max(warm.objects.get(name, 0) + more[name], SHARED.get(name, 0)) for name in last.objects}
    assert {name: count for name, count in last.objects.items() if count > most[name]} == {}


@TOLD
def test_the_last_hours_are_as_quick_as_the_first_and_cost_as_many_requests(told: bool) -> None:
    early, late = hours(told=told)[WARM:13], hours(told=told)[-10:]
    assert all(hour.accepted >= (30 if told else 60) for hour in hours(told=told))
    assert mean(hour.waited for hour in late) <= 1.2 * mean(hour.waited for hour in early)
    each = [mean(hour.requests / hour.accepted for hour in part) for part in (early, late)]
    assert each[1] <= 1.2 * each[0]


def test_deliveries_come_all_day_and_some_tasks_have_none() -> None:
    """Of ten some three are lost; doubled, late and repeated ones make up for them."""
    assert all(0 < hour.delivered < 2 * hour.accepted for hour in hours(told=True))
    assert not any(hour.delivered for hour in hours(told=False))
    each = [mean(hour.requests / hour.accepted for hour in hours(told=told)) for told in (True, False)]
    assert each[0] < each[1], "who is told asks less"


@TOLD
def test_the_memory_of_a_client_does_not_grow(told: bool) -> None:
    """In bytes of everything that Python allocated, the event loop's and the library's alike."""
    lived = memory(tasks=30, hours=14, told=told)
    warm, last = lived[6], lived[-1]
    doubts = last.doubts - warm.doubts if told else 0
    assert last.size - warm.size <= GROWTH + doubts * BYTES_OF_A_DOUBT
