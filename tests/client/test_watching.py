"""Waiting: one watcher for all, few requests, and no fault of a question ends a wait."""

from __future__ import annotations

import json
from statistics import quantiles
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import (
    AuthenticationError,
    BadRequestError,
    ClientNotOpenError,
    Failed,
    Finished,
    ImagineGrid,
    JourneyClient,
    Pace,
    Reply,
    Request,
    Result,
    Task,
    TaskNotFoundError,
    Unfinished,
    UnreadableReplyError,
)
from journey_async.core.actions import Imagine
from journey_async.sandbox import World
from journey_async.workings import Workings
from tests.client.scripted import ACCEPTED, FINISHED, Script, json_reply
from tests.client.services import PATIENT, QUICK, requests
from tests.virtual_service import KEY, bought, ledger, virtual_workings
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from tests.client.services import Service


ANOTHER_FINISHED = json_reply({**json.loads(FINISHED.body), "task_id": "t2"})


async def imagine_many(journey: JourneyClient, number: int) -> list[Task[Any]]:
    return [await journey.imagine(f"elk {index}") for index in range(number)]


async def await_all(tasks: list[Task[Any]]) -> list[Result]:
    results: list[Result] = []

    async def one(task: Task[Any]) -> None:
        results.append(await task)

    async with anyio.create_task_group() as group:
        for task in tasks:
            group.start_soon(one, task)
    return results


@pytest.mark.serving(task_seconds=0.5)
async def test_twenty_tasks_share_a_handful_of_questions(service: Service) -> None:
    """Default settings, ten times as fast: about 5 requests after submission, more on a machine that is busy."""
    async with service.client(pace=Pace(lag=0.05)) as journey:
        tasks = await imagine_many(journey, 20)
        before = requests(service)
        assert len(await await_all(tasks)) == 20
        assert requests(service) - before <= 32


def test_twenty_tasks_share_a_handful_of_questions_where_no_machine_is_busy() -> None:
    """In virtual time, with default settings."""
    world = World(api_key=KEY, credits=10**6, plan="enterprise", slots=20, speed=1, seed=1, task_seconds=5.0)

    async def scene() -> dict[str, int]:
        workings = virtual_workings(world)
        async with anyio.create_task_group() as group:
            for number in range(20):
                order = workings.submitter.order(Imagine(prompt=f"elk {number}"))
                watch = await bought(workings, order)
                group.start_soon(workings.watcher.end, watch)
        return ledger(world)["requests"]

    asked = run_virtually(scene)
    assert asked["/imagine"] == 20
    assert asked["/fetch-many"] <= 16
    assert "/fetch" not in asked


def questions(*, every_change: bool) -> int:
    """Count the questions about the last twenty of sixty tasks, which follow one another, in virtual time."""
    world = World(api_key=KEY, credits=10**6, plan="enterprise", slots=20, speed=1, seed=1)

    async def scene() -> int:
        workings = virtual_workings(world)
        asked: list[int] = []
        for number in range(60):
            order = workings.submitter.order(Imagine(prompt=f"elk {number}"))
            watch = await bought(workings, order)
            while not watch.done:
                await (workings.watcher.change(watch, watch.state) if every_change else workings.watcher.end(watch))
            asked.append(ledger(world)["requests"]["/fetch"])
        return asked[-1] - asked[-21]

    return run_virtually(scene)


def test_once_it_is_known_how_tasks_move_only_who_waits_for_every_change_has_them_asked_about_as_before() -> None:
    """The sandbox draws the same tasks both times. The percentage is to be seen moving, by those who want to."""
    assert questions(every_change=False) <= 0.9 * questions(every_change=True)


async def test_a_lone_task_is_asked_about_by_fetch(service: Service) -> None:
    """Fetch-many takes two ids at the least."""
    async with service.client() as journey:
        await (await journey.imagine("an elk"))
    assert set(service.ledger()["requests"]) == {"/imagine", "/fetch"}


@pytest.mark.serving(plan="enterprise", slots=60)
async def test_more_than_twenty_tasks_are_asked_about_in_batches(service: Service) -> None:
    """All of them end."""
    async with service.client() as journey:
        assert len(await await_all(await imagine_many(journey, 45))) == 45


async def test_nobody_waits_nobody_asks(service: Service) -> None:
    """Submitting alone costs no question."""
    async with service.client() as journey:
        await imagine_many(journey, 3)
        await anyio.sleep(0.05)
    assert set(service.ledger()["requests"]) == {"/imagine"}


