"""Leaving a run in the middle, by its block's end, an exception or a cancellation: nothing is lost or paid twice."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import JournalError, NodeSubmitted, Resubmit, SubmissionInDoubtError, TaskGraph, read_journal
from tests.client.test_cancellation import by_scope, by_task, nothing
from tests.journal.files import execute, held
from tests.runs.trees import chain, imagines, states, trees, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from anyio.abc import TaskGroup

    from journey_async import JourneyClient, Run
    from tests.client.services import Service
    from tests.runs.still import Gate, StillWorld


async def by_timeout(call: Awaitable[Any], when: Callable[[], Awaitable[None]], then: Callable[[], None]) -> None:
    """Cancel *call* by asyncio's own deadline."""

    async def run() -> None:
        async with deadline:
            await call

    deadline = asyncio.timeout(None)
    task = asyncio.create_task(run())
    await when()
    deadline.reschedule(asyncio.get_running_loop().time())
    await anyio.sleep(0.001)
    then()
    with pytest.raises(TimeoutError):
        await task


CANCELLING = pytest.mark.parametrize("cancelled", [by_scope, by_task, by_timeout])


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "elk.db"


async def resumed(still: StillWorld, graph: TaskGraph, journal: Path, **options: Any) -> None:
    """Check that a later run finishes the rest, and that each node was charged once."""
    still.going = True
    async with still.client() as journey:
        outcome = await journey.run(graph, journal=journal, **options)
        assert outcome.complete, outcome
        ledger = still.ledger()
        assert ledger["accepted"] == len(graph)
        assert outcome.spending.spent == ledger["charged"]
        assert {row.task_id for row in outcome.finished} == {charge["task_id"] for charge in ledger["charges"]}


# ---------------------------------------------------------------------------------------------------------------------
# The end of the block


@pytest.mark.serving(plan="basic")
async def test_leaving_the_block_stops_submitting(still: StillWorld, journal: Path) -> None:
    """What is on its way goes on at the service, and the next run follows it."""
    graph = trees(6)
    async with still.client() as journey:
        async with journey.running(graph, journal=journal) as run:
            await until(lambda: still.ledger()["accepted"] == 5)
        sent = len(still.sent)
        still.end_tasks()
        await anyio.sleep(0.03)
        assert len(still.sent) == sent
        assert len(run.outcome.submitted) == 5
        assert (await read_journal(journal)).spending == run.outcome.spending
    await resumed(still, graph, journal)


@pytest.mark.parametrize("with_journal", [True, False])
async def test_leaving_at_once_sends_nothing(still: StillWorld, journal: Path, with_journal: bool) -> None:
    graph = imagines(3)
    async with still.client() as journey:
        async with journey.running(graph, journal=journal if with_journal else None):
            pass
        assert still.prompts() == []
        assert still.ledger()["accepted"] == 0
    await resumed(still, graph, journal)


async def test_leaving_in_the_middle_of_the_events(service: Service, journal: Path) -> None:
    """A break is no error."""
    graph = trees(2)
    async with service.client() as journey:
        async with journey.running(graph, journal=journal) as run:
            async for event in run:
                if isinstance(event, NodeSubmitted):
                    break
        assert not run.outcome.complete
        assert (await journey.run(graph, journal=journal)).complete
    assert service.ledger()["accepted"] == len(graph)


async def test_an_exception_of_the_body_comes_out_as_itself(service: Service, journal: Path) -> None:
    """Not in a group, and the run can go on."""
    graph = trees(1)
    async with service.client() as journey:

        async def body() -> None:
            async with journey.running(graph, journal=journal) as run:
                await anext(run)
                raise KeyError("canary")

        with pytest.raises(KeyError, match="canary") as caught:
            await body()
        assert caught.value.__cause__ is None
        assert (await journey.run(graph, journal=journal)).complete
    assert service.ledger()["accepted"] == len(graph)


async def test_the_reply_on_its_way_is_waited_for(still: StillWorld, journal: Path) -> None:
    """Left while a paid request is under way: what came of it is in the journal."""
    gate = still.hold("/imagine", back=True)
    async with still.client() as journey, anyio.create_task_group() as group:
        run = await left(journey, group, gate, still, journal)
        assert states(run.outcome) == {"grid": "submitted", "picture": "waiting", "left": "waiting"}
    await resumed(still, chain(), journal)


