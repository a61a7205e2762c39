"""Cancelling at every point of the money path: nothing is torn, nothing is lost, nothing runs on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import JourneyClient, RetryPolicy, SubmissionInDoubtError, Task
from journey_async.finishing import finish
from tests.client.scripted import ACCEPTED, FINISHED, Script, json_reply
from tests.client.services import PATIENT, requests

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.client.services import Service


async def by_scope(call: Awaitable[Any], when: Callable[[], Awaitable[None]], then: Callable[[], None]) -> None:
    """Cancel *call* by an anyio scope."""

    async def run(scope: anyio.CancelScope) -> None:
        with scope:
            await call

    async with anyio.create_task_group() as group:
        scope = anyio.CancelScope()
        group.start_soon(run, scope)
        await when()
        scope.cancel()
        await anyio.wait_all_tasks_blocked()
        then()


async def by_task(call: Awaitable[Any], when: Callable[[], Awaitable[None]], then: Callable[[], None]) -> None:
    """Cancel *call* as asyncio itself does."""

    async def run() -> None:
        await call

    task = asyncio.create_task(run())
    await when()
    task.cancel()
    await anyio.wait_all_tasks_blocked()
    then()
    with pytest.raises(asyncio.CancelledError):
        await task


CANCELLING = pytest.mark.parametrize("cancelled", [by_scope, by_task])


def nothing() -> None:
    """Do nothing more."""


@CANCELLING
async def test_the_reply_to_a_paid_request_is_not_torn_from_its_record(cancelled: Any) -> None:
    """Cancelled while it is under way: the task is kept as an orphan, and the cancellation goes on."""
    script = Script(ACCEPTED, FINISHED, holding=True)
    async with script.client() as journey:
        await cancelled(journey.imagine("an elk"), script.arrived.wait, script.released.set)
        (orphan,) = journey.orphans
        assert isinstance(orphan, Task)
        assert (orphan.id, orphan.action and orphan.action.name) == ("t1", "imagine")
        await orphan
    assert [request.path for request in script.sent] == ["/imagine", "/fetch"]


@CANCELLING
async def test_an_unknown_fate_is_kept_in_doubt(cancelled: Any) -> None:
    """The reply was an error of the service: the intent is kept, as it would have been raised."""
    script = Script(json_reply({}, 500), holding=True)
    async with script.client() as journey:
        await cancelled(journey.imagine("an elk"), script.arrived.wait, script.released.set)
        (orphan,) = journey.orphans
    assert isinstance(orphan, SubmissionInDoubtError)
    assert orphan.intent.body["prompt"] == "an elk"
    assert len(script.sent) == 1


@CANCELLING
async def test_a_refusal_leaves_nothing_to_keep(cancelled: Any) -> None:
    """Certainly not accepted, and not repeated for a caller who has gone."""
    script = Script(json_reply({}, 429), holding=True)
    async with script.client() as journey:
        await cancelled(journey.imagine("an elk"), script.arrived.wait, script.released.set)
        assert journey.orphans == ()
    assert len(script.sent) == 1


async def test_the_cancellation_carries_the_doubt() -> None:
    """For callers who catch it."""
    script = Script(json_reply({}, 500), holding=True)
    async with script.client() as journey:
        task = asyncio.create_task(journey.imagine("an elk"))
        await script.arrived.wait()
        task.cancel()
        script.released.set()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert isinstance(caught.value.__cause__, SubmissionInDoubtError)
    assert journey.orphans == (caught.value.__cause__,)


@CANCELLING
async def test_waiting_for_a_429_to_pass_can_be_cancelled_at_once(cancelled: Any) -> None:
    """Nothing was accepted, nothing is kept."""
    script = Script(json_reply({}, 429, retry_after="200"))
    async with script.client(retry=RetryPolicy(rate_limit_patience=1000)) as journey:

        async def held_back() -> None:
            await script.arrived.wait()
            await anyio.wait_all_tasks_blocked()

        await cancelled(journey.imagine("an elk"), held_back, nothing)
        assert journey.orphans == ()
    assert len(script.sent) == 1


@CANCELLING
async def test_waiting_for_a_parent_can_be_cancelled_at_once(service: Service, cancelled: Any) -> None:
    """The child is never sent, the parent goes on."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk [sandbox:stuck]")
        await cancelled(journey.upscale_1x(grid, index=1), anyio.wait_all_tasks_blocked, nothing)
        assert journey.orphans == ()
    assert service.ledger()["accepted"] == 1


