"""What goes wrong at the service stops no worker, and is paid once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journey_async import (
    Abandon,
    Adopt,
    InsufficientCreditsError,
    InvalidRequestError,
    JourneyError,
    NodeInDoubt,
    NodeSubmitted,
    Resubmit,
    TaskGraph,
    UnaffordableError,
    read_journal,
)
from journey_async.cluster.store import Store
from journey_async.core.records import Accepted, Intended, error_as_values

if TYPE_CHECKING:
    from tests.cluster.conftest import Place


def chain() -> TaskGraph:
    graph = TaskGraph()
    graph.upscale_1x(graph.imagine("an elk", key="grid"), index=2, key="tile")
    return graph


@pytest.mark.journey_sandbox(faults=["lost-reply:imagine:1"])
async def test_a_lost_reply_leaves_a_node_in_doubt_until_it_is_adopted(place: Place) -> None:
    async with place.client() as journey, place.working():
        outcome = await journey.run(chain(), journal=place.cluster)
        assert [row.state for row in outcome] == ["in doubt", "waiting"]
        assert await place.ask("SELECT * FROM journey.slots") == []
        (charge,) = place.ledger()["charges"]
        await journey.settle(place.cluster, "grid", Adopt(charge["task_id"]))
        settled = await journey.resume(place.cluster)
    assert settled.complete
    assert place.accepted("imagine") == 1
    assert settled.spending.in_doubt == 0


@pytest.mark.journey_sandbox(faults=["reset-before-accept:imagine:1"])
async def test_a_node_in_doubt_is_sent_again_only_if_somebody_says_so(place: Place) -> None:
    asked: list[str] = []

    async def decide(row: NodeInDoubt) -> Resubmit:
        asked.append(row.node.key)
        return Resubmit()

    async with place.client() as journey, place.working():
        outcome = await journey.run(chain(), journal=place.cluster, settle=decide)
    assert asked == ["grid"]
    assert outcome.complete
    assert place.accepted("imagine") == 1


@pytest.mark.journey_sandbox(faults=["lost-reply:imagine:1"])
async def test_a_node_that_is_abandoned_leaves_out_what_is_below_it(place: Place) -> None:
    async def decide(row: NodeInDoubt) -> Abandon:
        return Abandon()

    async with place.client() as journey, place.working():
        outcome = await journey.run(chain(), journal=place.cluster, settle=decide)
    assert [row.state for row in outcome] == ["failed", "skipped"]
    assert [row.state for row in await read_journal(place.cluster)] == ["failed", "skipped"]


@pytest.mark.parametrize("settlement", [Adopt("a-task"), Resubmit(), Abandon()], ids=lambda each: type(each).__name__)
async def test_nobody_decides_about_a_request_that_a_worker_may_be_sending(
    place: Place, settlement: Adopt | Resubmit | Abandon
) -> None:
    """It looks like one in doubt, and sent again it would be paid twice."""
    async with place.client() as journey, journey.running(chain(), journal=place.cluster) as run:
        mark = Intended(at=0.0, intent="i" * 16, number=0, parent=None, credits=4)
        assert await place.store(Store.intend, place.cluster.run, mark, "w1") is None
        with pytest.raises(InvalidRequestError, match="the reply to its request is not recorded yet"):
            await journey.settle(place.cluster, "grid", settlement)
        accepted = Accepted(at=1.0, intent=mark.intent, task_id="t1")
        assert await place.store(Store.append, place.cluster.run, 0, [accepted]) == [accepted]
        async for event in run:
            if isinstance(event, NodeSubmitted):
                assert event.task_id == "t1"
                break


@pytest.mark.journey_sandbox(faults=["task-failed:imagine:1"])
async def test_a_failed_task_can_be_sent_again(place: Place) -> None:
    async with place.client() as journey, place.working():
        outcome = await journey.run(chain(), journal=place.cluster)
        assert [row.state for row in outcome] == ["failed", "skipped"]
        await journey.settle(place.cluster, "grid", Resubmit())
        outcome = await journey.resume(place.cluster)
    assert outcome.complete
    assert outcome.spending.given_back == 4


@pytest.mark.journey_sandbox(faults=["http-429-bare:imagine:2"])
async def test_a_429_lowers_the_slots_for_all_and_fails_nothing(place: Place) -> None:
    graph = TaskGraph()
    for number in range(4):
        graph.imagine(f"elk {number}")
    async with place.client() as journey, place.working():
        outcome = await journey.run(graph, journal=place.cluster)
    assert outcome.complete
    assert place.ledger()["accepted"] == 4
    ((belief,),) = await place.ask("SELECT belief FROM journey.account")
    assert '"level": null' not in belief


@pytest.mark.journey_sandbox(credits=6)
async def test_too_few_credits_pause_a_run_and_fail_no_node(place: Place) -> None:
    """The balance was enough when it began: somebody else spent of it meanwhile."""
    async with place.client() as journey, journey.running(chain(), journal=place.cluster) as run:
        await journey.imagine("an elk of somebody else's")
        async with place.working():
            events = [type(event).__name__ async for event in run]
        assert events == ["RunPlanned", "RunPaused"]
        assert isinstance(run.outcome.paused, InsufficientCreditsError)
    assert [row.state for row in run.outcome] == ["waiting", "waiting"]
    with pytest.raises(UnaffordableError):
        async with place.client() as journey:
            await journey.resume(place.cluster)


async def test_a_run_that_is_paused_sends_nothing_until_it_is_gone_on_with(place: Place) -> None:
    aside = "SELECT 1 FROM dbos.workflow_status WHERE queue_name = 'journey-aside'"
    async with place.client() as journey, journey.running(chain(), journal=place.cluster) as run:
        await place.store(Store.pause, "main", error_as_values(JourneyError("paused by hand")))
        async with place.working():
            assert [type(event).__name__ async for event in run] == ["RunPlanned", "RunPaused"]
            await place.until(lambda: place.ask(aside))
            assert place.ledger()["accepted"] == 0
            outcome = await journey.resume(place.cluster)
    assert str(run.outcome.paused) == "paused by hand"
    assert outcome.complete


@pytest.mark.journey_sandbox(faults=["omit-id:fetch-many", "omit-id:fetch"])
async def test_a_task_that_the_service_lost_is_given_up_and_asked_for_again_by_the_next_run(place: Place) -> None:
    graph = TaskGraph()
    graph.imagine("an elk", key="grid")
    async with place.client() as journey, place.working():
        outcome = await journey.run(graph, journal=place.cluster)
        assert [row.state for row in outcome] == ["failed"]
        assert await place.ask("SELECT * FROM journey.slots") == []
        place.sandbox.set_faults([])
        outcome = await journey.resume(place.cluster)
    assert outcome.complete
    assert place.ledger()["accepted"] == 1
