"""A client with a receiver: what ends its waits, what that costs, and what its submissions ask for."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from attrs import evolve

from journey_async import ApiError, BadRequestError, ReplyLostError, SubmissionInDoubtError, Task, TaskFailedError
from tests.client.scripted import json_reply
from tests.sandbox.visiting import until
from tests.webhooks.controlled import FAILED, FINISHED, GRID, QUIET, RUNNING, ControlledService
from tests.webhooks.receiving import SECRET, URL, receiver

if TYPE_CHECKING:
    from journey_async.core.deliveries import Delivery

TRUST = pytest.mark.parametrize("trust", [False, True])


async def quiet() -> None:
    """Wait for longer than the usual pace of a client that is not told."""
    await anyio.sleep(0.05)


async def waiting(task: Task[Any], ends: list[object]) -> None:
    """Wait for a task and keep how that ended."""
    try:
        ends.append(await task)
    except TaskFailedError as error:
        ends.append(error)


# What ends a wait


@TRUST
@pytest.mark.parametrize("item", [FINISHED, FAILED])
async def test_a_delivery_ends_the_wait(trust: bool, item: dict[str, Any]) -> None:
    """After one question to the service, or after none if bodies are trusted; nothing was asked before."""
    service, to = ControlledService(), receiver(trust_bodies=trust)
    ends: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(waiting, task, ends)
                await quiet()
                assert service.questions == []
                service.items["t1"] = item
                assert await service.deliver(to, item=item) == 200
        assert await service.deliver(to, item=RUNNING) == 200, "late and backward, it changes nothing"
        assert task.done
    (end,) = ends
    assert isinstance(end, TaskFailedError) is (item is FAILED)
    assert service.questions == ([] if trust else [("t1",)])


async def test_deliveries_that_come_together_are_confirmed_by_one_question() -> None:
    """Twenty tasks fit into one."""
    service, to = ControlledService(), receiver()
    ends: list[object] = []
    async with service.client(to) as journey:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                for number in range(1, 21):
                    group.start_soon(waiting, await journey.imagine(f"elk {number}"), ends)
                await anyio.wait_all_tasks_blocked()
                for number in range(1, 21):
                    service.items[f"t{number}"] = FINISHED
                    await service.deliver(to, f"t{number}", of=number)
    assert len(ends) == 20
    assert len(service.questions) == 1


async def test_deliveries_that_come_again_and_again_are_confirmed_now_and_then() -> None:
    """Whoever has the secret cannot make a client flood the service."""
    service, to = ControlledService(), receiver()
    ends: list[object] = []
    # No second question is due while the test lasts.
    async with service.client(to, pace=evolve(QUIET, lag=3600, longest=3600)) as journey:
        task = await journey.imagine("an elk")
        await journey.fetch(task)
        async with anyio.create_task_group() as group:
            group.start_soon(waiting, task, ends)
            for _ in range(10):
                await service.deliver(to, item=RUNNING)
                await anyio.sleep(0.001)
            group.cancel_scope.cancel()
    assert len(service.questions) == 1


@TRUST
async def test_a_delivery_that_overtakes_the_reply_counts(trust: bool) -> None:
    """It comes before the client knows the task's id; another that names a wrong task changes nothing.

    They are known here, by their intent: nobody else is to take them.
    """

    async def unknown(delivery: Delivery) -> None:
        raise AssertionError(delivery)

    service, to = ControlledService(), receiver(trust_bodies=trust, unknown=unknown)
    ends: list[object] = []

    async def imagine() -> None:
        await waiting(await journey.imagine("an elk"), ends)

    async with service.client(to) as journey:
        service.hold()
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(imagine)
                await service.arrived.wait()
                service.items["t1"] = FINISHED
                assert await service.deliver(to, "t9", FAILED) == 200
                assert await service.deliver(to) == 200
                service.release()
        assert journey.orphans == ()
    assert not isinstance(ends[0], TaskFailedError)
    assert service.questions == ([] if trust else [("t1",)])


async def test_a_delivery_while_the_question_is_under_way_is_a_reason_to_ask_again() -> None:
    """The answer may be older than the delivery."""
    service, to = ControlledService(), receiver()
    ends: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        service.hold()
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(waiting, task, ends)
                await service.deliver(to)
                await service.arrived.wait()
                service.items["t1"] = FINISHED
                await service.deliver(to)
                service.release()
    assert service.questions == [("t1",), ("t1",)]


async def test_the_back_stop_ends_the_wait_if_the_delivery_is_lost() -> None:
    """After a while without any delivery the service is asked, and then now and then."""
    service, to = ControlledService(), receiver()
    async with service.client(to, pace=evolve(QUIET, quiet=0.04)) as journey:
        task = await journey.imagine("an elk")
        ends: list[object] = []
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(waiting, task, ends)
                await until(lambda: len(service.questions) == 1)
                assert ends == []
                service.items["t1"] = FINISHED
    assert service.questions == [("t1",), ("t1",)]


@pytest.mark.parametrize("item", [FINISHED, {"status": "finished"}])
async def test_a_delivery_that_is_not_confirmed_leaves_the_usual_pace(item: dict[str, Any]) -> None:
    """No other will come: neither of a service that is not in step with itself, nor after a forged one."""
    service, to = ControlledService(), receiver()
    ends: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(waiting, task, ends)
                await service.deliver(to, item=item)
                await until(lambda: len(service.questions) > 1)
                assert ends == []
                service.items["t1"] = FINISHED


async def test_an_old_delivery_is_a_nudge_and_the_last_one_is_still_due() -> None:
    """One question, and none at the usual pace after it."""
    service, to = ControlledService(), receiver()
    ends: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(waiting, task, ends)
                await service.deliver(to, item=RUNNING)
                await quiet()
                assert service.questions == [("t1",)]
                service.items["t1"] = FINISHED
                await service.deliver(to)
    assert len(service.questions) == 2


async def test_a_trusted_delivery_that_cannot_be_read_is_confirmed() -> None:
    service, to = ControlledService(), receiver(trust_bodies=True)
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        service.items["t1"] = FINISHED
        await service.deliver(to, item={"task_type": "imagine", "status": "finished"})
        with anyio.fail_after(20):
            await task
    assert service.questions == [("t1",)]


# What is asked while nobody waits, and for those who wait for every change


async def test_nobody_waits_nobody_asks_whatever_is_delivered() -> None:
    """The next one who waits is told at once."""
    service, to = ControlledService(), receiver()
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        service.items["t1"] = FINISHED
        await service.deliver(to)
        await quiet()
        assert service.questions == []
        with anyio.fail_after(20):
            await task
    assert service.questions == [("t1",)]


@pytest.mark.parametrize("beside", [False, True])
async def test_updates_keep_the_usual_pace(beside: bool) -> None:
    """Webhooks tell the end alone; who waits for the end does not slow down who waits for changes."""
    service, to = ControlledService(), receiver()
    seen: list[int | None] = []
    ends: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                if beside:
                    group.start_soon(waiting, task, ends)
                    await anyio.wait_all_tasks_blocked()
                async for state in task.updates():
                    seen.append(state.percentage)
                    more = 40 + 20 * len(seen)
                    service.items["t1"] = {**RUNNING, "percentage": str(more)} if more < 100 else FINISHED
    assert seen == [40, 60, 80, 100]


async def test_updates_that_are_given_up_again_and_again_put_no_question_off() -> None:
    """Beside somebody who waits for the end alone."""
    service, to = ControlledService(), receiver()
    # Longer than the others have patience for, so that it is due for one of those who come later.
    pace = evolve(QUIET, lag=0.04)
    ends: list[object] = []
    async with service.client(to, pace=pace) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(waiting, task, ends)
                while len(service.questions) < 2:
                    with anyio.move_on_after(0.01):
                        async for _ in task.updates():
                            pass
                group.cancel_scope.cancel()


# What a submission asks for


async def test_a_submission_carries_the_receivers_url_and_secret() -> None:
    """The URL names the intent, each another."""
    service, to = ControlledService(), receiver()
    async with service.client(to) as journey:
        for _ in range(2):
            await journey.imagine("an elk")
    urls = [str(body["webhook_url"]) for body in service.submissions]
    assert all(url.startswith(f"{URL}?intent=") for url in urls)
    assert len(set(urls)) == 2
    assert [body["webhook_secret"] for body in service.submissions] == [SECRET] * 2


@pytest.mark.parametrize("fields", [{}, {"webhook_secret": "own"}])
async def test_a_calls_own_webhook_is_left_alone(fields: dict[str, Any]) -> None:
    """Its delivery goes elsewhere, so that the service is asked at the usual pace, and a doubt is told at once."""
    service, to = ControlledService(), receiver()
    fields["webhook_url"] = "https://elsewhere.example/hook"
    async with service.client(to) as journey:
        imagine: Any = journey.imagine
        task = await imagine("an elk", **fields)
        assert {name: value for name, value in service.submissions[0].items() if "webhook" in name} == fields
        service.items["t1"] = FINISHED
        service.instead = json_reply({}, 500)
        with anyio.fail_after(20):
            await task
            with pytest.raises(SubmissionInDoubtError) as caught:
                await imagine("an elk", **fields)
    assert caught.value.intent.body["webhook_url"] == fields["webhook_url"]


async def test_what_the_receiver_adds_appears_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Neither its secret nor its URL, which may hold another: in tasks, errors, orphans and the log."""
    caplog.set_level(logging.DEBUG)
    canary = "canary-in-the-url"
    service, to = ControlledService(), receiver(public_url=f"https://example.com/j?token={canary}", reveal_within=0)
    shown: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        service.items["t1"] = FINISHED
        await service.deliver(to)
        shown += [task, task.action, await task, vars(type(task)), to, journey]
        service.instead = json_reply({"errors": [{"msg": f"bad secret {SECRET}"}]}, 400)
        service.items["t2"] = FINISHED
        with pytest.raises(BadRequestError) as refused:
            await journey.imagine("an elk")
        shown += [refused.value, vars(refused.value)]
        service.instead = ReplyLostError("cut", method="POST", path="/imagine", paid=True)
        with pytest.raises(SubmissionInDoubtError) as doubt:
            await journey.imagine("an elk")
        shown += [doubt.value, doubt.value.intent.body]
        await service.deliver(to, "t3", of=3)
        await service.deliver(to, secret="a-forged-secret-")
        shown += [journey.orphans, journey.statistics]
    assert task.action is not None
    assert task.action.body(None) == {"prompt": "an elk", "model": "midjourney"}
    assert doubt.value.intent.body == {"prompt": "an elk", "model": "midjourney"}
    told = f"{[(str(one), repr(one)) for one in shown]} {caplog.text}"
    assert "401" in caplog.text
    assert "an elk" in told
    assert SECRET not in told
    assert canary not in told


