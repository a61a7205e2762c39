"""Many faults at once: every charge is known to a caller, or reported in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from journey_async import JourneyClient, SubmissionInDoubtError, Task, TaskFailedError
from tests.client.services import requests

if TYPE_CHECKING:
    from tests.client.services import Service

FAULTS = (
    "lost-reply:*:0.05",
    "error-after-accept:*:0.03",
    "reset-before-accept:*:0.03",
    "http-500:*:0.05",
    "http-502:*:0.05",
    "http-429-bare:*:0.05",
    "truncated-json:*:0.05",
    "not-json:*:0.05",
    "task-failed:*:0.05",
)


class Caller:
    """Asks for chains of an imagine, an upscale and a pan, and keeps what came of each request."""

    def __init__(self, journey: JourneyClient) -> None:
        self.journey = journey
        self.known: list[Task[Any]] = []
        self.doubts: list[SubmissionInDoubtError] = []
        self.failed = 0

    async def chain(self, number: int) -> None:
        try:
            grid = await self.journey.imagine(f"elk {number}")
            self.known.append(grid)
            elk = await self.journey.upscale_1x(grid, index=1 + number % 4)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
            self.known.append(elk)
            left = await self.journey.pan(elk, direction="left")
            self.known.append(left)
            await left
        except SubmissionInDoubtError as error:
            self.doubts.append(error)
        except TaskFailedError:
            self.failed += 1


@pytest.mark.serving(credits=100_000, task_seconds=0.01)
async def test_every_charge_is_known_or_in_doubt(service: Service) -> None:
    """No task is submitted twice, whatever goes wrong."""
    service.set_faults(FAULTS)
    async with service.client() as journey:
        caller = Caller(journey)
        async with anyio.create_task_group() as group:
            for number in range(60):
                group.start_soon(caller.chain, number)
        assert journey.orphans == ()
    ledger = service.ledger()
    charged = [charge["task_id"] for charge in ledger["charges"]]
    known = [task.id for task in caller.known]
    assert len(known) == len(set(known))
    assert set(known) <= set(charged)
    # What was charged without being known is what was reported, and each doubt is one request at the most.
    assert 0 <= len(charged) - len(known) <= len(caller.doubts)
    assert len(caller.doubts) + caller.failed > 0
    intents = [doubt.intent.id for doubt in caller.doubts]
    assert len(intents) == len(set(intents))
    paid = sum(requests(service, path) for path in ("/imagine", "/upscale-1x", "/pan"))
    assert paid >= len(known) + len(caller.doubts)
