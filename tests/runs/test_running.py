"""A run: order, slots, failures, outcome and events, over the world and over a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import pytest

from journey_async import (
    BadRequestError,
    InvalidRequestError,
    NodeFailed,
    NodeFinished,
    NodeProgressed,
    NodeSkipped,
    NodeSubmitted,
    NoResultError,
    RunPlanned,
    TaskFailedError,
    TaskGraph,
)
from tests.client.scripted import json_reply
from tests.runs.trees import chain, imagines, paid, states, trees, until

if TYPE_CHECKING:
    from journey_async import Event
    from tests.client.services import Service
    from tests.runs.still import StillWorld


@pytest.mark.serving(plan="basic")
async def test_trees_run_in_order_and_within_the_plan(service: Service) -> None:
    """Each node after its parent has finished, and without a single refusal."""
    graph = trees(5)
    async with service.client() as journey:
        outcome = await journey.run(graph)
    assert outcome.complete
    assert [row.node.key for row in outcome.finished] == [node.key for node in graph]
    for row in outcome.finished:
        if row.node.parent is not None:
            above = outcome[row.node.parent]
            assert isinstance(above, NodeFinished)
            assert row.submitted_at is not None
            assert row.submitted_at >= above.ended_at
    ledger = service.ledger()
    assert paid(service) == ledger["accepted"] == len(graph)
    assert outcome.spending.spent == ledger["charged"] == int(graph.credits)
    assert len({row.task_id for row in outcome.finished}) == len(graph)
    outcome.raise_for_failures()


async def test_fewer_at_once_than_the_plan_allows(service: Service) -> None:
    """By the service's own count, at every event."""
    seen: set[int] = set()
    async with service.client() as journey, journey.running(trees(2), in_flight=2) as run:
        async for _ in run:
            seen.add(service.ledger()["in_flight"])
        assert run.outcome.complete
    assert max(seen) == 2


@pytest.mark.serving(plan="basic")
async def test_the_plan_is_filled_and_not_exceeded(still: StillWorld) -> None:
    """As many leave as there are slots, and one more for each that ends."""
    async with still.client() as journey, journey.running(imagines(12)) as run:
        for filled in (5, 10, 12):
            await until(lambda filled=filled: still.ledger()["accepted"] == filled)  # type: ignore[misc]
            await anyio.sleep(0.03)
            assert len(still.prompts()) == filled
            still.end_tasks()
        async for _ in run:
            pass
        assert run.outcome.complete


async def test_the_node_with_the_longest_way_below_goes_first(still: StillWorld) -> None:
    graph = TaskGraph()
    graph.imagine("alone")
    graph.upscale_1x(graph.imagine("short"), index=1)
    graph.pan(graph.upscale_1x(graph.imagine("long"), index=1), direction="left")
    still.going = True
    async with still.client() as journey:
        await journey.run(graph, in_flight=1)
    assert still.prompts() == ["long", "short", "alone"]


async def test_a_failure_leaves_out_what_is_below_it_and_nothing_else(service: Service) -> None:
    """The outcome says why, row by row; an exception only on request."""
    graph = TaskGraph()
    bad = graph.imagine("[sandbox:fail=bad taste]", key="bad")
    below = graph.upscale_1x(bad, index=1, key="below")
    further = graph.pan(below, direction="left", key="further")
    good = graph.imagine("an elk", key="good")
    fine = graph.upscale_1x(good, index=1, key="fine")
    async with service.client() as journey:
        outcome = await journey.run(graph)
    assert states(outcome) == {
        "bad": "failed",
        "below": "skipped",
        "further": "skipped",
        "good": "finished",
        "fine": "finished",
    }
    assert not outcome.complete
    for node in (below, further):
        row = outcome[node]
        assert isinstance(row, NodeSkipped)
        assert (row.because, row.why) == (bad, "a node above it failed")
    assert outcome.result(fine).image_url.startswith("http")
    with pytest.raises(TaskFailedError, match="bad taste"):
        outcome.result(bad)
    with pytest.raises(NoResultError, match="further was left out: a node above it failed"):
        outcome.result(further)
    with pytest.raises(ExceptionGroup, match="3 of 5 nodes have no result") as caught:
        outcome.raise_for_failures()
    (error,) = caught.value.exceptions
    assert isinstance(error, TaskFailedError)
    assert error.__notes__ == ["node bad"]
    ledger = service.ledger()
    assert outcome.spending.taken == ledger["charged"]
    assert outcome.spending.given_back == ledger["refunded"]
    assert ledger["accepted"] == 3


