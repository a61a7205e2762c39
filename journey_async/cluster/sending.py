"""Sending a node: marked before its request leaves, so that whoever carries it next does not send it again."""

from __future__ import annotations

import time
from enum import Enum
from typing import TYPE_CHECKING, Final

import anyio

from journey_async.cluster.store import Store
from journey_async.core.records import Intended, Returned, Settled, error_as_values
from journey_async.core.retrying import may_repeat
from journey_async.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    JourneyError,
    RateLimitError,
    SubmissionInDoubtError,
)
from journey_async.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from journey_async.cluster.account_slots import AccountSlots
    from journey_async.cluster.book import Book, CarriedNode
    from journey_async.cluster.database import Database
    from journey_async.submitting import Order
    from journey_async.workings import Workings

_PAUSING: Final = (AuthenticationError, InsufficientCreditsError)
"""What no node is to blame for, and waiting alone does not mend."""
FULL: Final = 0.25
"""Seconds after which a node asks again for a slot that a single call has, or waits for."""


class Step(Enum):
    """What becomes of the job that carries a node."""

    AGAIN = "it is looked at again"
    OVER = "it is done"
    ASIDE = "its run is paused"


class Sending:
    """Sends nodes, one at a time while the service is in trouble."""

    def __init__(
        self,
        workings: Workings,
        slots: AccountSlots,
        database: Database,
        book: Book,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._workings = workings
        self._slots = slots
        self._database = database
        self._book = book
        self._clock = clock
        self._failures = 0
        """Times in a row that the service could not be reached, or left a node in doubt."""
        self._trying = anyio.Lock()

    async def send(self, node: CarriedNode) -> Step | Watch:
        """Send a node, unless there is no slot for it yet; gives its task once it was accepted."""
        if not self._failures:
            return await self._send_now(node)
        # While the service is in trouble one node at a time tries: each may be left in doubt.
        async with self._trying:
            if self._failures:
                await anyio.sleep(self._workings.sender.wait_after(self._failures))
            return await self._send_now(node)

    async def _send_now(self, node: CarriedNode) -> Step | Watch:
        parent = node.state.parent_result(node.place)
        order = self._workings.submitter.order(
            node.state.action(node.place), None if parent is None else parent.task_id
        )
        await self._workings.sender.wait_to_pay()
        node.state.intend(node.place, order.intent.id, parent=order.parent_id, now=self._clock())
        mark = next(record for record in node.news() if isinstance(record, Intended))
        try:
            why = await self._database.call(Store.intend, node.run, mark, self._book.name)
        except anyio.get_cancelled_exc_class():
            # It may be marked, and certainly did not leave.
            await self._book.record_leaving(
                node, [Returned(intent=mark.intent, why="cancelled before it left")], frees=True
            )
            raise
        match why:
            case None:
                return await self._submit(node, order)
            case "paused":
                return Step.ASIDE
            case "full":
                await anyio.sleep(FULL)
            case _:
                pass  # somebody else wrote about it
        return Step.AGAIN

    async def _submit(self, node: CarriedNode, order: Order) -> Step | Watch:
        if not self._workings.sender.may_pay:
            # Another node met a 429 meanwhile. Were the worker killed while this one waits, it would be in doubt.
            node.state.returned(node.place, order.intent.id, "held back by a 429")
            await self._book.record(node, node.news(), frees=True)
            return Step.AGAIN
        left: list[Watch | JourneyError] = []
        doubted = False

        def unclaimed(_: Order, outcome: Watch | JourneyError) -> None:
            left.append(outcome)
            if doubted and isinstance(outcome, Watch):
                # A webhook told it late.
                self._slots.errand(Store.settle, node.run, self._adopted(node, outcome))

        try:
            slot = self._slots.carried()
            watch = await self._workings.submitter.submit_once(order, slot, unclaimed=unclaimed)
        except JourneyError as error:
            await self._not_accepted(node, order, error)
            doubted = isinstance(error, SubmissionInDoubtError)
            return Step.AGAIN
        except anyio.get_cancelled_exc_class():
            await self._left_behind(node, order, left)
            raise
        await self._accepted(node, order, watch)
        return watch

    async def _accepted(self, node: CarriedNode, order: Order, watch: Watch) -> None:
        self._failures = 0
        node.state.accepted(node.place, order.intent.id, watch.task_id, now=self._clock())
        records = node.news()
        try:
            await self._book.record(node, records, holds=watch.task_id)
        except anyio.get_cancelled_exc_class():
            await self._book.record_leaving(node, records, holds=watch.task_id)
            raise
        await self._database.call(Store.accepted)

    def _adopted(self, node: CarriedNode, watch: Watch) -> Settled:
        return Settled(at=self._clock(), number=node.number, how="adopted", task_id=watch.task_id)

    async def _not_accepted(self, node: CarriedNode, order: Order, error: JourneyError) -> None:
        # A 429 is the business of the slots, which learn from it.
        if isinstance(error, SubmissionInDoubtError) or (may_repeat(error) and not isinstance(error, RateLimitError)):
            self._failures += 1
        if isinstance(error, SubmissionInDoubtError):
            node.state.doubted(node.place, error)
        elif isinstance(error, _PAUSING) or may_repeat(error):
            node.state.returned(node.place, order.intent.id, str(error))
        else:
            node.state.refused(node.place, order.intent.id, error, now=self._clock())
        await self._book.record(node, node.news(), frees=not isinstance(error, RateLimitError))
        if isinstance(error, RateLimitError):
            # Behind what the slots tell of the 429 themselves, which counts this one too.
            self._slots.free(node.holder)
        if isinstance(error, _PAUSING):
            await self._database.call(Store.pause, node.run, error_as_values(error))

    async def _left_behind(self, node: CarriedNode, order: Order, left: Sequence[Watch | JourneyError]) -> None:
        match left:
            case [Watch(task_id=task_id)]:
                node.state.accepted(node.place, order.intent.id, task_id, now=self._clock())
                await self._book.record_leaving(node, node.news(), holds=task_id)
            case [SubmissionInDoubtError() as doubt]:
                node.state.doubted(node.place, doubt)
                await self._book.record_leaving(node, node.news(), frees=True)
            case _:
                node.state.returned(node.place, order.intent.id, "cancelled before it left, or refused")
                await self._book.record_leaving(node, node.news(), frees=True)