async def left(journey: JourneyClient, group: TaskGroup, gate: Gate, still: StillWorld, journal: Path) -> Run:
    """Leave a run while its request is held on the way back; it is let go once the run waits for it."""
    async with journey.running(chain(), journal=journal) as run:
        await gate.arrived.wait()
        group.start_soon(release_soon, still)
    return run


async def release_soon(still: StillWorld) -> None:
    await anyio.wait_all_tasks_blocked()
    still.release()


async def test_an_unknown_fate_of_what_was_on_its_way_is_in_doubt(still: StillWorld, journal: Path) -> None:
    """Its reply was an error of the service."""
    still.set_faults(["error-after-accept:imagine:1"])
    gate = still.hold("/imagine", back=True)
    async with still.client() as journey, anyio.create_task_group() as group:
        run = await left(journey, group, gate, still, journal)
        assert states(run.outcome)["grid"] == "in doubt"
    outcome = await read_journal(journal)
    with pytest.raises(SubmissionInDoubtError):
        outcome.result(chain()["grid"])


# ---------------------------------------------------------------------------------------------------------------------
# Cancellation, phase by phase


async def cancelled_while(
    still: StillWorld,
    call: Callable[[Any], Awaitable[Any]],
    cancelled: Any,
    when: Callable[[], Awaitable[None]],
    then: Callable[[], None] = nothing,
) -> None:
    """Cancel *call* and check that nothing runs on, and that the client can be used."""
    async with still.client() as journey:
        running = asyncio.all_tasks()
        await cancelled(call(journey), when, then)
        assert asyncio.all_tasks() == running
        still.release()
        sent = len(still.sent)
        await anyio.sleep(0.02)
        assert len(still.sent) == sent
        assert (await journey.account()).plan == "growth"


@CANCELLING
async def test_cancelled_while_waiting_for_a_slot(still: StillWorld, journal: Path, cancelled: Any) -> None:
    graph = imagines(3)

    async def when() -> None:
        await until(lambda: still.ledger()["accepted"] == 1)
        await anyio.sleep(0.02)

    await cancelled_while(still, lambda journey: journey.run(graph, journal=journal, in_flight=1), cancelled, when)
    assert sorted(states(await read_journal(journal)).values()) == ["submitted", "waiting", "waiting"]
    await resumed(still, graph, journal)


@CANCELLING
async def test_cancelled_while_queueing_behind_others(still: StillWorld, journal: Path, cancelled: Any) -> None:
    """The slot is a single call's."""
    graph = imagines(2)

    async def when() -> None:
        await until(lambda: len(still.sent) > 4)

    async def call(journey: Any) -> None:
        task = await journey.imagine("somebody else's")
        await journey.run(graph, journal=journal, in_flight=1)
        await task

    await cancelled_while(still, call, cancelled, when)
    assert still.ledger()["accepted"] == 1
    assert set(states(await read_journal(journal)).values()) == {"waiting"}


@CANCELLING
async def test_cancelled_while_the_journal_is_written(still: StillWorld, journal: Path, cancelled: Any) -> None:
    """The request never leaves."""
    graph = chain()
    still.going = True
    gate = still.hold("/fetch")
    with ExitStack() as stack:

        async def when() -> None:
            # The first node is recorded; the intent of the second has to wait for the file.
            await gate.arrived.wait()
            stack.enter_context(held(journal))
            still.end_tasks()
            still.release()
            await until(lambda: still.ledger()["in_flight"] == 0)
            await anyio.sleep(0.02)

        await cancelled_while(
            still, lambda journey: journey.run(graph, journal=journal), cancelled, when, then=stack.close
        )
    assert [request.path for request in still.sent if request.paid] == ["/imagine"]
    assert states(await read_journal(journal)) == {"grid": "finished", "picture": "waiting", "left": "waiting"}
    await resumed(still, graph, journal)


@pytest.mark.parametrize("back", [True, False])
@CANCELLING
async def test_cancelled_while_a_request_is_under_way(
    still: StillWorld, journal: Path, cancelled: Any, back: bool
) -> None:
    """Its reply is waited for and recorded."""
    gate = still.hold("/imagine", back=back)
    await cancelled_while(
        still, lambda journey: journey.run(chain(), journal=journal), cancelled, gate.arrived.wait, still.release
    )
    assert states(await read_journal(journal))["grid"] == "submitted"
    await resumed(still, chain(), journal)


