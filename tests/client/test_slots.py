"""Slots: never more tasks at once than are allowed, never a slot lost, and nobody waits for one that is free."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
import gc
import json
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import pytest

from journey_async import (
    BadRequestError,
    ClientNotOpenError,
    Finished,
    JourneyError,
    Pace,
    RateLimitError,
    RetryPolicy,
    SubmissionInDoubtError,
    Task,
    TaskFailedError,
)
from journey_async.core.actions import Imagine, Shorten
from journey_async.submitting import Order, order
from journey_async.watch import Watch
from tests.client.scripted import FINISHED, Script, json_reply
from tests.client.services import requests
from tests.client.test_cancellation import CANCELLING, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async import JourneyClient, Reply, Request
    from journey_async.slots import Slot, Slots
    from journey_async.workings import Workings
    from tests.client.services import Service

LIMIT = json_reply({"errors": [{"msg": "Rate limit exceeded"}]}, 429)
CALM = RetryPolicy(first=0.05, longest=0.2)
"""Few probes while a task of these tests runs."""


def workings(journey: JourneyClient) -> Workings:
    """Give what works inside an open client."""
    found = journey._workings
    assert found is not None
    return found


def slots_of(journey: JourneyClient) -> Slots:
    return workings(journey).slots


def at_rest(slots: Slots) -> bool:
    """Tell whether nothing is given out but what tasks hold, and nobody waits."""
    return (slots.waiting, slots._sending, slots._follower) == (0, 0, None)


class Numbered:
    """Accepts every submission under an id of its own; each task ends when it is told to."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self.ended: set[str] = set()

    def __call__(self, request: Request) -> Reply:
        body = request.body or {}
        if request.paid:
            self.accepted.append(f"t{len(self.accepted) + 1}")
            return json_reply({"task_id": self.accepted[-1]})
        if request.path == "/fetch":
            return json_reply(self._item(str(body["task_id"])))
        ids: Any = body["task_ids"]
        return json_reply({"tasks": [self._item(task_id) for task_id in ids]})

    def _item(self, task_id: str) -> dict[str, object]:
        if task_id in self.ended:
            return {**json.loads(FINISHED.body), "task_id": task_id}
        return {"task_id": task_id, "task_type": "imagine", "status": "processing", "percentage": "1"}


async def gathered(number: int, one: Callable[[int], Any]) -> None:
    async with anyio.create_task_group() as group:
        for index in range(number):
            group.start_soon(one, index)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a test looks from outside
        await anyio.sleep(0.002)


async def test_nobody_is_counted_while_nothing_limits(service: Service) -> None:
    """No table is kept, and nothing waits."""
    async with service.client() as journey:
        slots = slots_of(journey)
        tasks = [await journey.imagine(f"elk {index}") for index in range(4)]
        assert (slots.limit, slots.busy, slots._holders) == (None, 4, {})
        await tasks[0]
        assert slots.busy == 3


async def test_no_more_run_at_once_than_are_allowed(service: Service) -> None:
    """By the service's own count; nothing is refused, and the limit goes with the block."""
    seen: list[int] = []
    async with service.client() as journey:
        slots = slots_of(journey)

        async def one(number: int) -> None:
            task = await journey.imagine(f"elk {number}")
            seen.append(service.ledger()["in_flight"])
            await task

        with slots.allowed(3):
            assert slots.limit == 3
            await gathered(12, one)
            assert at_rest(slots)
            assert slots.busy == 0
        assert slots.limit is None
    assert len(seen) == 12
    assert max(seen) <= 3
    assert requests(service, "/imagine") == 12


@pytest.mark.serving(slots=3)
async def test_after_a_burst_of_429s_few_more_follow(service: Service) -> None:
    """Thirty calls at once on three slots: all end, and the client has learnt."""
    async with service.client(retry=CALM) as journey:
        slots = slots_of(journey)

        async def one(number: int) -> None:
            await (await journey.imagine(f"elk {number}"))

        await gathered(30, one)
        assert at_rest(slots)
    assert service.ledger()["accepted"] == 30
    # The burst itself is 30 requests, of which 27 are in vain.
    assert requests(service, "/imagine") <= 27 + 30 + 20


