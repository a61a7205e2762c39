"""Sends the webhook deliveries of a world when they are due."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import aiohttp
import anyio
from yarl import URL

from journey_async.sandbox.deliveries import REPLY_WITHIN

if TYPE_CHECKING:
    from journey_async.sandbox.clock import Clock
    from journey_async.sandbox.deliveries import Delivery
    from journey_async.sandbox.world import World

LEAST_WAIT: Final = 1.0
"""Real seconds that a receiver has to answer at the least, however fast the sandbox runs."""
AT_ONCE: Final = 100
"""Deliveries on their way at the same time."""


class Courier:
    """Carries deliveries for as long as `run` runs."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._news = anyio.Event()

    def wake(self) -> None:
        """Say that something may be due earlier than thought."""
        self._news.set()

    async def run(self) -> None:
        """Send what is due, when it is due, until cancelled."""
        limiter = anyio.CapacityLimiter(AT_ONCE)
        connector = aiohttp.TCPConnector(limit=0)
        # Outside the group: closing a session in a cancelled scope raises although it closed.
        async with (
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
            anyio.create_task_group() as group,
        ):
            while True:
                self._news = anyio.Event()
                now = self._clock.now()
                for delivery in self._world.due_deliveries(now):
                    group.start_soon(self._carry, session, delivery, limiter)
                at = self._world.next_event(now)
                wait = math.inf if at is None else self._clock.real(at - now)
                with anyio.move_on_after(wait):
                    await self._news.wait()

    async def _carry(self, session: aiohttp.ClientSession, delivery: Delivery, limiter: anyio.CapacityLimiter) -> None:
        arrived = False
        async with limiter:
            with anyio.move_on_after(max(LEAST_WAIT, self._clock.real(REPLY_WITHIN))):
                arrived = await _post(session, delivery)
        self._world.delivered(delivery, arrived=arrived, now=self._clock.now())
        self.wake()


async def _post(session: aiohttp.ClientSession, delivery: Delivery) -> bool:
    try:
        # As it was given: yarl would rewrite what is quoted in it.
        url = URL(delivery.url, encoded=True)
        posted = session.post(url, data=delivery.body, headers=delivery.headers, allow_redirects=False)
        async with posted as response:
            return 200 <= response.status < 300
    except (aiohttp.ClientError, OSError, ValueError):
        return False
