"""Submissions in doubt: the delivery of the end reveals their tasks, and nothing is bought twice."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import pytest
from attrs import evolve

from journey_async import (
    Finished,
    ImagineGrid,
    JourneyClient,
    JourneyError,
    Reply,
    ReplyLostError,
    Request,
    RetryPolicy,
    ServerError,
    SubmissionInDoubtError,
    Task,
)
from journey_async.core.deliveries import Delivery
from journey_async.revelations import KEPT, Revelations
from tests.client.scripted import json_reply
from tests.client.test_cancellation import CANCELLING, nothing
from tests.sandbox.visiting import until
from tests.virtual_time import run_virtually
from tests.webhooks.controlled import DESCRIBED, FAILED, FINISHED, RUNNING, ControlledService
from tests.webhooks.receiving import receiver

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.slots import Slots
    from journey_async.webhooks import WebhookReceiver

TRUST = pytest.mark.parametrize("trust", [False, True])
LOST = ReplyLostError("cut", method="POST", path="/imagine", paid=True)
DOUBTFUL: list[Reply | JourneyError] = [
    LOST,
    json_reply({}, 500),
    Reply(status=200, body=b'{"task_i'),
    Reply(status=200, body=b"<html>"),
]
BRIEF = RetryPolicy(first=0.001, longest=0.002, patience=0.01)
LONG = 3600.0
T = TypeVar("T")


def in_doubt(**options: Any) -> tuple[ControlledService, WebhookReceiver]:
    """Give a service that accepts submissions and loses its replies, and a receiver for its deliveries."""
    service = ControlledService()
    service.instead = LOST
    return service, receiver(**options)


def slots_of(journey: JourneyClient) -> Slots:
    assert journey._workings is not None
    return journey._workings.slots


def given_out(journey: JourneyClient) -> tuple[int, int]:
    """Give how many slots are held by tasks, and how many are out without one."""
    slots = slots_of(journey)
    return slots.busy, slots._sending


def orphans_of(journey: JourneyClient) -> list[type[Task[Any] | SubmissionInDoubtError]]:
    return [type(orphan) for orphan in journey.orphans]


async def revealed(
    service: ControlledService, journey: JourneyClient, tell: Callable[[], Any]
) -> Task[ImagineGrid] | JourneyError:
    """Submit, have *tell* tell once that is in doubt, and give what the caller gets."""
    got: list[Task[ImagineGrid] | JourneyError] = []

    async def submit() -> None:
        try:
            got.append(await journey.imagine("an elk"))
        except JourneyError as error:
            got.append(error)

    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(submit)
            await until(lambda: journey.statistics.in_doubt == 1)
            assert got == []
            assert given_out(journey)[1] == 1, "the task may run: its slot is not for another"
            await tell()
    return got[0]


# Revealed in time


@TRUST
@pytest.mark.parametrize("reply", DOUBTFUL)
async def test_the_caller_gets_its_task(reply: Reply | JourneyError, trust: bool) -> None:
    """After one submission; the service is asked once, or not at all if bodies are trusted."""
    service, to = in_doubt(trust_bodies=trust, reveal_within=LONG)
    service.instead = reply
    async with service.client(to) as journey:
        with slots_of(journey).allowed(1):

            async def tell() -> None:
                service.items["t1"] = FINISHED
                assert await service.deliver(to) == 200

            task = await revealed(service, journey, tell)
            assert isinstance(task, Task)
            assert (task.id, task.done, task.parent) == ("t1", True, None)
            assert isinstance(await task, ImagineGrid)
            assert given_out(journey) == (0, 0)
        assert journey.orphans == ()
        statistics = journey.statistics
        assert (statistics.accepted, statistics.finished, statistics.in_doubt) == (1, 1, 0)
        assert statistics.spending.taken == 4
        assert statistics.spending.in_doubt == 0
    assert len(service.submissions) == 1
    assert service.questions == ([] if trust else [("t1",)])


@TRUST
async def test_a_task_that_is_revealed_while_it_runs_holds_its_slot(trust: bool) -> None:
    """And is followed to its end, of which another delivery tells."""
    service, to = in_doubt(trust_bodies=trust, reveal_within=LONG)
    async with service.client(to) as journey:
        with slots_of(journey).allowed(1):
            task = await revealed(service, journey, lambda: service.deliver(to, item=RUNNING))
            assert isinstance(task, Task)
            assert not task.done
            assert given_out(journey) == (1, 0)
            service.items["t1"] = FINISHED
            await service.deliver(to)
            with anyio.fail_after(20):
                await task
            assert given_out(journey) == (0, 0)


async def test_a_task_that_failed_is_revealed_too() -> None:
    service, to = in_doubt(reveal_within=LONG)
    async with service.client(to) as journey:

        async def tell() -> None:
            service.items["t1"] = FAILED
            await service.deliver(to, item=FAILED)

        task = await revealed(service, journey, tell)
    assert isinstance(task, Task)
    assert task.state.status == "failed"


async def test_a_delivery_that_came_before_the_doubt_reveals_the_task() -> None:
    """Even if nobody may wait for one."""
    service, to = in_doubt(reveal_within=0)
    async with service.client(to) as journey:
        service.hold()
        got: list[Task[Any]] = []

        async def submit() -> None:
            got.append(await journey.imagine("an elk"))

        async with anyio.create_task_group() as group:
            group.start_soon(submit)
            await service.arrived.wait()
            service.items["t1"] = FINISHED
            await service.deliver(to)
            service.release()
    assert [task.id for task in got] == ["t1"]


# Not revealed in time


@TRUST
async def test_without_a_delivery_the_doubt_is_told_and_a_later_one_brings_an_orphan(trust: bool) -> None:
    """Once; what is delivered then is an ordinary delivery."""
    service, to = in_doubt(trust_bodies=trust, reveal_within=0.01)
    async with service.client(to) as journey:
        with slots_of(journey).allowed(1):
            with anyio.fail_after(20), pytest.raises(SubmissionInDoubtError) as caught:
                await journey.imagine("an elk")
            assert caught.value.__cause__ is LOST
            assert given_out(journey) == (0, 0)
            assert orphans_of(journey) == []
            assert journey.statistics.in_doubt == 1
            assert await service.deliver(to, item=RUNNING) == 200
            assert given_out(journey) == (1, 0)
            service.items["t1"] = FINISHED
            for _ in range(2):
                assert await service.deliver(to) == 200
            (orphan,) = journey.orphans
            assert isinstance(orphan, Task)
            assert (orphan.id, orphan.action and orphan.action.name) == ("t1", "imagine")
            with anyio.fail_after(20):
                assert isinstance(await orphan, ImagineGrid)
            assert given_out(journey) == (0, 0)
        statistics = journey.statistics
        assert (statistics.accepted, statistics.finished, statistics.in_doubt) == (1, 1, 0)
    assert len(service.submissions) == 1
    assert len(service.questions) == (0 if trust else 1)


async def test_the_slot_of_a_doubt_is_given_to_the_next_caller() -> None:
    service, to = in_doubt(reveal_within=0.01)
    async with service.client(to) as journey:
        with slots_of(journey).allowed(1), anyio.fail_after(20):
            for _ in range(2):
                with pytest.raises(SubmissionInDoubtError):
                    await journey.imagine("an elk")
    assert len(service.submissions) == 2


async def test_a_delivery_that_cannot_be_confirmed_in_time_is_no_proof_and_not_forgotten() -> None:
    """The caller is told of the doubt, and the task is among the orphans."""
    service, to = in_doubt(reveal_within=0.2)
    service.down = ServerError("down", method="POST", path="/fetch", status=503)
    async with service.client(to, retry=BRIEF) as journey:
        assert isinstance(await revealed(service, journey, lambda: service.deliver(to)), SubmissionInDoubtError)
        service.down = None
        service.items["t1"] = FINISHED
        (orphan,) = journey.orphans
        assert isinstance(orphan, Task)
        with anyio.fail_after(20):
            await orphan


def test_a_confirmation_that_began_in_time_is_waited_for() -> None:
    """What was delivered would be lost. A delivery that comes too late is not waited for."""

    async def slowly(request: Request, read: Callable[[Request, Reply], T]) -> T:
        await anyio.sleep(10)
        return read(request, json_reply({"task_id": "t1", **FINISHED}))

    async def scene() -> tuple[Any, float]:
        revelations = Revelations(ask=slowly, trusting=False, claimed=lambda _: False)
        with revelations.expecting("i1") as revelation:
            assert await revelations.state(revelation, ImagineGrid, within=5) is None
            assert anyio.current_time() == 5
            assert revelations.take_in(Delivery(task_id="t1", intent="i1"))
            return await revelations.state(revelation, ImagineGrid, within=5), anyio.current_time()

    state, now = run_virtually(scene)

    assert isinstance(state, Finished)
    assert now == 15


# Cancelled


@CANCELLING
async def test_a_caller_that_is_cancelled_meanwhile_leaves_a_doubt_and_later_its_task(cancelled: Any) -> None:
    """The cancellation is not held up."""
    service, to = in_doubt(reveal_within=LONG)

    async def when() -> None:
        await service.arrived.wait()
        await anyio.wait_all_tasks_blocked()

    async with service.client(to) as journey:
        with slots_of(journey).allowed(1), anyio.fail_after(20):
            await cancelled(journey.imagine("an elk"), when, nothing)
            (doubt,) = journey.orphans
            assert isinstance(doubt, SubmissionInDoubtError)
            assert given_out(journey) == (0, 0)
            service.items["t1"] = FINISHED
            await service.deliver(to)
            _, task = journey.orphans
            assert isinstance(task, Task)
            assert isinstance(await task, ImagineGrid)
            assert given_out(journey) == (0, 0)


@CANCELLING
@pytest.mark.parametrize("confirming", [False, True])
async def test_a_task_that_was_revealed_when_its_caller_is_cancelled_is_an_orphan(
    cancelled: Any, confirming: bool
) -> None:
    """Instead of a doubt: before the reply came, or while the service is asked."""
    service, to = in_doubt(reveal_within=LONG)
    if not confirming:
        service.hold()

    async def when() -> None:
        await service.arrived.wait()
        if confirming:
            await anyio.wait_all_tasks_blocked()
            service.hold()
        await service.deliver(to)
        await anyio.wait_all_tasks_blocked()

    async with service.client(to) as journey:
        with anyio.fail_after(20):
            await cancelled(journey.imagine("an elk"), when, service.release)
            (orphan,) = journey.orphans
            assert isinstance(orphan, Task)
            assert given_out(journey) == (1, 0)
            service.items["t1"] = FINISHED
            await orphan
        assert given_out(journey) == (0, 0)


@CANCELLING
async def test_a_cancelled_submission_in_doubt_is_revealed_later(cancelled: Any) -> None:
    """Cancelled while the request was under way, whose reply was then lost."""
    service, to = in_doubt(reveal_within=LONG)
    service.hold()
    async with service.client(to) as journey:
        await cancelled(journey.imagine("an elk"), service.arrived.wait, service.release)
        assert orphans_of(journey) == [SubmissionInDoubtError]
        service.items["t1"] = FINISHED
        await service.deliver(to)
        assert orphans_of(journey) == [SubmissionInDoubtError, Task]


# Forged


@TRUST
@pytest.mark.parametrize("forgery", ["kind", "another task", "secret", "intent"])
async def test_a_forged_delivery_reveals_nothing(forgery: str, trust: bool) -> None:
    """Without the secret, of a task of another kind, of another call's task, or of another intent."""
    service, to = in_doubt(trust_bodies=trust, reveal_within=LONG)
    async with service.client(to) as journey:
        service.instead = None
        other = await journey.imagine("a moose")
        service.instead = LOST

        async def tell() -> None:
            service.items |= {"t1": FINISHED, "t2": FINISHED, "t9": DESCRIBED}
            if forgery == "kind":
                assert await service.deliver(to, "t9", DESCRIBED, of=2) == 200
            elif forgery == "another task":
                assert await service.deliver(to, other.id, of=2) == 200
            elif forgery == "intent":
                assert await service.deliver(to, "t9", query="intent=another") == 200
            else:
                assert await service.deliver(to, "t9", of=2, secret="a-forged-secret-") == 401
            await anyio.wait_all_tasks_blocked()
            assert given_out(journey)[1] == 1
            await service.deliver(to, "t2", of=2)

        task = await revealed(service, journey, tell)
        assert isinstance(task, Task)
        assert task.id == "t2"


