"""Tasks that exist already, as roots of a graph: looked up free of charge before anything is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journey_async import (
    Description,
    Grid,
    IllegalParentError,
    InvalidRequestError,
    NodeFailed,
    NodeFinished,
    TaskFailedError,
    TaskGraph,
)
from tests.client.scripted import json_reply
from tests.client.services import requests
from tests.runs.trees import paid, states, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.client.services import Service
    from tests.runs.still import StillWorld

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_finished_task_is_a_parent(service: Service, tmp_path: Path, by_id: bool) -> None:
    """It costs nothing, and is asked about once; a later run knows it from the journal."""
    async with service.client() as journey:
        task = await journey.imagine("an elk")
        await task
        before = requests(service, "/fetch") + requests(service, "/fetch-many")
        graph = TaskGraph()
        parent = graph.existing(task.id if by_id else task, key="parent")
        graph.upscale_1x(parent, index=1, key="picture")
        outcome = await journey.run(graph, journal=tmp_path / "elk.db")
        assert states(outcome) == {"parent": "finished", "picture": "finished"}
        row = outcome[parent]
        assert isinstance(row, NodeFinished)
        assert (row.task_id, row.submitted_at) == (task.id, None)
        assert outcome.spending.taken == outcome["picture"].node.credits
        assert requests(service, "/fetch") + requests(service, "/fetch-many") > before
        again = await journey.resume(tmp_path / "elk.db")
    assert states(again) == states(outcome)
    assert service.ledger()["accepted"] == 2


async def test_an_unfinished_task_is_waited_for(still: StillWorld) -> None:
    """It takes one of the slots meanwhile."""
    async with still.client() as journey:
        task = await journey.imagine("an elk")
        graph = TaskGraph()
        graph.upscale_1x(graph.existing(task.id, kind=Grid), index=1)
        graph.imagine("a moose")
        async with journey.running(graph, in_flight=1) as run:
            await until(lambda: len(still.sent) > 6)
            assert still.ledger()["accepted"] == 1
            still.going = True
            async for _ in run:
                pass
            assert run.outcome.complete


async def test_a_failed_task_leaves_out_what_is_below(service: Service) -> None:
    async with service.client() as journey:
        task = await journey.imagine("[sandbox:fail=bad taste]")
        with pytest.raises(TaskFailedError):
            await task
        graph = TaskGraph()
        parent = graph.existing(task.id, key="parent")
        graph.upscale_1x(parent, index=1, key="picture")
        outcome = await journey.run(graph)
    assert states(outcome) == {"parent": "failed", "picture": "skipped"}
    row = outcome[parent]
    assert isinstance(row, NodeFailed)
    with pytest.raises(TaskFailedError, match="bad taste"):
        outcome.result(parent)
    assert outcome.spending.spent == 0


async def test_all_that_is_wrong_about_existing_tasks_is_told_before_anything_is_paid(service: Service) -> None:
    """Unknown ids, wrong kinds and what cannot follow; also two nodes of one task are judged each for itself."""
    async with service.client() as journey:
        grid = await journey.imagine("an elk")
        words = await journey.shorten("a very large elk indeed")
        await grid
        paid_before = paid(service)
        graph = TaskGraph()
        graph.existing(UNKNOWN, key="unknown")
        graph.existing(words.id, kind=Description, key="words")
        graph.existing(grid.id, key="fine")
        anything = graph.existing(grid.id, key="grid")
        graph.pan(anything, direction="left", key="pan")
        graph.imagine("a moose")
        with pytest.raises(InvalidRequestError) as caught:
            await journey.run(graph)
        assert paid(service) == paid_before
    said = [fault.message for fault in caught.value.faults]
    assert any("the task of node unknown is not known to the service" in message for message in said)
    assert any("the task of node words is" in message and "not Description" in message for message in said)
    assert any("pan" in message for message in said), said
    assert len(said) == 3


async def test_an_unknown_id_alone(service: Service) -> None:
    graph = TaskGraph()
    graph.upscale_1x(graph.existing(UNKNOWN), index=1)
    async with service.client() as journey:
        with pytest.raises(InvalidRequestError, match="is not known to the service"):
            await journey.run(graph)
    assert paid(service) == 0


async def test_a_task_that_turns_out_to_be_no_parent_fails_the_node(still: StillWorld) -> None:
    """While it was not finished nobody could know what it is: nothing is paid for the child."""
    async with still.client() as journey:
        task = await journey.imagine("an elk")
        graph = TaskGraph()
        graph.pan(graph.existing(task.id, key="parent"), direction="left", key="pan")
        still.going = True
        still.instead["/fetch"] = json_reply({"task_id": task.id, "status": "pending"})
        async with journey.running(graph) as run:
            still.instead.clear()
            async for _ in run:
                pass
        (failed,) = run.outcome.failed
        assert failed.node.key == "pan"
        assert isinstance(failed.error, IllegalParentError)
    assert still.ledger()["accepted"] == 1


async def test_more_tasks_than_one_question_takes(service: Service) -> None:
    """All are looked up."""
    async with service.client() as journey:
        tasks = [await journey.shorten(f"a very large elk indeed {number}") for number in range(25)]
        graph = TaskGraph()
        for task in tasks:
            graph.existing(task.id)
        outcome = await journey.run(graph)
    assert len(outcome.finished) == 25
    assert outcome.spending.taken == 0