@CANCELLING
async def test_looking_up_a_parent_can_be_cancelled_at_once(cancelled: Any) -> None:
    """A free question."""
    script = Script(ACCEPTED, holding=True)
    async with script.client() as journey:
        await cancelled(journey.upscale_1x("t0", index=1), script.arrived.wait, nothing)
        assert journey.orphans == ()
    assert [request.path for request in script.sent] == ["/fetch"]


async def test_a_deadline_of_the_caller_is_kept_while_waiting(service: Service) -> None:
    """It comes out as the caller's own TimeoutError."""

    async def follow(task: Task[Any]) -> None:
        async with asyncio.timeout(0.03):
            async for _ in task.updates():
                pass

    async with service.client() as journey:
        task = await journey.imagine("an elk [sandbox:stuck]")
        with pytest.raises(TimeoutError), anyio.fail_after(0.03):
            await task
        with pytest.raises(TimeoutError):
            await follow(task)
        assert not task.done


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.002, 0.004, 0.008, 0.016])
async def test_a_cancelled_submission_is_either_unsent_or_known(service: Service, seconds: float) -> None:
    """Whatever the moment: what the service accepted is with the caller or among the orphans."""
    service.set_faults([])
    async with service.client() as journey:
        known: list[object] = []

        async def submit() -> None:
            known.append(await journey.imagine("an elk"))

        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                for _ in range(5):
                    group.start_soon(submit)
        assert service.ledger()["accepted"] == len(known) + len(journey.orphans)
        before = requests(service)
        await journey.account()
        assert requests(service) == before + 1


async def test_no_asyncio_task_is_left_after_a_cancellation(service: Service) -> None:
    """Not even for a moment."""
    async with service.client() as journey:
        tasks = [await journey.imagine("an elk [sandbox:stuck]") for _ in range(3)]
        before = asyncio.all_tasks()

        async def run(call: Any) -> None:
            await call

        async with anyio.create_task_group() as group:
            for task in tasks:
                group.start_soon(run, task)
            for _ in range(3):
                group.start_soon(run, journey.imagine("another"))
            await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        left = {task for task in asyncio.all_tasks() - before if "RequestHandler" not in repr(task.get_coro())}
        assert left == set()


async def test_finish_gives_the_value_or_the_exception() -> None:
    """Without a cancellation it is as if awaited."""
    told: list[object] = []

    async def good() -> int:
        return 7

    async def bad() -> int:
        raise KeyError("k")

    assert await finish(good(), within=1, unclaimed=told.append) == 7
    with pytest.raises(KeyError):
        await finish(bad(), within=1, unclaimed=told.append)
    assert told == []


async def test_finish_waits_only_so_long_for_a_cancelled_caller() -> None:
    """Then the exchange is cancelled too, and nothing is left."""
    told: list[object] = []
    ended: list[str] = []

    async def endless() -> None:
        try:
            await anyio.sleep(3600)
        finally:
            ended.append("ended")

    task = asyncio.create_task(finish(endless(), within=0.02, unclaimed=told.append))
    await anyio.wait_all_tasks_blocked()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["ended"]
    assert [type(outcome) for outcome in told] == [asyncio.CancelledError]


async def test_a_second_cancellation_ends_the_waiting() -> None:
    """As a second Ctrl-C does."""
    told: list[object] = []

    async def endless() -> None:
        await anyio.sleep(3600)

    task = asyncio.create_task(finish(endless(), within=3600, unclaimed=told.append))
    await anyio.wait_all_tasks_blocked()
    task.cancel()
    await anyio.wait_all_tasks_blocked()
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(told) == 1


def test_a_client_may_be_used_in_one_loop_after_another() -> None:
    """Opened and closed in each."""
    script = Script(json_reply({"credits": 1}))
    client = JourneyClient(transport=script, retry=PATIENT)

    async def once() -> float:
        async with client as journey:
            return (await journey.account()).credits

    assert [anyio.run(once), anyio.run(once)] == [1, 1]