@pytest.mark.serving(slots=3)
async def test_a_plan_that_another_client_fills_is_probed_until_it_has_room(service: Service) -> None:
    """None of its own tasks ends, and it gets on by itself."""
    async with service.client() as other, service.client() as journey:
        guest = await other.imagine("[sandbox:seconds=2]")
        mine = [await journey.imagine("[sandbox:stuck]") for _ in range(2)]
        with anyio.fail_after(20):
            mine.append(await journey.imagine("one more"))
        assert (await other.fetch(guest)).done
        assert slots_of(journey).busy == 3
        assert at_rest(slots_of(journey))
    assert requests(service, "/imagine") > 4


@pytest.mark.serving(slots=1)
async def test_a_plan_that_others_fill_wholly_is_waited_for(service: Service) -> None:
    """One request may always be tried."""
    async with service.client() as other, service.client() as journey:
        await other.imagine("[sandbox:seconds=1]")
        with anyio.fail_after(20):
            await (await journey.imagine("an elk"))
    assert service.ledger()["accepted"] == 2


async def test_calls_overtake_runs_and_each_come_in_their_order() -> None:
    """Calls are somebody who looks at a screen."""
    service = Numbered()
    served: list[str] = []
    async with Script(service).client() as journey:
        slots = slots_of(journey)

        async def take(name: str) -> None:
            with await slots.take(overtaking=name.startswith("call")):
                served.append(name)

        with slots.allowed(1):
            async with anyio.create_task_group() as group:
                with await slots.take(overtaking=False):
                    for name in ("run 1", "run 2", "call 1", "run 3", "call 2"):
                        group.start_soon(take, name)
                        await anyio.wait_all_tasks_blocked()
                    assert slots.waiting == 5
                    assert served == []
        assert at_rest(slots)
    assert served == ["call 1", "call 2", "run 1", "run 2", "run 3"]


async def test_a_verb_of_the_client_overtakes_what_runs_wait_for() -> None:
    """It is a single call."""
    service = Numbered()
    async with Script(service).client() as journey:
        slots = slots_of(journey)
        accepted_before: list[int] = []

        async def take() -> None:
            with await slots.take(overtaking=False):
                accepted_before.append(len(service.accepted))

        with slots.allowed(1):
            async with anyio.create_task_group() as group:
                with await slots.take(overtaking=False):
                    group.start_soon(take)
                    await anyio.wait_all_tasks_blocked()
                    group.start_soon(journey.imagine, "an elk")
                    await anyio.wait_all_tasks_blocked()
                await until(lambda: service.accepted == ["t1"])
                service.ended.add("t1")
    assert accepted_before == [1]


@CANCELLING
@pytest.mark.parametrize("leaving", [0, 1, 2])
async def test_a_waiter_that_is_cancelled_loses_nothing(cancelled: Any, leaving: int) -> None:
    """Whether it was the first, which asks for all, or another: the others get their slots."""
    service = Numbered()
    async with Script(service).client() as journey:
        slots = slots_of(journey)
        with slots.allowed(1):
            holder = await journey.imagine("holds the slot")
            served: list[int] = []

            async def one(number: int) -> None:
                task = await journey.imagine(f"elk {number}")
                served.append(number)
                service.ended.add(task.id)

            async with anyio.create_task_group() as group:
                for number in range(leaving):
                    group.start_soon(one, number)
                    await anyio.wait_all_tasks_blocked()

                async def others_follow() -> None:
                    await anyio.wait_all_tasks_blocked()
                    for number in range(leaving + 1, 4):
                        group.start_soon(one, number)
                        await anyio.wait_all_tasks_blocked()

                await cancelled(one(leaving), others_follow, nothing)
                assert slots.waiting == 3
                service.ended.add(holder.id)
            assert sorted(served) == sorted({0, 1, 2, 3} - {leaving})
            assert at_rest(slots)


@CANCELLING
async def test_a_slot_that_was_granted_to_a_cancelled_waiter_goes_to_the_next(cancelled: Any) -> None:
    """In the very moment between being granted and running on."""
    async with Script(Numbered()).client() as journey:
        slots = slots_of(journey)
        served: list[str] = []

        async def take(name: str) -> None:
            with await slots.take(overtaking=False):
                await anyio.lowlevel.checkpoint()
                served.append(name)

        with slots.allowed(1):
            async with anyio.create_task_group() as group:
                slot = await slots.take(overtaking=False)

                async def both_wait_and_one_is_granted() -> None:
                    await anyio.wait_all_tasks_blocked()
                    group.start_soon(take, "second")
                    await anyio.wait_all_tasks_blocked()
                    with slot:
                        pass
                    assert slots.waiting == 1

                await cancelled(take("first"), both_wait_and_one_is_granted, nothing)
            assert served == ["second"]
            assert at_rest(slots)