@pytest.mark.parametrize("fetched", [DESCRIBED, None])
async def test_the_services_word_counts_and_not_the_deliverys(fetched: dict[str, Any] | None) -> None:
    """What is delivered as a grid is a description, or unknown to the service."""
    service, to = in_doubt(reveal_within=LONG)
    async with service.client(to) as journey:

        async def tell() -> None:
            if fetched is not None:
                service.items["t9"] = fetched
            await service.deliver(to, "t9")
            await anyio.wait_all_tasks_blocked()
            service.items["t1"] = FINISHED
            await service.deliver(to)

        task = await revealed(service, journey, tell)
    assert isinstance(task, Task)
    assert task.id == "t1"
    assert set(service.questions) == {("t9",), ("t1",)}


async def test_a_late_forgery_leaves_the_doubt_open() -> None:
    """Another kind, or another call's task: the right delivery still brings the orphan."""
    service, to = in_doubt(reveal_within=0)
    async with service.client(to) as journey:
        with pytest.raises(SubmissionInDoubtError):
            await journey.imagine("an elk")
        service.instead = None
        other = await journey.imagine("a moose")
        await service.deliver(to, "t9", DESCRIBED)
        await service.deliver(to, other.id)
        assert orphans_of(journey) == []
        await service.deliver(to)
        (orphan,) = journey.orphans
        assert isinstance(orphan, Task)
        assert orphan.id == "t1"