@pytest.mark.parametrize(
    "fault", ["http-502", "http-500", "not-json", "truncated-json", "reset-before-accept", "http-429-bare", "omit-id"]
)
async def test_a_broken_question_never_ends_a_wait(service: Service, fault: str) -> None:
    """It is asked again, whatever the reply was; alone and in a batch."""
    service.set_faults([f"{fault}:fetch:2", f"{fault}:fetch-many:2"])
    async with service.client() as journey:
        assert type(await (await journey.imagine("a lone elk"))) is ImagineGrid
        assert len(await await_all(await imagine_many(journey, 4))) == 4


async def test_a_task_that_three_replies_leave_out_is_not_found_for_its_own_waiters(service: Service) -> None:
    """The others go on."""
    async with service.client() as journey:
        tasks = await imagine_many(journey, 3)
        lost = journey.task("no-such-task")
        found: list[str] = []

        async def look_for(task: Task[Any]) -> None:
            with pytest.raises(TaskNotFoundError):
                await task
            found.append(task.id)

        async with anyio.create_task_group() as group:
            group.start_soon(look_for, lost)
            group.start_soon(look_for, lost)
            assert len(await await_all(tasks)) == 3
        assert found == ["no-such-task", "no-such-task"]


async def test_updates_are_changes_only_and_end_with_the_final_state(service: Service) -> None:
    """No state comes twice."""
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        assert (task.state.status, task.state.percentage) == ("submitted", None)
        states = [state async for state in task.updates()]
        seen = [(state.status, state.percentage) for state in states]
        assert len(seen) == len(set(seen))
        assert all(isinstance(state, Unfinished) for state in states[:-1])
        final = states[-1]
        assert isinstance(final, Finished)
        assert final.result == await task
        assert [state async for state in task.updates()] == [final]


async def test_updates_of_a_failing_task_end_with_the_failure(service: Service) -> None:
    """As a state, not as an exception."""
    async with service.client() as journey:
        task = await journey.imagine("[sandbox:fail=No.]")
        *_, final = [state async for state in task.updates()]
        assert isinstance(final, Failed)
        assert final.error == "No."


async def test_any_number_of_waiters_get_the_same_result(service: Service) -> None:
    """From any number of asyncio tasks, through any handle, and after the end."""
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        handles = [task] * 5 + [journey.task(task.id) for _ in range(5)]
        results = await await_all(handles)
        assert len(results) == 10
        assert all(result == results[0] for result in results)
        assert await task == results[0]


async def test_a_waiter_that_is_cancelled_disturbs_no_other(service: Service) -> None:
    """Also if it was the one that asks for all."""
    async with service.client() as journey:
        tasks = await imagine_many(journey, 6)
        results: list[Result] = []

        async def one(task: Task[Any], scope: anyio.CancelScope) -> None:
            with scope:
                results.append(await task)

        scopes = [anyio.CancelScope() for _ in tasks]
        async with anyio.create_task_group() as group:
            for task, scope in zip(tasks, scopes, strict=True):
                group.start_soon(one, task, scope)
            for scope in scopes[:3]:
                await anyio.sleep(0.002)
                scope.cancel()
        # On a busy machine a task may end before its waiter is cancelled.
        assert len(results) == sum(not scope.cancelled_caught for scope in scopes) >= 3
        assert len(await await_all(tasks)) == 6


async def test_a_waiter_may_leave_an_iteration_at_any_point(service: Service) -> None:
    """Nothing runs on, and the task can be awaited still."""
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        async for _ in task.updates():
            break
        before = requests(service)
        await anyio.sleep(0.03)
        assert requests(service) == before
        assert type(await task) is ImagineGrid


async def test_an_exception_inside_the_block_comes_out_as_itself(service: Service) -> None:
    """No group is wrapped around user code."""

    async def use() -> None:
        async with service.client() as journey:
            await journey.imagine("an elk")
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await use()


async def test_closing_the_client_wakes_its_waiters(service: Service) -> None:
    """With an error that says so, instead of waiting for ever."""
    caught: list[ClientNotOpenError] = []
    async with anyio.create_task_group() as group:
        async with service.client() as journey:
            task = await journey.imagine("an elk [sandbox:stuck]")

            async def wait() -> None:
                with pytest.raises(ClientNotOpenError) as info:
                    await task
                caught.append(info.value)

            group.start_soon(wait)
            group.start_soon(wait)
            await anyio.wait_all_tasks_blocked()
        with pytest.raises(ClientNotOpenError, match="the client is closed"):
            await task
    assert len(caught) == 2


