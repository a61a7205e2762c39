"""Webhook deliveries as values, and the schedule of their tries."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRY_AFTER: Final = (10.0, 30.0, 90.0)
"""Sandbox seconds from a failed try to the next one, as journeyapi.co/docs/webhooks gives them."""
REPLY_WITHIN: Final = 10.0
"""Sandbox seconds in which the receiver has to answer 2xx."""


@frozen(kw_only=True)
class Delivery:
    """One try to tell a webhook about a task."""

    task_id: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    attempt: int = 1
    """1 to 4."""
    after: tuple[Delivery, ...] = ()
    """What follows once this one has arrived or is given up."""


class Outbox:
    """The deliveries to come, by the time of their next try."""

    def __init__(self) -> None:
        self._order = count()
        self._waiting: list[tuple[float, int, Delivery]] = []
        self.undeliverable: list[Delivery] = []
        """The last tries of those that were given up."""

    @property
    def next_at(self) -> float | None:
        """When the next try is due."""
        return self._waiting[0][0] if self._waiting else None

    def post(self, delivery: Delivery, *, at: float) -> None:
        """Have *delivery* tried from *at* on."""
        heapq.heappush(self._waiting, (at, next(self._order), delivery))

    def due(self, now: float) -> tuple[Delivery, ...]:
        """Take out the deliveries to be tried now; each is reported back by `tried`."""
        taken: list[Delivery] = []
        while self._waiting and self._waiting[0][0] <= now:
            taken.append(heapq.heappop(self._waiting)[2])
        return tuple(taken)

    def tried(self, delivery: Delivery, *, arrived: bool, now: float) -> None:
        """Report a try: one that failed is repeated up to three times."""
        if not arrived and delivery.attempt <= len(RETRY_AFTER):
            wait = RETRY_AFTER[delivery.attempt - 1]
            self.post(evolve(delivery, attempt=delivery.attempt + 1), at=now + wait)
            return
        if not arrived:
            self.undeliverable.append(delivery)
        for follower in delivery.after:
            self.post(follower, at=now)