@CANCELLING
async def test_cancelled_while_asking_how_tasks_are(still: StillWorld, journal: Path, cancelled: Any) -> None:
    gate = still.hold("/fetch")
    await cancelled_while(
        still, lambda journey: journey.run(chain(), journal=journal), cancelled, gate.arrived.wait, still.release
    )
    await resumed(still, chain(), journal)


@pytest.mark.parametrize("path", ["/account", "/fetch"])
@CANCELLING
async def test_cancelled_while_planning(still: StillWorld, journal: Path, cancelled: Any, path: str) -> None:
    """Before anything is paid; /fetch looks up the task that exists already."""
    async with still.client() as journey:
        task = await journey.imagine("an elk")
        still.end_tasks()
    graph = TaskGraph()
    graph.upscale_1x(graph.existing(task.id), index=1)
    gate = still.hold(path)
    await cancelled_while(still, lambda journey: journey.run(graph, journal=journal), cancelled, gate.arrived.wait)
    assert still.ledger()["accepted"] == 1
    still.going = True
    async with still.client() as journey:
        assert (await journey.run(graph, journal=journal)).complete
    assert still.ledger()["accepted"] == 2


@CANCELLING
async def test_cancelled_while_an_index_is_chosen(still: StillWorld, journal: Path, cancelled: Any) -> None:
    """The function is cancelled too, and asked again by the next run."""
    choosing, left, patient = anyio.Event(), [0], [True]

    async def choose(_: Any) -> int:
        choosing.set()
        try:
            if patient[0]:
                await anyio.sleep_forever()
        finally:
            left[0] += 1
        return 1

    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk"), index=choose)
    still.going = True
    await cancelled_while(still, lambda journey: journey.run(graph, journal=journal), cancelled, choosing.wait)
    assert left == [1]
    patient[0] = False
    await resumed(still, graph, journal)
    assert left == [2]


@CANCELLING
async def test_cancelled_while_a_doubt_is_settled(still: StillWorld, journal: Path, cancelled: Any) -> None:
    """It stays in doubt, and is asked about again."""
    asking = anyio.Event()

    async def wait(_: Any) -> None:
        asking.set()
        await anyio.sleep_forever()

    async def again(_: Any) -> Resubmit:
        return Resubmit()

    still.set_faults(["reset-before-accept:imagine:1"])
    await cancelled_while(
        still, lambda journey: journey.run(chain(), journal=journal, settle=wait), cancelled, asking.wait
    )
    assert states(await read_journal(journal))["grid"] == "in doubt"
    await resumed(still, chain(), journal, settle=again)


# ---------------------------------------------------------------------------------------------------------------------
# A journal that breaks


async def break_it(still: StillWorld, journal: Path) -> None:
    """Break the journal while two replies are on their way back."""
    await until(lambda: still.ledger()["accepted"] == 2)
    statement = "CREATE TRIGGER broken BEFORE INSERT ON log BEGIN SELECT RAISE(FAIL, 'canary'); END"
    await anyio.to_thread.run_sync(execute, journal, statement)
    still.going = True
    still.release()


@pytest.mark.parametrize("watched", [True, False])
async def test_a_journal_that_breaks_stops_the_run(still: StillWorld, journal: Path, watched: bool) -> None:
    """As itself, not in a group; and it names the tasks that were accepted without its knowing."""
    graph = imagines(4)
    still.hold("/imagine", back=True)

    async def body() -> None:
        async with still.client() as journey, anyio.create_task_group() as group:
            group.start_soon(break_it, still, journal)
            with pytest.raises(JournalError, match="canary") as caught:
                await carried_out(journey, graph, journal, watched=watched)
            errors.append(caught.value)

    errors: list[JournalError] = []
    await body()
    (error,) = errors
    assert error.credits_may_have_moved
    assert error.unwritten
    lost = {charge["task_id"] for charge in still.ledger()["charges"]}
    assert len(lost) == 2
    notes = "\n".join(error.__notes__)
    for task_id in lost:
        assert f"Adopt('{task_id}')" in notes
    for key in ("elk-0", "elk-1"):
        assert f"node {key} was accepted" in notes
    execute(journal, "DROP TRIGGER broken")
    outcome = await read_journal(journal)
    assert sorted(states(outcome).values()) == ["in doubt", "in doubt", "waiting", "waiting"]


async def carried_out(journey: JourneyClient, graph: TaskGraph, journal: Path, *, watched: bool) -> None:
    if not watched:
        await journey.run(graph, journal=journal, in_flight=2)
        return
    async with journey.running(graph, journal=journal, in_flight=2) as run:
        async for _ in run:
            pass
