"""Nodes in doubt of a run: webhooks that come late, or only to the next run, settle them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import (
    JourneyClient,
    NodeInDoubt,
    NodeSubmitted,
    Outcome,
    ReplyLostError,
    Request,
    RunResumed,
    RunWaiting,
    ServerError,
    TaskGraph,
    read_journal,
)
from tests.client.scripted import json_reply
from tests.client.services import QUICK
from tests.sandbox.visiting import until
from tests.webhooks.controlled import FINISHED, ControlledService
from tests.webhooks.receiving import receiver

if TYPE_CHECKING:
    from pathlib import Path

    from journey_async import Reply

ACCOUNT = json_reply({"email": "", "credits": 100, "total_images": 0, "plan": "starter"})
LOST = ReplyLostError("cut", method="POST", path="/imagine", paid=True)
LONG = 3600.0


class WithAccount(ControlledService):
    async def send(self, request: Request, /) -> Reply:
        return ACCOUNT if request.path == "/account" else await super().send(request)


def one_node() -> TaskGraph:
    graph = TaskGraph()
    graph.imagine("an elk", key="elk")
    return graph


async def left_in_doubt(service: WithAccount, journal: Path) -> str:
    """Run until the one node is in doubt, in a client without webhooks; give the id of its intent."""
    service.instead = LOST
    async with JourneyClient(transport=service) as journey:
        outcome = await journey.run(one_node(), journal=journal)
    (row,) = outcome.in_doubt
    return row.error.intent.id


async def test_a_doubt_of_an_earlier_run_is_settled_by_its_delivery(tmp_path: Path) -> None:
    """The next run waits for it, and nothing is sent again."""
    service = WithAccount()
    journal = tmp_path / "elk.db"
    intent = await left_in_doubt(service, journal)
    service.items["t1"] = FINISHED
    to = receiver(reveal_within=LONG)
    outcomes: list[Outcome] = []
    async with service.client(to) as journey:

        async def resume() -> None:
            outcomes.append(await journey.resume(journal))

        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(resume)
                await anyio.wait_all_tasks_blocked()
                await until(lambda: journey.statistics.requests.get("/account", 0) == 1)
                while not outcomes:
                    assert await service.deliver(to, query=f"intent={intent}") == 200
                    await anyio.sleep(0.01)
    assert outcomes[0].complete
    assert len(service.submissions) == 1
    assert (await read_journal(journal)).spending.taken == 4


async def test_a_doubt_of_an_earlier_run_that_no_delivery_settles_stays_one(tmp_path: Path) -> None:
    """Once `reveal_within` is over the user is asked, or it is left."""
    service = WithAccount()
    journal = tmp_path / "elk.db"
    await left_in_doubt(service, journal)
    asked: list[NodeInDoubt] = []

    async def leave(row: NodeInDoubt) -> None:
        asked.append(row)

    async with service.client(receiver(reveal_within=0.01)) as journey:
        with anyio.fail_after(20):
            outcome = await journey.resume(journal, settle=leave)
    assert [row.node.key for row in outcome.in_doubt] == ["elk"]
    assert [row.node.key for row in asked] == ["elk"]
    assert len(service.submissions) == 1


async def test_a_delivery_that_comes_late_adopts_the_node_while_the_run_goes_on() -> None:
    """It goes on here because another node's task does."""
    service, to = WithAccount(), receiver(reveal_within=0.01)
    graph = one_node()
    graph.imagine("a moose", key="moose")
    async with service.client(to) as journey:
        service.instead = LOST
        async with journey.running(graph, in_flight=1) as run:
            with anyio.fail_after(20):
                async for event in run:
                    if isinstance(event, NodeInDoubt):
                        service.instead = None
                    elif isinstance(event, NodeSubmitted) and event.node.key == "moose":
                        assert [row.node.key for row in run.outcome.in_doubt] == ["elk"]
                        service.items["t1"] = service.items["t2"] = FINISHED
                        assert await service.deliver(to, of=1) == 200
                        assert await service.deliver(to, "t2", of=2) == 200
        assert run.outcome.complete
    assert len(service.submissions) == 2


@pytest.mark.parametrize("questions", [2, 5])
async def test_an_outage_is_told_and_its_end_too(questions: int) -> None:
    """Questions that go unanswered are waited out; one alone is not worth a word."""

    class Down(WithAccount):
        async def send(self, request: Request, /) -> Any:
            if request.path in {"/fetch", "/fetch-many"} and len(self.questions) >= questions:
                self.down = None
                self.items["t1"] = FINISHED
            return await super().send(request)

    service = Down()
    service.down = ServerError("500", method="POST", path="/fetch", status=500)
    async with JourneyClient(transport=service, pace=QUICK) as journey:
        async with journey.running(one_node()) as run:
            with anyio.fail_after(20):
                told = [type(event) async for event in run if isinstance(event, RunWaiting | RunResumed)]
        assert run.outcome.complete
    assert told == [RunWaiting, RunResumed]
