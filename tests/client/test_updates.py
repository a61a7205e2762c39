"""Progress for people: changes only, not too often, never late with the end, and gone before an editing token is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from attrs import define, field

from journey_async import (
    Failed,
    Finished,
    InvalidRequestError,
    Pace,
    Reply,
    Request,
    RetryPolicy,
    Task,
    TaskNotFoundError,
    Unfinished,
)
from journey_async.core.actions import Imagine
from journey_async.sandbox import World
from journey_async.workings import Workings
from tests.client.scripted import ACCEPTED, FINISHED, Script, json_reply
from tests.client.services import KEY
from tests.virtual_service import bought
from tests.virtual_time import run_virtually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from journey_async import TaskState
    from tests.client.services import Service

TASK_SECONDS = 100.0
ROUNDING = 1e-6


@define
class Timed:
    """The pure world as a transport, in the time of the loop; the client's clock is the loop's too."""

    world: World = field(factory=lambda: World(api_key=KEY, task_seconds=TASK_SECONDS, credits=10_000, plan="growth"))

    async def send(self, request: Request, /) -> Reply:
        await anyio.sleep(0.01)
        answer = self.world.answer(
            request.method,
            f"/api/v1{request.path}",
            headers={"Authorization": KEY, "Content-Type": "application/json"},
            body=request.encoded() or b"",
            now=anyio.current_time(),
        )
        return Reply(status=answer.status, headers={}, body=answer.body)

    def workings(self) -> Workings:
        return Workings.on(self, retry=RetryPolicy(), pace=Pace(), clock=anyio.current_time)


async def imagined(workings: Workings, prompt: str = "an elk") -> Task[Any]:
    """Submit an imagine of 100 seconds."""
    order = workings.submitter.order(Imagine(prompt=prompt))
    watch = await bought(workings, order)
    return Task(workings.watcher, watch, action=order.action)


async def told(task: Task[Any], **options: Any) -> list[tuple[float, TaskState[Any]]]:
    """Iterate over the updates, and note when each came."""
    return [(anyio.current_time(), state) async for state in task.updates(**options)]


def virtually(main: Callable[[Workings], Awaitable[None]]) -> None:
    """Run *main* in virtual time."""

    async def run() -> None:
        await main(Timed().workings())

    run_virtually(run)


# ---------------------------------------------------------------------------------------------------------------------
# The gap


@pytest.mark.parametrize("gap", [2.0, 7.0, 30.0, 1000.0])
def test_updates_keep_their_distance_and_the_end_is_not_late_for_it(gap: float) -> None:
    """The last gap alone may be shorter; the end comes when it comes without any."""

    async def main(workings: Workings) -> None:
        first, second = await imagined(workings), await imagined(workings)
        free: list[tuple[float, TaskState[Any]]] = []
        kept: list[tuple[float, TaskState[Any]]] = []

        async def follow(task: Task[Any], into: list[tuple[float, TaskState[Any]]], **options: Any) -> None:
            into += await told(task, **options)

        async with anyio.create_task_group() as group:
            group.start_soon(follow, first, free)
            group.start_soon(lambda: follow(second, kept, min_interval=gap))
        times = [time for time, _ in kept]
        assert all(later - sooner >= gap - ROUNDING for sooner, later in pairwise(times[:-1]))
        assert 2 <= len(kept) <= 2 + TASK_SECONDS / gap
        assert isinstance(kept[-1][1], Finished)
        assert TASK_SECONDS <= times[-1] <= TASK_SECONDS + 1.5
        assert times[-1] - free[-1][0] <= 1.5

    virtually(main)


def test_what_is_told_after_a_gap_is_the_newest() -> None:
    """Not what came first in the gap: who looks sees what the task is at."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        async for state in task.updates(min_interval=20):
            assert state is task.state

    virtually(main)


def test_who_is_slow_to_take_an_update_waits_no_longer_for_the_next() -> None:
    """Editing a message takes its time too."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        times: list[float] = []
        async for _ in task.updates(min_interval=5):
            times.append(anyio.current_time())
            await anyio.sleep(10)
        assert len(times) >= 5
        assert all(9 <= later - sooner <= 25 for sooner, later in pairwise(times[1:]))

    virtually(main)


async def test_without_a_gap_every_change_is_told(service: Service) -> None:
    """No state twice, and the final one last."""
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        states = [state async for state in task.updates(min_interval=0)]
    assert len({(state.status, state.percentage) for state in states}) == len(states)
    assert [isinstance(state, Unfinished) for state in states] == [True] * (len(states) - 1) + [False]


async def test_a_task_that_has_ended_tells_its_end_at_once_whatever_the_gap(service: Service) -> None:
    """For a failed one the failure, as a state."""
    async with service.client() as journey:
        task = await journey.imagine("[sandbox:fail=No.]")
        async for _ in task.updates():
            pass
        with anyio.fail_after(20):
            (final,) = [state async for state in task.updates(min_interval=3600, until=3600)]
    assert isinstance(final, Failed)


# ---------------------------------------------------------------------------------------------------------------------
# The deadline


@pytest.mark.parametrize("gap", [0.0, 2.0, 25.0])
@pytest.mark.parametrize("until", [0.5, 30.0, 61.0])
def test_after_the_deadline_the_iteration_ends_quietly_and_the_task_goes_on(until: float, gap: float) -> None:
    """No state beyond it, no error, and whoever awaits the task gets its result."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        began = anyio.current_time()
        states = await told(task, min_interval=gap, until=until)
        assert anyio.current_time() - began == pytest.approx(until, abs=0.02)
        assert all(not state.done for _, state in states)
        times = [time for time, _ in states]
        assert all(later - sooner >= gap - ROUNDING for sooner, later in pairwise(times))
        assert (await task).task_id == task.id

    virtually(main)