async def test_a_client_is_used_inside_its_block(service: Service) -> None:
    """And entered once at a time; after its block it may be opened again."""
    client = service.client()
    assert isinstance(client, JourneyClient)
    with pytest.raises(ClientNotOpenError, match="async with JourneyClient"):
        await client.imagine("an elk")
    async with client:
        with pytest.raises(RuntimeError, match="already been entered"):
            await client.__aenter__()
        assert "open" in repr(client)
    async with client as journey:
        await journey.account()


async def test_a_refused_question_ends_the_waits_that_it_was_for() -> None:
    """A revoked key will not come back; each waiter has an exception of its own."""
    script = Script(ACCEPTED, json_reply({}, 401))
    async with script.client() as journey:
        task = await journey.imagine("an elk")
        caught: list[AuthenticationError] = []

        async def wait() -> None:
            with pytest.raises(AuthenticationError) as info:
                await task
            caught.append(info.value)

        async with anyio.create_task_group() as group:
            group.start_soon(wait)
            group.start_soon(wait)
        assert caught[0] is not caught[1]
        assert str(caught[0]) == str(caught[1])


async def test_an_unreadable_result_is_told_and_can_be_asked_for_again() -> None:
    """Finished without its URLs is an answer, so waiting on would be endless."""
    script = Script(ACCEPTED, json_reply({"task_id": "t1", "status": "finished"}), FINISHED)
    async with script.client() as journey:
        task = await journey.imagine("an elk")
        with pytest.raises(UnreadableReplyError, match="finished without original_image_url and image_urls"):
            await task
        assert type(await task) is ImagineGrid


async def test_an_unknown_status_goes_on() -> None:
    """The sibling service has `retry`; it is kept as it came."""
    script = Script(ACCEPTED, json_reply({"task_id": "t1", "status": "retrying", "percentage": "7"}), FINISHED)
    async with script.client() as journey:
        task = await journey.imagine("an elk")
        states = [(state.status, state.percentage) async for state in task.updates()]
    assert states == [("retrying", 7), ("finished", 100)]


async def test_an_outage_is_said_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    """A service that does not answer is not a queue."""
    script = Script(ACCEPTED, json_reply({}, 502), json_reply({}, 502), FINISHED)
    async with script.client(pace=QUICK) as journey:
        await (await journey.imagine("an elk"))
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 2
    assert said[0].startswith("waiting for the service to answer again")
    assert said[1] == "the service answers again, after 2 questions without an answer"


async def test_a_question_that_its_asker_abandons_is_put_again_by_the_next() -> None:
    """Cancelled in the middle of a question for two, the other waiter asks anew."""
    script = Script(ACCEPTED, json_reply({"task_id": "t2"}), FINISHED, holding=False)
    async with script.client() as journey:
        first, second = await journey.imagine("an elk"), await journey.imagine("a moose")
        script.released = anyio.Event()
        script.arrived = anyio.Event()
        script.play(json_reply({"tasks": [json.loads(FINISHED.body), json.loads(ANOTHER_FINISHED.body)]}))
        results: list[Result] = []

        async def wait(task: Task[Any], scope: anyio.CancelScope) -> None:
            with scope:
                results.append(await task)

        scopes = [anyio.CancelScope(), anyio.CancelScope()]
        async with anyio.create_task_group() as group:
            group.start_soon(wait, first, scopes[0])
            group.start_soon(wait, second, scopes[1])
            await script.arrived.wait()
            scopes[0].cancel()
            await anyio.wait_all_tasks_blocked()
            script.released.set()
            # The one that is left asks for itself alone.
            script.play(ANOTHER_FINISHED)
        assert [result.task_id for result in results] == ["t2"]
    assert [request.path for request in script.sent[2:]] == ["/fetch-many", "/fetch"]


def test_a_task_that_is_due_sooner_is_not_kept_waiting_by_one_that_is_due_later() -> None:
    """Whoever asks for all wakes up in time for the newcomer."""

    def answer(request: Request) -> Reply:
        if (request.body or {}).get("task_id") != "t1":
            return ANOTHER_FINISHED
        percentage = int(anyio.current_time() / 2)
        return json_reply({"task_id": "t1", "status": "processing", "percentage": str(percentage)})

    script = Script(answer)

    async def scene() -> None:
        watcher = Workings.on(script, retry=PATIENT, pace=Pace(longest=60, ahead=0), clock=anyio.current_time).watcher
        first = watcher.watch(Unfinished(task_id="t1", status="processing"))
        async with anyio.create_task_group() as group:
            group.start_soon(watcher.end, first)
            await anyio.sleep(100)
            script.arrived = anyio.Event()
            await script.arrived.wait()
            asked = len(script.sent)
            await anyio.sleep(5)
            assert len(script.sent) == asked, "the first is asked about again only much later"
            second = watcher.watch(Unfinished(task_id="t2", status="processing"))
            came = anyio.current_time()
            await watcher.end(second)
            assert anyio.current_time() - came < 1
            group.cancel_scope.cancel()

    run_virtually(scene)