@CANCELLING
async def test_a_submission_that_is_cancelled_under_way_holds_its_slot_if_it_was_accepted(cancelled: Any) -> None:
    """And frees it if it was not."""
    service = Numbered()
    script = Script(service, holding=True)
    async with script.client() as journey:
        slots = slots_of(journey)
        with slots.allowed(1):
            await cancelled(journey.imagine("an elk"), script.arrived.wait, script.released.set)
            assert (slots.busy, slots._sending) == (1, 0)
            (orphan,) = journey.orphans
            assert isinstance(orphan, Task)
            service.ended.add(orphan.id)
            await orphan
            script.arrived, script.released = anyio.Event(), anyio.Event()
            script.play(json_reply({}, 400))
            await cancelled(journey.imagine("an elk"), script.arrived.wait, script.released.set)
            assert (slots.busy, slots._sending) == (0, 0)


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.003, 0.01, 0.02, 0.04])
async def test_whenever_callers_are_cancelled_all_slots_come_back(service: Service, seconds: float) -> None:
    """By a scope and by asyncio's own timeout."""
    async with service.client() as journey:
        slots = slots_of(journey)

        async def one(number: int) -> None:
            task = await journey.imagine(f"elk {number}")
            await task

        async def hurried(number: int) -> None:
            try:
                async with asyncio.timeout(seconds):
                    await one(number)
            except TimeoutError:
                pass

        with slots.allowed(2):
            with anyio.move_on_after(seconds):
                await gathered(5, one)
            await gathered(5, hurried)
            assert at_rest(slots)
            with anyio.fail_after(20):
                await gathered(4, one)
            assert at_rest(slots)


async def test_handles_that_were_thrown_away_block_nobody(service: Service) -> None:
    """The tasks behind them are followed still."""
    async with service.client() as journey:
        with slots_of(journey).allowed(1), anyio.fail_after(20):
            for number in range(4):
                await journey.imagine(f"elk {number}")
                gc.collect()
    assert service.ledger()["accepted"] == 4


async def test_tasks_that_run_when_a_limit_comes_up_are_counted(service: Service) -> None:
    """Those of this client, that somebody still holds and that have not ended."""
    async with service.client() as other, service.client() as journey:
        slots = slots_of(journey)
        done, running = await journey.imagine("an elk"), await journey.imagine("[sandbox:stuck]")
        await done
        not_mine = journey.task((await other.imagine("[sandbox:stuck]")).id)
        with slots.allowed(5):
            assert slots.busy == 1
            with slots.allowed(9):
                assert (slots.limit, slots.busy) == (9, 1)
            assert slots.limit == 5
            slots.hold(workings(journey).watcher.watch(not_mine.state))
            assert slots.busy == 2
        assert slots._holders == {}
        assert not running.done


async def test_a_resumed_task_holds_a_slot_even_above_the_limit() -> None:
    """It runs anyway; a new one waits until there is room, and one that has ended holds nothing."""
    service = Numbered()
    async with Script(service).client() as journey:
        slots = slots_of(journey)
        resumed = [journey.task(f"r{number}") for number in range(3)]
        with slots.allowed(2):
            for task in resumed:
                slots.hold(task._watch)
            assert slots.busy == 3

            async def end_one_after_another() -> None:
                for task in resumed[:2]:
                    await anyio.wait_all_tasks_blocked()
                    assert service.accepted == []
                    service.ended.add(task.id)
                    await until(lambda task=task: task.done)  # type: ignore[misc]

            async with anyio.create_task_group() as group:
                group.start_soon(journey.imagine, "waits for two ends")
                await end_one_after_another()
            assert service.accepted == ["t1"]
            slots.hold(resumed[0]._watch)
            assert slots.busy == 2


