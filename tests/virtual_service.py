"""The sandbox's world and all that works inside a client, on the clock of the loop: for hours in a second."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio

from journey_async import Pace, Reply, ReplyLostError, RetryPolicy
from journey_async.workings import Workings

if TYPE_CHECKING:
    from journey_async import JourneyError, Request
    from journey_async.sandbox import Ledger, World
    from journey_async.sandbox.answers import Answer
    from journey_async.submitting import Order
    from journey_async.watch import Watch

KEY = "japi_virtual_key"


class VirtualTransport:
    """Hands requests to a world; each takes half of the round trip there, and half back."""

    def __init__(self, world: World, *, round_trip: float) -> None:
        self.world = world
        self._way = round_trip / 2

    async def send(self, request: Request, /) -> Reply:
        await anyio.sleep(self._way)
        answer = self.answered(request)
        await anyio.sleep(answer.delay + self._way)
        if answer.cut:
            raise ReplyLostError("cut", method=request.method, path=request.path, paid=request.paid)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status, headers=headers, body=answer.body)

    def answered(self, request: Request) -> Answer:
        """Let the world answer."""
        return self.world.answer(
            request.method,
            f"/api/v1{request.path}",
            headers={"Authorization": KEY, "Content-Type": "application/json"},
            body=request.encoded() or b"",
            now=anyio.current_time(),
        )


def virtual_workings(world: World, *, round_trip: float = 0.05) -> Workings:
    """Put together what a client with default settings works with, on the clock of the running loop."""
    return virtual_workings_on(VirtualTransport(world, round_trip=round_trip))


def virtual_workings_on(transport: VirtualTransport) -> Workings:
    """Put the same together on a transport of one's own."""
    return Workings.on(transport, retry=RetryPolicy(), pace=Pace(), clock=asyncio.get_running_loop().time)


async def bought(workings: Workings, order: Order, *, cancelled: bool = False) -> Watch:
    """Submit an order for a caller that may be *cancelled*, or else never is."""

    def unclaimed(_: Order, outcome: Watch | JourneyError) -> None:
        assert cancelled, outcome

    return await workings.submitter.submit(order, overtaking=True, claimed=lambda _, watch: watch, unclaimed=unclaimed)


def ledger(world: World) -> Ledger:
    """Give the books as of now."""
    return world.ledger(anyio.current_time())
