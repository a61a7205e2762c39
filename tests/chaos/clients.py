"""Clients whose settings make hung servers end soon, and one whose clock jumps."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING, Final

from journey_async import JourneyClient, Pace, RetryPolicy
from journey_async.configuration import Configuration
from journey_async.transport import AiohttpTransport
from journey_async.workings import Workings

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async import Transport, WebhookReceiver
    from journey_async.slots import Slots
    from journey_async.watcher import Watcher

RETRY: Final = RetryPolicy(first=0.01, longest=0.1, patience=2.0, rate_limit_patience=6.0)
PACE: Final = Pace(lag=0.03, longest=0.3, ahead=0.03, quiet=1.0)
UNRESOLVABLE: Final = "http://nowhere.invalid/api/v1"


def client(
    base_url: str,
    api_key: str,
    *,
    webhooks: WebhookReceiver | None = None,
    clock: Callable[[], float] | None = None,
    retry: RetryPolicy = RETRY,
    silence: float = 0.5,
) -> JourneyClient:
    """Make a client that takes half a second of *silence* for the end; of a paid request a little more."""
    configuration = Configuration(
        api_key=api_key,
        base_url=base_url,
        connections=16,
        proxy="",
        connect_seconds=1.0,
        free_read_seconds=silence,
        paid_read_seconds=1.6 * silence,
    )
    transport = AiohttpTransport(configuration)
    if clock is not None:
        return ClockedClient(transport, clock)
    return JourneyClient(transport=transport, retry=retry, pace=PACE, proxy="", webhooks=webhooks)


class ClockedClient(JourneyClient):
    """A client on a clock of its own."""

    def __init__(self, transport: Transport, clock: Callable[[], float]) -> None:
        super().__init__(transport=transport, retry=RETRY, pace=PACE, proxy="")
        self._clock = clock

    def _put_together(self, transport: Transport, slots_of: Callable[[Watcher, RetryPolicy], Slots] | None) -> Workings:
        return Workings.on(transport, retry=RETRY, pace=PACE, slots_of=slots_of, clock=self._clock)


class JumpingClock:
    """Runs with the machine's, and at some looks is up to an hour ahead of before, or a little behind."""

    def __init__(self, seed: str) -> None:
        self.jumps = 0
        self._chance = Random(seed)
        self._off = 0.0

    def __call__(self) -> float:
        if self._chance.random() < 0.05:
            self.jumps += 1
            self._off += self._chance.choice((3600.0, 60.0, 1.0, -0.5))
        return time.monotonic() + self._off