async def test_a_refusal_that_is_not_about_the_id_is_told_as_it_is() -> None:
    """By fetch, by fetch-many and by waiting."""
    script = Script(json_reply({"errors": [{"msg": "task_id is malformed"}]}, 400))
    async with script.client() as journey:

        async def wait() -> None:
            await journey.task("t1")

        for call in (journey.fetch("t1"), journey.fetch_many(["t1", "t2"]), wait()):
            with pytest.raises(BadRequestError, match="task_id is malformed"):
                await call


async def test_fetch_many_tells_that_a_task_in_its_reply_cannot_be_read() -> None:
    """With the id of the task."""
    script = Script(json_reply({"tasks": [{"task_id": "t1", "task_type": "pan-left", "status": "finished"}]}))
    async with script.client() as journey:
        with pytest.raises(UnreadableReplyError, match="task t1 is finished without") as caught:
            await journey.fetch_many(["t1", "t2"])
    assert caught.value.task_id == "t1"


async def test_a_handle_made_of_an_id_forgets_nothing_that_is_known() -> None:
    """It is another name for the same task."""
    script = Script(ACCEPTED, json_reply({"task_id": "t1", "status": "processing", "percentage": "7"}), FINISHED)
    async with script.client() as journey:
        task = await journey.imagine("an elk")
        async for _ in task.updates():
            break
        assert journey.task("t1").state == task.state
        assert task.state.percentage == 7


async def test_only_replies_in_a_row_that_leave_a_task_out_count() -> None:
    """Seen in between, it is there."""
    gone = json_reply({"errors": [{"msg": "task_id not found"}]}, 400)
    seen = json_reply({"task_id": "t1", "status": "pending"})
    script = Script(ACCEPTED, gone, gone, seen, gone, gone, FINISHED)
    async with script.client() as journey:
        assert type(await (await journey.imagine("an elk"))) is ImagineGrid


async def test_a_wait_ends_at_once_when_another_call_brings_the_news() -> None:
    """The one that would have asked only much later does not sleep on."""
    script = Script(ACCEPTED, FINISHED)
    async with script.client(pace=Pace(lag=30, longest=60)) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:

                async def wait() -> None:
                    await task

                group.start_soon(wait)
                await anyio.wait_all_tasks_blocked()
                assert await journey.fetch(task) is task
    assert [request.path for request in script.sent] == ["/imagine", "/fetch"]


async def test_waits_that_are_given_up_again_and_again_put_no_question_off() -> None:
    """Each is shorter than the gap between two questions, and the end is noticed still."""
    slow = json_reply({"task_id": "t1", "status": "processing", "percentage": "0"})
    script = Script(ACCEPTED, slow, FINISHED)
    async with script.client(pace=Pace(lag=0.05)) as journey:
        task = await journey.imagine("an elk")
        with anyio.fail_after(10):
            while not task.done:
                with anyio.move_on_after(0.03):
                    await task
    assert [request.path for request in script.sent] == ["/imagine", "/fetch", "/fetch"]


def test_the_lag_holds_for_hundreds_that_begin_together_again_and_again() -> None:
    """Those that end last are the longest, and no measure for the next ones."""
    late: list[list[float]] = []

    async def scene() -> None:
        world = World(api_key=KEY, credits=10**6, plan="enterprise", slots=400, speed=1, seed=1)
        workings = virtual_workings(world, round_trip=0.05)

        async def live(seconds: float) -> None:
            action = Imagine(prompt=f"an elk [sandbox:seconds={seconds}]")
            order = workings.submitter.order(action)
            watch = await bought(workings, order)
            accepted = anyio.current_time()
            await workings.watcher.end(watch)
            late[-1].append(anyio.current_time() - accepted - seconds)

        for _ in range(3):
            late.append([])
            async with anyio.create_task_group() as group:
                for number in range(400):
                    group.start_soon(live, round(4 + number / 200, 3))

    run_virtually(scene)
    for each in late:
        assert quantiles(each, n=100)[98] <= 2 * Pace().lag