async def test_a_failed_task_frees_its_slot(service: Service) -> None:
    """As well as one that finished."""
    async with service.client() as journey:
        with slots_of(journey).allowed(1), anyio.fail_after(20):
            failed = await journey.imagine("[sandbox:fail=No.]")
            await (await journey.imagine("an elk"))
            with pytest.raises(TaskFailedError):
                await failed


@pytest.mark.parametrize(
    "answer",
    [
        json_reply({"errors": [{"msg": "task_id not found"}]}, 400),
        json_reply({"task_id": "t1", "task_type": "imagine", "status": "finished"}),
    ],
    ids=["not found", "unreadable"],
)
async def test_a_task_that_nobody_can_wait_for_frees_its_slot(answer: Reply) -> None:
    """The service does not know it, or its result cannot be read."""
    script = Script(json_reply({"task_id": "t1"}), answer)
    async with script.client() as journey:
        slots = slots_of(journey)
        with slots.allowed(1), anyio.fail_after(20):
            lost = await journey.imagine("an elk")
            assert slots.busy == 1
            with await slots.take(overtaking=True):
                assert slots.busy == 0
            assert not lost.done


async def test_news_from_any_question_frees_a_slot() -> None:
    """Whoever asks: the one that waits does not sleep on."""
    service = Numbered()
    async with Script(service).client(pace=Pace(lag=30, longest=60)) as journey:
        with slots_of(journey).allowed(1), anyio.fail_after(20):
            first = await journey.imagine("an elk")
            async with anyio.create_task_group() as group:
                group.start_soon(journey.imagine, "another")
                await anyio.wait_all_tasks_blocked()
                service.ended.add(first.id)
                await journey.fetch(first)
    assert service.accepted == ["t1", "t2"]


async def test_waiters_for_slots_and_for_tasks_ask_for_each_other() -> None:
    """Whoever leads, and whoever leaves first."""
    service = Numbered()
    async with Script(service).client() as journey:
        slots = slots_of(journey)
        with slots.allowed(2), anyio.fail_after(20):
            first, second = await journey.imagine("an elk"), await journey.imagine("a moose")
            ends: list[str] = []

            async def end(task: Task[Any]) -> None:
                await task
                ends.append(task.id)

            async with anyio.create_task_group() as group:
                group.start_soon(end, first)
                await anyio.wait_all_tasks_blocked()
                group.start_soon(journey.imagine, "a third")
                group.start_soon(journey.imagine, "a fourth")
                await anyio.wait_all_tasks_blocked()
                service.ended.add(second.id)
                await until(lambda: slots.waiting == 1)
                assert (second.done, ends) == (True, [])
                service.ended.add(first.id)
            assert ends == ["t1"]
            assert len(service.accepted) == 4
            assert at_rest(slots)


async def test_nobody_asks_about_tasks_when_nobody_waits_for_slots() -> None:
    """The tasks that hold slots cost nothing by themselves."""
    script = Script(Numbered())
    async with script.client() as journey:
        slots = slots_of(journey)
        with slots.allowed(2):
            await journey.imagine("an elk")
            await journey.imagine("a moose")
            with anyio.move_on_after(0.03):
                await journey.imagine("too many")
            sent = len(script.sent)
            assert sent > 2
            await anyio.sleep(0.03)
            assert len(script.sent) == sent


async def test_closing_the_client_wakes_those_who_wait_for_a_slot() -> None:
    """With an error that says so; nothing is sent any more, even if the limit falls in the same moment."""
    script = Script(Numbered())
    caught: list[JourneyError] = []
    left: list[Slots] = []
    async with anyio.create_task_group() as group:
        with ExitStack() as afterwards:
            async with script.client() as journey:
                slots = slots_of(journey)
                left.append(slots)

                async def one() -> None:
                    with pytest.raises(ClientNotOpenError) as info:
                        await journey.imagine("an elk")
                    caught.append(info.value)

                afterwards.enter_context(slots.allowed(1))
                await journey.imagine("holds the slot")
                group.start_soon(one)
                group.start_soon(one)
                await anyio.wait_all_tasks_blocked()
                assert slots.waiting == 2
    assert len(caught) == 2
    assert at_rest(left[0])
    assert len([request for request in script.sent if request.paid]) == 1