# More than one client, and none


async def test_a_closed_client_is_told_nothing_and_the_service_is_to_try_again() -> None:
    """Unless somebody else takes what is unknown here."""
    service, to = ControlledService(), receiver()
    handed_on: list[Delivery] = []

    async def unknown(delivery: Delivery) -> None:
        handed_on.append(delivery)

    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        assert await service.deliver(to) == 200
    assert await service.deliver(to) == 503
    assert not task.done
    elsewhere = receiver(unknown=unknown)
    async with service.client(elsewhere):
        pass
    assert await service.deliver(elsewhere) == 200
    assert [delivery.task_id for delivery in handed_on] == ["t1"]


async def test_a_client_that_is_opened_again_is_told_again() -> None:
    service, to = ControlledService(), receiver()
    for _ in range(2):
        with suppress(ZeroDivisionError):
            async with service.client(to) as journey:
                task = await journey.imagine("an elk")
                service.items[task.id] = FINISHED
                await service.deliver(to, task.id, of=int(task.id[1:]))
                with anyio.fail_after(20):
                    await task
                raise ZeroDivisionError
        assert await service.deliver(to) == 503


async def test_two_clients_share_a_receiver() -> None:
    """Each hears of its own tasks, and asks for those alone."""
    first, second, to = ControlledService(), ControlledService(), receiver()
    second.submissions.append({})
    ends: list[object] = []
    async with first.client(to) as one, second.client(to) as other:
        tasks: list[Task[Any]] = [await one.imagine("an elk"), await other.imagine("a moose")]
        assert [task.id for task in tasks] == ["t1", "t2"]
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                for task in tasks:
                    group.start_soon(waiting, task, ends)
                await anyio.wait_all_tasks_blocked()
                first.items["t1"] = FINISHED
                assert await first.deliver(to) == 200
                await until(lambda: len(ends) == 1)
                await quiet()
                assert second.questions == []
                second.items["t2"] = FINISHED
                assert await second.deliver(to, "t2", of=2) == 200
    assert (first.questions, second.questions) == ([("t1",)], [("t2",)])


async def test_a_forged_delivery_ends_no_wait_and_costs_no_question() -> None:
    """Without the secret nothing is believed, and nothing is asked."""
    service, to = ControlledService(), receiver(trust_bodies=True)
    ends: list[object] = []
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        async with anyio.create_task_group() as group:
            group.start_soon(waiting, task, ends)
            await anyio.wait_all_tasks_blocked()
            assert await service.deliver(to, item=FAILED, secret="a-forged-secret-") == 401
            await quiet()
            group.cancel_scope.cancel()
    assert (ends, service.questions) == ([], [])


async def test_a_refused_question_after_a_delivery_ends_the_wait_as_ever() -> None:
    """A nudge is no promise: the service's refusal is told."""
    service, to = ControlledService(), receiver()
    async with service.client(to) as journey:
        task = await journey.imagine("an elk")
        service.down = ApiError("no", method="POST", path="/fetch", status=403)
        await service.deliver(to, item={**RUNNING, **GRID})
        with anyio.fail_after(20), pytest.raises(ApiError, match="no"):
            await task
