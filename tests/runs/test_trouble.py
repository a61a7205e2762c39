"""A service in trouble: what can be waited out is, what cannot be known holds its descendants and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from journey_async import (
    Abandon,
    Adopt,
    InvalidRequestError,
    NodeFailed,
    NodeInDoubt,
    NodeWaiting,
    NoReplyError,
    Resubmit,
    RetryPolicy,
    RunResumed,
    RunWaiting,
    SubmissionInDoubtError,
    TaskNotFoundError,
)
from tests.client.services import requests
from tests.runs.trees import chain, imagines, paid, states, trees, until

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Event
    from tests.client.services import Service
    from tests.runs.still import StillWorld

DOUBTFUL = ("lost-reply", "error-after-accept", "truncated-json", "not-json")


async def test_a_service_that_cannot_be_reached_is_waited_for(still: StillWorld) -> None:
    """However long that takes, and it is told; nothing fails and nothing is in doubt."""
    still.going = True
    gate = still.hold("/imagine")
    events: list[Event] = []
    impatient = RetryPolicy(first=0.001, longest=0.005, patience=0.0)
    async with still.client(retry=impatient) as journey, journey.running(chain()) as run:
        await gate.arrived.wait()
        still.down = True
        still.release()
        async for event in run:
            events.append(event)
            if isinstance(event, RunWaiting):
                await until(lambda: len(still.prompts()) > 5)
                still.down = False
        assert run.outcome.complete
    kinds = [type(event) for event in events]
    assert (kinds.count(RunWaiting), kinds.count(RunResumed)) == (1, 1)
    assert still.ledger()["accepted"] == 3


async def test_one_node_at_a_time_tries_while_the_service_is_in_trouble(still: StillWorld) -> None:
    """A batch must not be left in doubt as a whole because the service is out of order for a minute."""
    still.going = True
    still.set_faults(["http-502:imagine:6"])
    async with still.client() as journey:
        outcome = await journey.run(imagines(40), in_flight=3)
    # Three were on their way when the first failed; then one at a time, with growing waits.
    assert len(outcome.in_doubt) == 6
    assert len(outcome.finished) == 34
    assert len(still.prompts()) == 40


@pytest.mark.parametrize("fault", ["http-500", "http-502", "not-json", "truncated-json"])
async def test_trouble_with_free_requests_is_waited_out(service: Service, fault: str) -> None:
    """No node is to blame."""
    async with service.client() as journey:
        service.set_faults([f"{fault}:fetch:2", f"{fault}:fetch-many:5", f"{fault}:account:2"])
        outcome = await journey.run(trees(2))
    assert outcome.complete
    assert paid(service) == service.ledger()["accepted"] == 8


async def test_a_service_that_does_not_even_tell_the_balance_ends_the_run_before_it_begins(still: StillWorld) -> None:
    still.down = True
    async with still.client(retry=RetryPolicy(first=0.001, longest=0.001, patience=0.005)) as journey:
        with pytest.raises(NoReplyError):
            await journey.run(chain())
    assert not any(request.paid for request in still.sent)


@pytest.mark.parametrize("fault", ["http-429-bare:*:0.3", "http-429-bare:imagine:3"])
async def test_a_429_fails_no_node(service: Service, fault: str) -> None:
    """It is sent again, and charged once."""
    service.set_faults([fault])
    async with service.client() as journey:
        outcome = await journey.run(trees(4))
    assert outcome.complete
    ledger = service.ledger()
    assert ledger["accepted"] == 16
    assert paid(service) > 16
    assert outcome.spending.spent == ledger["charged"]


@pytest.mark.serving(plan="basic")
async def test_slots_that_somebody_else_uses_are_waited_for(still: StillWorld) -> None:
    """The account is used by another program, too: all its slots are taken."""
    async with still.client() as other, still.client(retry=RetryPolicy(first=0.001, longest=0.005)) as journey:
        for number in range(5):
            await other.imagine(f"moose {number}")
        events: list[Event] = []
        async with journey.running(chain()) as run:
            async for event in run:
                events.append(event)
                if isinstance(event, RunWaiting):
                    still.going = True
            assert run.outcome.complete
    kinds = [type(event) for event in events]
    assert (kinds.count(RunWaiting), kinds.count(RunResumed)) == (1, 1)
    assert still.ledger()["accepted"] == 8


# ---------------------------------------------------------------------------------------------------------------------
# In doubt


@pytest.mark.parametrize("fault", DOUBTFUL)
async def test_a_node_in_doubt_holds_what_is_below_it(service: Service, fault: str, tmp_path: Path) -> None:
    """It is reported with its intent, is never sent again by itself, and leaves the others alone."""
    service.set_faults([f"{fault}:imagine:1"])
    graph = trees(2)
    async with service.client() as journey:
        for _ in range(2):
            outcome = await journey.run(graph, journal=tmp_path / "elk.db", in_flight=1)
            (doubt,) = outcome.in_doubt
            assert isinstance(doubt, NodeInDoubt)
            assert (doubt.error.intent.action, doubt.error.intent.body["prompt"]) == ("imagine", "elk 0")
            assert states(outcome) == {
                **dict.fromkeys(states(outcome), "finished"),
                "elk-0": "in doubt",
                **dict.fromkeys(("elk-0-1", "elk-0-2", "elk-0-left"), "waiting"),
            }
            held = outcome["elk-0-left"]
            assert isinstance(held, NodeWaiting)
            assert held.held_by is doubt.node
            with pytest.raises(SubmissionInDoubtError):
                outcome.result(doubt.node)
            with pytest.raises(ExceptionGroup, match="4 of 8 nodes have no result"):
                outcome.raise_for_failures()
            price = doubt.node.credits
            assert outcome.spending.in_doubt == price
            assert outcome.spending.taken + price == service.ledger()["charged"]
    assert requests(service, "/imagine") == 2


async def test_a_doubt_is_settled_by_adopting_the_task(service: Service, tmp_path: Path) -> None:
    """The user looked it up."""
    service.set_faults(["lost-reply:imagine:1"])
    asked: list[NodeInDoubt] = []

    async def settle(row: NodeInDoubt) -> Adopt:
        asked.append(row)
        return Adopt(service.ledger()["charges"][0]["task_id"])

    async with service.client() as journey:
        outcome = await journey.run(chain(), journal=tmp_path / "elk.db", settle=settle)
        assert outcome.complete
        assert len(asked) == 1
        assert (await journey.resume(tmp_path / "elk.db")).complete
    ledger = service.ledger()
    assert ledger["accepted"] == 3
    assert (outcome.spending.spent, outcome.spending.in_doubt) == (ledger["charged"], 0)


async def test_a_doubt_is_settled_by_sending_again(service: Service, tmp_path: Path) -> None:
    """Should that be in doubt too, the question is put again."""
    service.set_faults(["reset-before-accept:imagine:2"])
    asked: list[str] = []

    async def settle(row: NodeInDoubt) -> Resubmit:
        asked.append(row.error.intent.id)
        return Resubmit()

    async with service.client() as journey:
        outcome = await journey.run(chain(), journal=tmp_path / "elk.db", settle=settle)
    assert outcome.complete
    assert len(set(asked)) == 2
    ledger = service.ledger()
    assert ledger["accepted"] == 3
    assert outcome.spending.spent == ledger["charged"]
    # Nobody knows: two requests may have been charged.
    assert outcome.spending.in_doubt == 2 * outcome.rows["grid"].node.credits


async def test_a_doubt_is_settled_by_giving_the_node_up(service: Service, tmp_path: Path) -> None:
    """What is below it is left out; the next run leaves it so."""
    service.set_faults(["lost-reply:imagine:1"])

    async def settle(row: NodeInDoubt) -> Abandon:
        return Abandon()

    async with service.client() as journey:
        for decide in (settle, None):
            outcome = await journey.run(chain(), journal=tmp_path / "elk.db", settle=decide)
            assert states(outcome) == {"grid": "failed", "picture": "skipped", "left": "skipped"}
            (row,) = outcome.failed
            assert isinstance(row, NodeFailed)
            assert isinstance(row.error, SubmissionInDoubtError)
    assert requests(service, "/imagine") == 1


async def test_a_doubt_may_be_left(service: Service) -> None:
    """Asked about once, the run ends when nothing else is to be done."""
    service.set_faults(["lost-reply:imagine:1"])
    asked: list[NodeInDoubt] = []

    async def settle(row: NodeInDoubt) -> None:
        asked.append(row)

    async with service.client() as journey:
        outcome = await journey.run(trees(2), settle=settle, in_flight=1)
    assert len(asked) == 1
    assert len(outcome.in_doubt) == 1
    assert len(outcome.finished) == 4


async def test_doubts_of_earlier_runs_are_asked_about(service: Service, tmp_path: Path) -> None:
    service.set_faults(["reset-before-accept:imagine:1"])

    async def settle(row: NodeInDoubt) -> Resubmit:
        return Resubmit()

    async with service.client() as journey:
        assert not (await journey.run(chain(), journal=tmp_path / "elk.db")).complete
        assert (await journey.run(chain(), journal=tmp_path / "elk.db", settle=settle)).complete


@pytest.mark.parametrize(
    ("settlement", "error", "message"),
    [
        (Adopt("00000000-0000-4000-8000-000000000000"), TaskNotFoundError, "is not known to the service"),
        ("adopt", InvalidRequestError, r"settlement must be Adopt\(task_id\), Resubmit\(\) or Abandon\(\)"),
        (0, InvalidRequestError, "settlement must be"),
        (KeyError("canary"), KeyError, "canary"),
    ],
)
async def test_what_cannot_settle_a_doubt_ends_the_run_as_itself(
    service: Service, tmp_path: Path, settlement: Any, error: type[Exception], message: str
) -> None:
    """Nothing is settled by it: the node stays in doubt."""
    service.set_faults(["lost-reply:imagine:1"])

    async def settle(row: NodeInDoubt) -> Any:
        if isinstance(settlement, Exception):
            raise settlement
        return settlement

    async with service.client() as journey:
        with pytest.raises(error, match=message):
            await journey.run(chain(), journal=tmp_path / "elk.db", settle=settle)
        outcome = await journey.run(chain(), journal=tmp_path / "elk.db")
    assert states(outcome) == {"grid": "in doubt", "picture": "waiting", "left": "waiting"}


async def test_a_task_of_another_node_or_kind_is_not_adopted(service: Service, tmp_path: Path) -> None:
    """One task cannot be two nodes."""
    async with service.client() as journey:
        words = await journey.shorten("an elk that is very large indeed")
        await words
        service.set_faults(["lost-reply:imagine:1"])
        given = [words.id]

        async def settle(row: NodeInDoubt) -> Adopt:
            return Adopt(given[0])

        with pytest.raises(InvalidRequestError, match=r"the task is .* and the node is to be"):
            await journey.run(imagines(2), journal=tmp_path / "elk.db", settle=settle, in_flight=1)
        outcome = await journey.run(imagines(2), journal=tmp_path / "elk.db")
        (done,) = outcome.finished
        given[0] = done.task_id
        with pytest.raises(InvalidRequestError, match=f"the task is node {done.node.key} already"):
            await journey.run(imagines(2), journal=tmp_path / "elk.db", settle=settle)
