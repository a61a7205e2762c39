"""What works inside an open client, put together on one transport."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from attrs import field

from journey_async.retry import Sender
from journey_async.slots import Slots
from journey_async.submitting import Submitter
from journey_async.tally import Tally
from journey_async.values import frozen
from journey_async.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.core.pacing import Pace
    from journey_async.core.retrying import RetryPolicy
    from journey_async.statistics import Statistics
    from journey_async.transport import Transport
    from journey_async.webhooks import WebhookReceiver


@frozen(kw_only=True)
class Workings:
    """What works inside an open client."""

    sender: Sender
    watcher: Watcher
    slots: Slots
    submitter: Submitter
    tally: Tally = field(factory=Tally)

    @classmethod
    def on(
        cls,
        transport: Transport,
        *,
        retry: RetryPolicy,
        pace: Pace,
        webhooks: WebhookReceiver | None = None,
        slots_of: Callable[[Watcher, RetryPolicy], Slots] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Put them together on one transport; *slots_of* makes slots that are shared with other clients."""
        tally = Tally()
        sender = Sender(transport, retry, tally=tally, clock=clock)
        watcher = Watcher(sender, pace, tally=tally, clock=clock)
        slots = Slots(watcher, retry, clock=clock) if slots_of is None else slots_of(watcher, retry)
        submitter = Submitter(sender, watcher, slots, webhooks=webhooks, tally=tally, clock=clock)
        return cls(sender=sender, watcher=watcher, slots=slots, submitter=submitter, tally=tally)

    @property
    def statistics(self) -> Statistics:
        """What was done so far."""
        from journey_async.statistics import statistics_of  # noqa: PLC0415 - few ask, and all would wait at their start

        return statistics_of(self.tally, self.slots)