async def test_a_refusal_of_the_service_fails_the_node(still: StillWorld) -> None:
    """Nothing moved, and nothing is asked again."""
    still.going = True
    still.instead["/upscale-1x"] = json_reply({"errors": [{"msg": "not this one"}]}, 400)
    async with still.client() as journey:
        outcome = await journey.run(chain())
    assert states(outcome) == {"grid": "finished", "picture": "failed", "left": "skipped"}
    (failed,) = outcome.failed
    assert isinstance(failed.error, BadRequestError)
    assert failed.error.messages == ("not this one",)
    assert [request.path for request in still.sent].count("/upscale-1x") == 1
    assert outcome.spending.taken == still.ledger()["charged"]


async def test_events_tell_all_that_happens_in_order(still: StillWorld) -> None:
    """Change by change; the first is the plan, and the rows of the outcome are the last event of each node."""
    graph = chain()
    graph.imagine("[sandbox:fail=no]", key="bad")
    graph.upscale_1x(graph["bad"], index=1, key="below")
    events: list[Event] = []
    still.going = True
    async with still.client() as journey, journey.running(graph, budget=100) as run:
        events += [event async for event in run]
        outcome = run.outcome
    planned = events[0]
    assert isinstance(planned, RunPlanned)
    assert (planned.nodes, planned.to_send, planned.slots, planned.balance) == (5, 5, 25, 10_000)
    assert (planned.credits, planned.earlier.taken, bool(planned.differences)) == (graph.credits, 0, False)
    of_grid = [event for event in events[1:] if getattr(event, "node", None) is graph["grid"]]
    kinds = [type(event) for event in of_grid]
    assert (kinds[0], kinds[-1]) == (NodeSubmitted, NodeFinished)
    assert set(kinds[1:-1]) == {NodeProgressed}
    percentages = [event.task_state.percentage for event in of_grid if isinstance(event, NodeProgressed)]
    assert len(percentages) == len(set(percentages))
    for node in graph:
        last = [event for event in events if getattr(event, "node", None) is node][-1]
        assert outcome[node] is last
    assert {type(event) for event in events} == {
        RunPlanned,
        NodeSubmitted,
        NodeProgressed,
        NodeFinished,
        NodeFailed,
        NodeSkipped,
    }


async def test_the_outcome_can_be_looked_at_while_the_run_is_on_its_way(still: StillWorld) -> None:
    async with still.client() as journey, journey.running(chain()) as run:
        async for event in run:
            if isinstance(event, NodeSubmitted):
                break
        assert states(run.outcome) == {"grid": "submitted", "picture": "waiting", "left": "waiting"}
        assert "1 submitted, 2 waiting" in repr(run)


@pytest.mark.serving(plan="basic")
async def test_two_runs_of_one_client_share_the_slots(service: Service) -> None:
    """Together they stay within the plan: nothing is refused."""
    async with service.client() as journey:
        complete: list[bool] = []

        async def one(prefix: str) -> None:
            complete.append((await journey.run(trees(2, prefix=prefix))).complete)

        async with anyio.create_task_group() as group:
            for prefix in ("elk", "moose", "deer"):
                group.start_soon(one, prefix)
    assert complete == [True] * 3
    assert paid(service) == service.ledger()["accepted"] == 24


@pytest.mark.serving(plan="basic")
async def test_a_single_call_overtakes_a_run(still: StillWorld) -> None:
    """It gets the next slot that is free, before the nodes that wait."""
    async with still.client() as journey, journey.running(imagines(12)) as run:
        await until(lambda: still.ledger()["accepted"] == 5)
        async with anyio.create_task_group() as group:
            group.start_soon(journey.imagine, "urgent")
            await anyio.wait_all_tasks_blocked()
            still.end_tasks()
        assert still.prompts().index("urgent") == 5
        still.going = True
        async for _ in run:
            pass
        assert run.outcome.complete
    assert len(still.prompts()) == still.ledger()["accepted"] == 13


async def test_an_empty_graph_is_done(service: Service) -> None:
    async with service.client() as journey:
        outcome = await journey.run(TaskGraph())
    assert (len(outcome), outcome.complete) == (0, True)
    assert paid(service) == 0


async def test_options_that_are_none_are_refused_together(service: Service) -> None:
    """With all faults, before anything is sent."""
    async with service.client() as journey:
        with pytest.raises(InvalidRequestError) as caught:
            await journey.run(chain(), budget=-1, in_flight=0)
        assert [fault.argument for fault in caught.value.faults] == ["budget", "in_flight"]
        for wrong in (True, "3", float("nan")):
            with pytest.raises(InvalidRequestError, match="budget must be a number"):
                async with journey.running(chain(), budget=wrong):  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
                    pass
    assert service.ledger()["requests"] == {}