def test_a_deadline_after_the_end_changes_nothing() -> None:
    """The final state is the last, and nobody waits for the deadline."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        states = await told(task, until=840)
        assert isinstance(states[-1][1], Finished)
        assert states[-1][0] <= TASK_SECONDS + 1.5
        assert anyio.current_time() <= TASK_SECONDS + 1.5

    virtually(main)


def test_the_deadline_counts_from_the_call_and_holds_while_the_caller_is_busy() -> None:
    """As the token of an interaction does."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        updates = task.updates(until=50)
        await anyio.sleep(49)
        assert not (await anext(updates)).done
        await anyio.sleep(2)
        with pytest.raises(StopAsyncIteration):
            await anext(updates)
        with pytest.raises(StopAsyncIteration):
            await anext(updates)

    virtually(main)


def test_a_deadline_of_nothing_tells_nothing() -> None:
    """Not one question is asked."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        assert await told(task, until=0) == []
        assert dict(workings.statistics.requests) == {"/imagine": 1}

    virtually(main)


async def test_the_caller_s_own_deadline_is_still_the_caller_s(service: Service) -> None:
    """It raises, where `until` does not."""
    async with service.client() as journey:
        task = await journey.imagine("an elk [sandbox:stuck]")
        updates = task.updates(until=3600, min_interval=3600)
        await anext(updates)
        with pytest.raises(TimeoutError), anyio.fail_after(0.03):
            await anext(updates)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_interval": -1}, "min_interval must be a number of seconds"),
        ({"min_interval": float("nan")}, "min_interval must be a number of seconds"),
        ({"min_interval": None}, "min_interval must be a number of seconds"),
        ({"min_interval": True}, "min_interval must be a number of seconds"),
        ({"until": "840"}, "until must be a number of seconds"),
        ({"until": float("inf")}, "until must be a number of seconds"),
        ({"until": -1, "min_interval": "2"}, "2 faults"),
    ],
)
async def test_what_is_no_number_of_seconds_is_refused_at_once(options: dict[str, Any], message: str) -> None:
    """Before anything is iterated over."""
    async with Script(ACCEPTED).client() as journey:
        task = await journey.imagine("an elk")
        with pytest.raises(InvalidRequestError, match=message):
            task.updates(**options)


async def test_what_makes_waiting_pointless_is_raised_within_a_gap_too() -> None:
    """The service forgot the task."""
    gone = json_reply({"errors": [{"msg": "task_id not found"}]}, 400)
    seen = json_reply({"task_id": "t1", "status": "processing", "percentage": "7"})
    further = json_reply({"task_id": "t1", "status": "processing", "percentage": "9"})
    script = Script(ACCEPTED, seen, further, gone)
    async with script.client() as journey:
        task = await journey.imagine("an elk")
        updates = task.updates(min_interval=3600)
        await anext(updates)
        with pytest.raises(TaskNotFoundError):
            await anext(updates)


async def test_leaving_in_a_gap_leaves_nothing_behind(service: Service) -> None:
    """Nobody waits, nobody asks; the task can be awaited."""
    async with service.client() as journey:
        task = await journey.imagine("an elk [sandbox:seconds=1]")
        with anyio.move_on_after(0.04):
            async for _ in task.updates(min_interval=3600):
                pass
        before = dict(journey.statistics.requests)
        await anyio.sleep(0.04)
        assert dict(journey.statistics.requests) == before


# ---------------------------------------------------------------------------------------------------------------------
# The time left


def test_the_first_task_of_an_action_is_estimated_by_its_own_pace() -> None:
    """Nothing before its percentage moves; from a fifth of its way on within a fifth of the truth."""

    async def main(workings: Workings) -> None:
        task = await imagined(workings)
        assert task.time_left is None
        async for state in task.updates():
            left, truly = task.time_left, TASK_SECONDS - anyio.current_time()
            if state.done:
                assert left is None
            elif (state.percentage or 0) >= 20:
                assert left == pytest.approx(truly, abs=TASK_SECONDS / 5)

    virtually(main)


def test_later_tasks_of_an_action_are_estimated_from_the_first_moment() -> None:
    """From the third on: half of the earlier ones took so long."""

    async def main(workings: Workings) -> None:
        for _ in range(3):
            await (await imagined(workings))
        task = await imagined(workings)
        began = anyio.current_time()
        assert task.time_left == pytest.approx(TASK_SECONDS, abs=2)
        async for state in task.updates():
            if not state.done:
                truly = TASK_SECONDS - (anyio.current_time() - began)
                assert task.time_left == pytest.approx(truly, abs=TASK_SECONDS / 10)

    virtually(main)


def test_a_task_that_was_found_by_its_id_is_not_estimated() -> None:
    """When it began is not known: seen at 80 percent at once, it would seem to be about to end."""

    async def main(workings: Workings) -> None:
        timed = Timed()
        task = await imagined(timed.workings())
        await anyio.sleep(TASK_SECONDS * 0.8)
        restarted = timed.workings()
        found: Task[Any] = Task(restarted.watcher, restarted.watcher.watch(Unfinished(task_id=task.id, status="")))
        async for _ in found.updates():
            assert found.time_left is None

    virtually(main)


async def test_nothing_is_left_of_a_task_that_has_ended() -> None:
    async with Script(ACCEPTED, FINISHED).client() as journey:
        task = await journey.imagine("an elk")
        await task
        assert task.time_left is None
