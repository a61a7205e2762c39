"""A client and its receiver in a web server, told by the sandbox over real sockets: single calls and runs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from aiohttp import web
from attrs import define, field

from journey_async import ImagineGrid, JourneyClient, Pace, SubmissionInDoubtError, Task, TaskGraph
from journey_async.sandbox import Sandbox
from tests.client.services import PATIENT
from tests.sandbox.visiting import until
from tests.webhooks.receiving import receiver
from tests.webhooks.test_aiohttp import listening

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from journey_async.webhooks import WebhookReceiver

TOLD = Pace(lag=0.01, longest=0.05, ahead=0.02, quiet=3600)
"""Who is not told waits for an hour, and the usual pace would be a hundred questions a second."""
TRUST = pytest.mark.parametrize("trust", [False, True])
IN_DOUBT = ("lost-reply", "error-after-accept", "truncated-json", "not-json")


@define(eq=False)
class Told:
    """A sandbox, a client of it, and what the client's receiver answered."""

    box: Sandbox
    journey: JourneyClient
    answers: list[int] = field(factory=list[int])

    @property
    def questions(self) -> int:
        requests = self.box.ledger()["requests"]
        return requests.get("/fetch", 0) + requests.get("/fetch-many", 0)


@asynccontextmanager
async def told(*, trust: bool = False, reveal_within: float = 30, **options: Any) -> AsyncGenerator[Told]:
    given: dict[str, Any] = {"task_seconds": 0.05, "plan": "growth", "credits": 10_000, **options}
    holder: list[tuple[WebhookReceiver, Told]] = []

    async def hook(request: web.Request) -> web.Response:
        to, about = holder[0]
        answer = await to.aiohttp_handler(request)
        about.answers.append(answer.status)
        return answer

    app = web.Application()
    app.router.add_post("/journey", hook)
    async with listening(app) as url, Sandbox(**given) as box:
        to = receiver(public_url=f"{url}/journey", trust_bodies=trust, reveal_within=reveal_within)
        client = JourneyClient(box.api_key, base_url=box.base_url, pace=TOLD, retry=PATIENT, webhooks=to)
        async with client as journey:
            holder.append((to, Told(box, journey)))
            with anyio.fail_after(20):
                yield holder[0][1]


@TRUST
async def test_tasks_end_by_their_webhooks(trust: bool) -> None:
    """Forty at a plan's 25 at once, with doubled and backward deliveries."""
    faults = ["double-webhook:imagine:0.3", "backward-webhook:imagine:0.3"]
    async with told(trust=trust, faults=faults) as service:
        grids: list[ImagineGrid] = []

        async def one(number: int) -> None:
            grids.append(await (await service.journey.imagine(f"elk {number}")))

        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(one, number)
        assert len({grid.task_id for grid in grids}) == 40
        assert service.questions <= (0 if trust else 40)
        assert set(service.answers) == {200}


@TRUST
@pytest.mark.parametrize("fault", IN_DOUBT)
async def test_a_submission_in_doubt_is_revealed(fault: str, trust: bool) -> None:
    """The caller gets its task; one submission, one charge."""
    async with told(trust=trust, faults=[f"{fault}:imagine:1"]) as service:
        task = await service.journey.imagine("an elk")
        assert isinstance(await task, ImagineGrid)
        ledger = service.box.ledger()
        assert [charge["task_id"] for charge in ledger["charges"]] == [task.id]
        assert ledger["requests"]["/imagine"] == 1
        assert service.questions == (0 if trust else 1)
        assert service.journey.orphans == ()


@pytest.mark.parametrize("fault", IN_DOUBT)
async def test_a_submission_in_doubt_whose_delivery_is_lost_is_told(fault: str) -> None:
    """Once, and for good; nothing was bought twice."""
    faults = [f"{fault}:imagine:1", "lost-webhook:imagine:1"]
    async with told(reveal_within=0.02, task_seconds=0.01, faults=faults) as service:
        with pytest.raises(SubmissionInDoubtError):
            await service.journey.imagine("an elk")
        assert service.box.ledger()["accepted"] == 1
        assert service.journey.orphans == ()


async def test_a_delivery_after_the_doubt_brings_the_task() -> None:
    """Among the orphans."""
    async with told(reveal_within=0, faults=["lost-reply:imagine:1"]) as service:
        with pytest.raises(SubmissionInDoubtError):
            await service.journey.imagine("an elk")
        await until(lambda: len(service.journey.orphans) == 1)
        (orphan,) = service.journey.orphans
        assert isinstance(orphan, Task)
        await orphan
        assert [charge["task_id"] for charge in service.box.ledger()["charges"]] == [orphan.id]


# Runs


def batch() -> TaskGraph:
    """Draw twelve grids, and two upscales of each."""
    graph = TaskGraph()
    for number in range(12):
        grid = graph.imagine(f"elk {number}", key=f"grid-{number}")
        for index in (1, 2):
            graph.upscale_1x(grid, index=index, key=f"picture-{number}-{index}")
    return graph


@TRUST
async def test_a_run_goes_on_by_webhooks(trust: bool) -> None:
    """At the most one question for each node; at the usual pace there would be several for each."""
    async with told(trust=trust, plan="basic") as service:
        outcome = await service.journey.run(batch())
        assert outcome.complete
        assert len(outcome.finished) == 36
        assert service.questions <= (0 if trust else 36)
        assert service.box.ledger()["charged"] == outcome.spending.taken


@TRUST
async def test_nodes_in_doubt_settle_themselves(trust: bool, tmp_path: Path) -> None:
    """Nothing is left for the user to decide, and each node is bought once."""
    faults = ["lost-reply:imagine:2", "not-json:upscale-1x:2", "error-after-accept:upscale-1x:1"]
    async with told(trust=trust, faults=faults) as service:
        outcome = await service.journey.run(batch(), journal=tmp_path / "run.journal")
        assert outcome.complete
        assert not outcome.in_doubt
        assert service.box.ledger()["accepted"] == 36
        assert service.box.ledger()["charged"] == outcome.spending.taken
        assert service.questions <= (0 if trust else 36)
