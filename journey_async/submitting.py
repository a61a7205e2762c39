"""Submitting: the one way on which paid requests leave, for single calls and for runs."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Self, TypeAlias

import anyio
from attrs import frozen

from journey_async.core import wire
from journey_async.core.reading import read_submission
from journey_async.core.rules import rule_for
from journey_async.errors import JourneyError, RateLimitError, SubmissionInDoubtError
from journey_async.intent import Intent
from journey_async.retry import Sender
from journey_async.slots import Slots
from journey_async.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from journey_async.core.actions import Action
    from journey_async.core.kinds import Result
    from journey_async.core.pacing import Pace
    from journey_async.core.retrying import RetryPolicy
    from journey_async.core.tasks import TaskState
    from journey_async.core.wire import Reply, Request
    from journey_async.slots import Slot
    from journey_async.transport import Transport
    from journey_async.watch import Watch

Unclaimed: TypeAlias = "Callable[[Watch | JourneyError], None]"
"""Told what came of a request whose caller was cancelled while it was under way: the watch of the accepted task, a
`SubmissionInDoubtError`, or the error that says that it was not accepted."""


@frozen(kw_only=True)
class Order:
    """One paid request, ready to leave."""

    action: Action
    parent_id: str | None
    request: Request
    intent: Intent


def order(action: Action, parent_id: str | None = None, *, intent_id: str | None = None) -> Order:
    """Make what is to be submitted; the intent gets an id of its own unless one is given."""
    request = wire.submission(action, parent_id)
    body = {name: value for name, value in (request.body or {}).items() if name != "webhook_secret"}
    intent = Intent(
        id=intent_id or uuid.uuid4().hex, action=action.name, parent=parent_id, path=request.path, body=body
    )
    return Order(action=action, parent_id=parent_id, request=request, intent=intent)


class Submitter:
    """Submits orders, each within a slot; nothing is sent again that may have been accepted."""

    def __init__(
        self, sender: Sender, watcher: Watcher, slots: Slots, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sender = sender
        self._watcher = watcher
        self._slots = slots
        self._clock = clock

    async def submit(self, order: Order, *, overtaking: bool, unclaimed: Unclaimed) -> Watch:
        """Submit patiently: again for as long as it certainly was not accepted, each time within a slot.

        Raises what `submit_once` raises once patience is over; waiting for a slot does not count.
        """
        queued = 0.0

        async def once() -> Watch:
            nonlocal queued
            came = self._clock()
            with await self._slots.take(overtaking=overtaking) as slot:
                queued += self._clock() - came
                return await self.submit_once(order, slot, unclaimed=unclaimed)

        return await self._sender.patiently(order.request, once, queued=lambda: queued)

    async def submit_once(self, order: Order, slot: Slot, *, unclaimed: Unclaimed) -> Watch:
        """Submit once; the accepted task holds the *slot*.

        Raises `SubmissionInDoubtError` if it may have been accepted; a cancellation then has that as its cause. Any
        other `JourneyError` says that it was not.
        """
        gives = rule_for(order.action).gives
        doubts: list[JourneyError] = []

        def read(request: Request, reply: Reply) -> TaskState[Result]:
            return read_submission(request, reply, gives=gives)

        def left_behind(outcome: TaskState[Result] | BaseException) -> None:
            if isinstance(outcome, BaseException):
                error = self._failed(order, outcome)
                if error is not outcome:
                    error.__cause__ = outcome
                    doubts.append(error)
                unclaimed(error)
            else:
                unclaimed(self._accepted(order, slot, outcome))

        try:
            state = await self._sender.submit_once(order.request, read, unclaimed=left_behind)
        except JourneyError as error:
            told = self._failed(order, error)
            if told is error:
                raise
            raise told from error
        except anyio.get_cancelled_exc_class() as cancelled:
            cancelled.__cause__ = doubts[0] if doubts else cancelled.__cause__
            raise
        return self._accepted(order, slot, state)

    def _accepted(self, order: Order, slot: Slot, state: TaskState[Result]) -> Watch:
        watch = self._watcher.watch(state, action=order.action.name)
        slot.hold(watch)
        return watch

    def _failed(self, order: Order, cause: BaseException) -> JourneyError:
        """Give the error to report, and let the slots learn from a 429."""
        if isinstance(cause, RateLimitError):
            self._slots.refused()
        if not isinstance(cause, JourneyError):
            return SubmissionInDoubtError(order.intent, why="the caller was cancelled before the reply came")
        return SubmissionInDoubtError(order.intent, why=str(cause)) if cause.credits_may_have_moved else cause


@frozen(kw_only=True)
class Workings:
    """What works inside an open client."""

    sender: Sender
    watcher: Watcher
    slots: Slots
    submitter: Submitter

    @classmethod
    def on(
        cls, transport: Transport, *, retry: RetryPolicy, pace: Pace, clock: Callable[[], float] = time.monotonic
    ) -> Self:
        """Put them together on one transport."""
        sender = Sender(transport, retry, clock=clock)
        watcher = Watcher(sender, pace, clock=clock)
        slots = Slots(watcher, retry, clock=clock)
        submitter = Submitter(sender, watcher, slots, clock=clock)
        return cls(sender=sender, watcher=watcher, slots=slots, submitter=submitter)
