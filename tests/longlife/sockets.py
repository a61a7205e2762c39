"""A client on real sockets that buys thousands of pictures: what of it is left open."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import anyio
from attrs import frozen

from journey_async import JourneyClient, JourneyError, Pace, RetryPolicy
from tests.cancellation.stages import descriptors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from journey_async.testing import RunningSandbox

FAULTS: Final = ("http-429-bare:*:0.01", "http-502:fetch-many:0.02", "lost-reply:imagine:0.005", "omit-id:*:0.02")
"""With an account and a plan that a few thousand tasks do not exhaust."""
OPTIONS: Final[Mapping[str, Any]] = {
    "plan": "enterprise",
    "slots": 1000,
    "credits": 10**9,
    "task_seconds": 0.05,
    "faults": FAULTS,
}
CONNECTIONS: Final = 16
AT_ONCE: Final = 64


@frozen(kw_only=True)
class Left:
    """What is there once all calls have returned."""

    accepted: int
    """Tasks that the client bought so far."""
    descriptors: int
    """Files and sockets that are open in this process, the sandbox's among them."""
    tasks: int
    """Tasks of the event loop, without the one that looks."""


async def left(accepted: int) -> Left:
    """Count."""
    tasks = sum(not task.done() for task in asyncio.all_tasks()) - 1
    return Left(accepted=accepted, descriptors=await anyio.to_thread.run_sync(descriptors), tasks=tasks)


async def a_life(sandbox: RunningSandbox, *, rounds: int, tasks: int) -> list[Left]:
    """Buy so many pictures in each round: what was there before the client, after each round, and after its end."""
    found = [await left(0)]
    async with JourneyClient(
        sandbox.api_key,
        base_url=sandbox.base_url,
        proxy="",
        connections=CONNECTIONS,
        pace=Pace(lag=0.02, longest=0.2, ahead=0.02),
        retry=RetryPolicy(first=0.01, longest=0.05),
    ) as journey:
        for _ in range(rounds):
            turns = iter(range(tasks))
            async with anyio.create_task_group() as group:
                for _ in range(AT_ONCE):
                    group.start_soon(_buy, journey, turns)
            found.append(await left(journey.statistics.accepted))
        accepted = journey.statistics.accepted
    end = await left(accepted)
    with anyio.move_on_after(5):
        # The sandbox closes its end of a connection a little later.
        while end.descriptors > found[0].descriptors:
            await anyio.sleep(0.01)
            end = await left(accepted)
    return [*found, end]


async def _buy(journey: JourneyClient, turns: Iterator[int]) -> None:
    """Buy pictures one after the other: of ten seven are awaited, and the others looked at for a while or forgotten."""
    for number in turns:
        with suppress(JourneyError):
            task = await journey.imagine(f"picture {number}")
            if number % 10 < 7:
                await task
            elif number % 10 < 9:
                with anyio.move_on_after(0.03):
                    await task