async def test_a_refuted_delivery_is_no_orphan_of_who_is_cancelled() -> None:
    """It was found out while the caller waited."""
    service, to = in_doubt(reveal_within=0.2)
    service.items["t9"] = DESCRIBED
    async with service.client(to) as journey:
        got = await revealed(service, journey, lambda: service.deliver(to, "t9"))
        assert isinstance(got, SubmissionInDoubtError)
        assert journey.orphans == ()


# An intent of an earlier process, and what is kept


async def test_an_intent_of_an_earlier_run_can_be_waited_for() -> None:
    """By its id alone."""
    service, to = in_doubt()
    service.items["t7"] = FINISHED
    service.submissions.append({})
    found: list[str] = []
    async with service.client(to) as journey:
        assert journey._workings is not None
        submitter = journey._workings.submitter
        assert await submitter.revealed("of-old", ImagineGrid, within=0) is None

        async def wait() -> None:
            state = await submitter.revealed("of-old", ImagineGrid, within=LONG)
            found.append(state.task_id if state else "")

        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(wait)
                await anyio.wait_all_tasks_blocked()
                assert await service.deliver(to, "t7", query="intent=of-old") == 200
    assert found == ["t7"]


async def test_without_webhooks_an_intent_of_an_earlier_run_is_not_waited_for() -> None:
    service, _ = in_doubt()
    async with JourneyClient(transport=service) as journey:
        assert journey._workings is not None
        assert await journey._workings.submitter.revealed("of-old", ImagineGrid, within=LONG) is None


def test_only_the_newest_doubts_are_kept() -> None:
    """They may never be revealed."""
    told: list[str] = []

    def tell(delivery: Delivery) -> bool:
        told.append(delivery.task_id)
        return True

    revelations = Revelations(ask=_never, trusting=True, claimed=lambda _: False)
    for number in range(KEPT + 1):
        revelations.keep(f"i{number}", tell)
    delivery = Delivery(task_id="t0", intent="i0")

    assert not revelations.take_in(delivery)
    assert revelations.take_in(evolve(delivery, intent="i1"))
    assert not revelations.take_in(evolve(delivery, intent="i1")), "once"
    assert not revelations.take_in(evolve(delivery, intent=None))
    assert told == ["t0"]


async def _never(request: Request, read: Callable[[Request, Reply], T]) -> T:
    raise AssertionError(request, read)
