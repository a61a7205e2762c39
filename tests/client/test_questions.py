"""Asking: no reply is waited for by anybody whose task it does not tell of."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import Pace, Reply, Request, TaskNotFoundError, Unfinished
from journey_async.waiting import Waiter
from journey_async.workings import Workings
from tests.client.scripted import json_reply
from tests.client.services import PATIENT
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from journey_async.watcher import Watcher

ROUND_TRIP = 0.05
PACE = Pace(lag=0.5, ahead=0)


def told(task_id: str, *, ended: bool) -> dict[str, object]:
    if not ended:
        return {"task_id": task_id, "task_type": "describe", "status": "processing"}
    return {"task_id": task_id, "task_type": "describe", "status": "finished", "content": ["an elk"]}


class Slow:
    """Answers after a round trip, and about the tasks in *stuck* never; those in *ends* have ended then."""

    def __init__(self, *, stuck: frozenset[str] = frozenset(), ends: dict[str, float] | None = None) -> None:
        self.stuck = stuck
        self.ends = ends or {}
        self.asked: list[tuple[str, ...]] = []
        self.under_way = 0
        self.most = 0

    async def send(self, request: Request, /) -> Reply:
        body: Any = request.body
        ids: tuple[str, ...] = tuple(body.get("task_ids") or [body["task_id"]])
        self.asked.append(ids)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await anyio.sleep(math.inf if self.stuck & set(ids) else ROUND_TRIP)
        finally:
            self.under_way -= 1
        now = anyio.current_time()
        items = [told(name, ended=self.ends.get(name, math.inf) <= now) for name in ids]
        return json_reply({"tasks": items} if len(items) > 1 else items[0])

    def watcher(self, pace: Pace = PACE) -> Watcher:
        return Workings.on(self, retry=PATIENT, pace=pace, clock=anyio.current_time).watcher


async def end(watcher: Watcher, task_id: str) -> float:
    """Wait for the end of a task; gives when it was noticed."""
    await watcher.end(watcher.watch(Unfinished(task_id=task_id, status="processing")))
    return anyio.current_time()


@pytest.mark.parametrize(("first", "lags"), [("stuck", 2), ("quick", 3)])
def test_a_reply_that_never_comes_keeps_no_other_task_waiting(first: str, lags: int) -> None:
    """Whoever of the two began to wait first, and asks for both; who asks gives the other a lag more."""
    slow = Slow(stuck=frozenset({"stuck"}), ends={"quick": 20.0})
    noticed: list[float] = []

    async def wait(watcher: Watcher, task_id: str) -> None:
        noticed.append(await end(watcher, task_id))

    async def scene() -> None:
        watcher = slow.watcher()
        async with anyio.create_task_group() as group:
            for task_id in sorted(["stuck", "quick"], key=lambda task_id: task_id != first):
                group.start_soon(wait, watcher, task_id)
                await anyio.sleep(1)
            await anyio.sleep(30)
            group.cancel_scope.cancel()

    run_virtually(scene)
    assert len(noticed) == 1
    assert 20 < noticed[0] <= 20 + lags * PACE.lag + 2 * ROUND_TRIP


def test_who_is_told_waits_no_longer_than_the_lag_for_the_answers_of_others() -> None:
    slow = Slow(stuck=frozenset({"stuck"}), ends={"quick": 5.0})

    async def scene() -> None:
        watcher = slow.watcher()
        async with anyio.create_task_group() as group:

            async def wait_for_both() -> None:
                # It asks for the other as well, whose question is out when its own task ends.
                assert await end(watcher, "quick") <= 5 + 3 * PACE.lag + ROUND_TRIP
                assert slow.under_way == 0

            group.start_soon(wait_for_both)
            await anyio.sleep(1)
            with anyio.move_on_after(8):
                await end(watcher, "stuck")
            asked = [ids for ids in slow.asked if "stuck" in ids]
            assert len(asked) == 2, "the question that was given up is put again by the one that is left"

    run_virtually(scene)


def test_no_more_than_64_questions_are_under_way_at_once_and_none_is_forgotten() -> None:
    count = 70 * 20
    slow = Slow(ends={f"t{number}": 0.0 for number in range(count)})

    async def scene() -> None:
        watcher = slow.watcher()
        all_ended, follower, left = Waiter(), Waiter(), count

        def ended(_: object) -> None:
            nonlocal left
            left -= 1
            if not left:
                watcher.tell(all_ended)

        watcher.on_end = ended
        for number in range(count):
            watcher.join(watcher.watch(Unfinished(task_id=f"t{number}", status="processing")), follower)
        await watcher.wait(all_ended)

    run_virtually(scene)
    assert slow.most == 64
    assert len(slow.asked) == 70
    assert len({name for ids in slow.asked for name in ids}) == count


def test_who_has_asked_asks_again_and_few_wait_to() -> None:
    """A new task of the loop for each question would cost more than the question; to keep all of them, memory."""
    count = 70 * 20
    slow = Slow(ends=dict.fromkeys([f"t{number}" for number in range(20, count)], 0.0))
    askers: set[object] = set()

    class Watching:
        async def send(self, request: Request, /) -> Reply:
            askers.add(asyncio.current_task())
            return await slow.send(request)

    async def scene() -> None:
        watcher = Workings.on(Watching(), retry=PATIENT, pace=PACE, clock=anyio.current_time).watcher
        follower = Waiter()
        for number in range(count):
            watcher.join(watcher.watch(Unfinished(task_id=f"t{number}", status="processing")), follower)
        with anyio.move_on_after(100):
            await watcher.wait(Waiter())
        assert len(slow.asked) > 70 + 100
        assert slow.most == len(askers) == 64

    async def few() -> None:
        async with anyio.create_task_group() as group:
            before = len(asyncio.all_tasks())
            watcher = slow.watcher()
            for number in range(count):
                group.start_soon(end, watcher, f"t{number}")
            await anyio.sleep(10)
            assert len(asyncio.all_tasks()) - before <= 20 + 8
            group.cancel_scope.cancel()

    run_virtually(scene)
    run_virtually(few)


def test_a_reminder_is_kept_while_64_questions_are_under_way() -> None:
    stuck = frozenset(f"t{number}" for number in range(65 * 20))
    reminded: list[float] = []

    async def scene() -> None:
        watcher = Slow(stuck=stuck).watcher()
        follower = Waiter()
        for name in stuck:
            watcher.join(watcher.watch(Unfinished(task_id=name, status="processing")), follower)
        watcher.remind(7.0, lambda: reminded.append(anyio.current_time()))
        with anyio.move_on_after(10):
            await watcher.wait(Waiter())

    run_virtually(scene)
    assert reminded == [7.0]


def test_those_who_come_and_go_leave_nothing_behind() -> None:
    """Only who waits is kept; a thousand came and went while another led."""
    slow = Slow()

    async def scene() -> None:
        watcher = slow.watcher()
        async with anyio.create_task_group() as group:
            group.start_soon(end, watcher, "led")
            for _ in range(1000):
                with anyio.move_on_after(0.001):
                    await end(watcher, "other")
            relay = watcher._questions._relay  # pyright: ignore[reportPrivateUsage]
            assert len(relay._queue) <= 21  # pyright: ignore[reportPrivateUsage]
            group.cancel_scope.cancel()

    run_virtually(scene)


def test_of_many_that_are_told_at_once_one_that_is_not_leads_on() -> None:
    """The leader and nearly all others are not found; the one that is left asks on, alone."""
    names = [f"t{number}" for number in range(40)]
    slow = Slow(ends={"t39": 9.0})
    gone: list[str] = []

    async def scene() -> None:
        watcher = slow.watcher()
        noticed = 0.0

        async def wait(name: str) -> None:
            nonlocal noticed
            try:
                noticed = await end(watcher, name)
            except TaskNotFoundError:
                gone.append(name)

        async with anyio.create_task_group() as group:
            for name in names:
                group.start_soon(wait, name)
            await anyio.sleep(3)
            for name in names[:-1]:
                watch = watcher.known(name)
                assert watch is not None
                for waiter in watch.waiters:
                    watcher._questions.tell(waiter, TaskNotFoundError(name, task_id=name))  # pyright: ignore[reportPrivateUsage]
            before = len(slow.asked)
            await anyio.sleep(1)
            assert len(gone) == 39
            assert set(slow.asked[before:]) <= {("t39",)}
        assert 9 < noticed <= 9 + 2 * PACE.lag + 2 * ROUND_TRIP

    run_virtually(scene)