@pytest.mark.serving(plan="enterprise", slots=40, task_seconds=0.5)
async def test_an_unknown_number_of_slots_is_found_out(service: Service) -> None:
    """From 25 up, one by one, until the service says that it is enough."""
    seen: list[int] = []
    async with service.client(retry=CALM) as journey:
        slots = slots_of(journey)

        async def one(number: int) -> None:
            await journey.imagine(f"elk {number}")
            seen.append(service.ledger()["in_flight"])

        with slots.allowed(None):
            assert slots.limit == 25
            await gathered(70, one)
    assert max(seen) > 30
    assert service.ledger()["accepted"] == 70


@pytest.mark.serving(slots=4, task_seconds=0.2)
async def test_tasks_of_a_synchronous_model_count_while_their_request_is_under_way(service: Service) -> None:
    """They end with their reply, and a 429 does not mean that one at a time is all there is."""
    busiest = 0
    async with service.client(retry=CALM) as journey:
        slots = slots_of(journey)

        async def one(number: int) -> None:
            nonlocal busiest
            task = await journey.imagine(f"elk {number}", model="flux-2-dev")
            busiest = max(busiest, (slots.limit or 0))
            assert isinstance(task.state, Finished)

        with slots.allowed(None):
            await gathered(16, one)
        assert slots.busy == 0
        assert at_rest(slots)
    assert busiest >= 4
    assert service.ledger()["accepted"] == 16


async def test_tasks_that_end_with_their_reply_prove_how_many_ran_at_once() -> None:
    """Two requests that were under way together raise a limit of one; one after the other would not."""
    script = Script(FINISHED)
    async with script.client() as journey:
        slots = slots_of(journey)

        def limit_is(number: int) -> Callable[[], bool]:
            return lambda: slots.limit == number

        with slots.allowed(None):
            with await slots.take(overtaking=True):
                slots.refused()
            assert slots.limit == 1
            await until(limit_is(2))
            await journey.imagine("alone")
            assert slots.limit == 2
            script.arrived, script.released = anyio.Event(), anyio.Event()
            async with anyio.create_task_group() as group:
                group.start_soon(journey.imagine, "one of two")
                group.start_soon(journey.imagine, "two of two")
                await anyio.wait_all_tasks_blocked()
                script.released.set()
            assert slots.limit == 3


async def test_requests_that_are_under_way_when_a_429_comes_count_as_running() -> None:
    """They may have been accepted; their replies prove nothing more, for what was out too may be what was refused."""
    script = Script(FINISHED, holding=True)
    async with script.client() as journey:
        slots = slots_of(journey)
        with slots.allowed(None):
            async with anyio.create_task_group() as group:
                with await slots.take(overtaking=True):
                    group.start_soon(journey.imagine, "under way along with it")
                    group.start_soon(journey.imagine, "this one too")
                    await anyio.wait_all_tasks_blocked()
                    slots.refused()
                assert slots._belief.level == 2
                script.released.set()
            assert slots._belief.level == 2


async def test_a_waiter_that_sleeps_long_is_woken_when_a_quiet_time_is_over() -> None:
    """Also if the 429 comes only after it fell asleep."""
    service = Numbered()
    script = Script(service)
    async with script.client(pace=Pace(lag=30, longest=60)) as journey:
        parts = workings(journey)
        slots = parts.slots
        with slots.allowed(2), anyio.fail_after(10):
            await journey.imagine("holds a slot, and is asked about much later")
            async with anyio.create_task_group() as group:
                with await slots.take(overtaking=False):
                    group.start_soon(journey.imagine, "waits")
                    await anyio.wait_all_tasks_blocked()
                    slots.refused()
            assert service.accepted == ["t1", "t2"]
    assert len(script.sent) == 2


async def test_a_429_is_forgotten_after_a_while() -> None:
    """And so are those who were counted."""
    service = Numbered()
    script = Script(service, LIMIT, service)
    async with script.client() as journey:
        slots = slots_of(journey)
        await journey.imagine("an elk")
        kept = await journey.imagine("a moose")
        assert slots.limit is not None
        assert kept.id in slots._holders
        slots._clock = lambda: time.monotonic() + 100
        await journey.imagine("a third")
        assert slots.limit is None
        assert slots._holders == {}


async def test_a_quiet_time_that_ends_between_two_looks_at_the_clock_keeps_nobody_waiting() -> None:
    """Who begins to wait right before its end is served right after it, and not a minute later."""
    script = Script(Numbered())
    async with script.client(retry=CALM) as journey:
        slots = slots_of(journey)
        running = [await journey.imagine("an elk"), await journey.imagine("a moose")]
        with await slots.take(overtaking=True):
            slots.refused()
        ends = slots._belief.quiet_until
        for before in range(1, 5):
            looks = [ends - 0.001] * before
            slots._clock = lambda: looks.pop() if looks else max(ends + 0.001, time.monotonic())  # noqa: B023
            with anyio.fail_after(10):
                taken = await slots.take(overtaking=True)
            with taken:
                assert slots.busy == len(running)


async def test_waiting_for_a_slot_is_no_part_of_patience() -> None:
    """A 429 after a long wait for one's own tasks is repeated as the first one would be."""
    service = Numbered()
    script = Script(service)
    impatient = RetryPolicy(first=0.001, longest=0.002, rate_limit_patience=0.02)
    async with script.client(retry=impatient) as journey:
        with slots_of(journey).allowed(1), anyio.fail_after(20):
            first = await journey.imagine("an elk")
            async with anyio.create_task_group() as group:
                group.start_soon(journey.imagine, "a moose")
                await anyio.sleep(0.04)
                script.play(json_reply({**json.loads(FINISHED.body), "task_id": first.id}), LIMIT, service)
    assert service.accepted == ["t1", "t2"]


async def test_a_run_submits_once_within_its_slot(service: Service) -> None:
    """A 429 is its to handle; the slots have learnt from it."""
    service.set_faults(["http-429-bare:imagine:1"])
    told: list[Watch | JourneyError] = []

    def tell(_: Order, outcome: Watch | JourneyError) -> None:
        told.append(outcome)

    async with service.client() as journey:
        parts = workings(journey)
        asked = order(Imagine(prompt="an elk"), intent_id="i-1")
        with parts.slots.allowed(5):
            with pytest.raises(RateLimitError), await parts.slots.take(overtaking=False) as slot:
                await parts.submitter.submit_once(asked, slot, unclaimed=tell)
            assert requests(service, "/imagine") == 1
            with await parts.slots.take(overtaking=False) as slot:
                watch = await parts.submitter.submit_once(asked, slot, unclaimed=tell)
            assert (parts.slots.busy, watch.terms.action) == (1, "imagine")
            await parts.watcher.end(watch)
            assert (parts.slots.busy, told) == (0, [])


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (json_reply({"task_id": "t1"}), Watch),
        (json_reply({}, 500), SubmissionInDoubtError),
        (json_reply({}, 400), BadRequestError),
        (LIMIT, RateLimitError),
    ],
    ids=["accepted", "in doubt", "refused", "429"],
)
@CANCELLING
async def test_what_came_of_an_abandoned_request_is_told(cancelled: Any, reply: Reply, expected: type) -> None:
    """All four of it, so that a run can write it down."""
    told: list[Watch | JourneyError] = []
    asked = order(Shorten(prompt="an elk"))
    script = Script(reply, holding=True)

    def tell(of: Order, outcome: Watch | JourneyError) -> None:
        assert of is asked
        told.append(outcome)

    async with script.client() as journey:
        parts = workings(journey)

        async def one() -> None:
            taken: Slot
            with await parts.slots.take(overtaking=False) as taken:
                await parts.submitter.submit_once(asked, taken, unclaimed=tell)

        with parts.slots.allowed(9):
            await cancelled(one(), script.arrived.wait, script.released.set)
            assert parts.slots.limit == (1 if expected is RateLimitError else 9)
            assert parts.slots.busy == (1 if expected is Watch else 0)
            assert at_rest(parts.slots)
    (outcome,) = told
    assert type(outcome) is expected
    if isinstance(outcome, SubmissionInDoubtError):
        assert isinstance(outcome.__cause__, JourneyError)


def test_an_order_shows_no_secret() -> None:
    """Neither in its intent nor when it is printed."""
    made = order(Imagine(prompt="an elk", webhook_url="https://example.com/hook", webhook_secret="canary"))
    assert made.request.body is not None
    assert made.request.body["webhook_secret"] == "canary"
    assert "webhook_secret" not in made.intent.body
    assert "canary" not in repr(made)
    assert made.intent.id != order(made.action).intent.id
    assert order(made.action, "p1", intent_id="i-1").intent.parent == "p1"
