"""Submitting: the one way on which paid requests leave, for single calls and for runs."""

from __future__ import annotations

import logging
import os
import time
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import anyio
from attrs import evolve

from journey_async.core import wire
from journey_async.core.reading import read_answer
from journey_async.core.rules import rule_for
from journey_async.core.tasks import Failed, TaskState
from journey_async.errors import JourneyError, RateLimitError, SubmissionInDoubtError
from journey_async.finishing import Untorn
from journey_async.intent import Intent
from journey_async.retry import loggable
from journey_async.revelations import Revelation, Revelations
from journey_async.tally import Tally
from journey_async.values import define
from journey_async.watch import shared_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from journey_async.core.actions import Action
    from journey_async.core.deliveries import Delivery
    from journey_async.core.kinds import Kind, Result
    from journey_async.core.wire import Reply, Request
    from journey_async.retry import Patience, Sender
    from journey_async.slots import Slot, Slots
    from journey_async.watch import Watch
    from journey_async.watcher import Watcher
    from journey_async.webhooks import WebhookReceiver

_log = logging.getLogger("journey_async")
FINISH_SECONDS: Final = 5.0
"""How long a cancelled caller waits for the reply to a paid request that has already left."""
_NOTHING_TOLD: Final = Revelation()
"""Of a request that no webhook is to tell of."""

T = TypeVar("T")
Unclaimed: TypeAlias = "Callable[[Order, Watch | JourneyError], None]"
"""Told what came of an order whose caller was cancelled while it was under way: the watch of the accepted task, a
`SubmissionInDoubtError`, or the error that says that it was not accepted."""


@define(eq=False)
class Order:
    """One paid request, ready to leave."""

    action: Action
    parent_id: str | None
    request: Request
    gives: Kind
    """What the task will be."""
    told: bool
    """Whether a webhook of this client is to tell of the end."""
    _intent_id: str | None
    _intent: Intent | None = None

    @property
    def intent(self) -> Intent:
        """The record of the request; made when somebody looks, which a call without a journal hardly ever does."""
        intent = self._intent
        if intent is None:
            body = self.action.body(self.parent_id)
            body.pop("webhook_secret", None)
            intent = self._intent = Intent(
                id=self._intent_id or os.urandom(16).hex(),
                action=self.action.name,
                parent=self.parent_id,
                path=self.request.path,
                body=body,
            )
        return intent

    def read(self, request: Request, reply: Reply) -> TaskState[Result] | str:
        """Read the answer to it: a bare task id, or a state."""
        return read_answer(request, reply, gives=self.gives)


def order(
    action: Action,
    parent_id: str | None = None,
    *,
    intent_id: str | None = None,
    delivery: Mapping[str, str] | None = None,
) -> Order:
    """Make what is to be submitted; the intent gets an id of its own unless one is given.

    *delivery* are the fields that ask for a webhook, in the request alone: what was asked stays as the user wrote it.
    """
    request = wire.submission(action, parent_id)
    if delivery is not None:
        request = evolve(request, body={**(request.body or {}), **delivery})
    return Order(action, parent_id, request, rule_for(action).gives, delivery is not None, intent_id)


class Submitter:
    """Submits orders, each within a slot; nothing is sent again that may have been accepted."""

    def __init__(
        self,
        sender: Sender,
        watcher: Watcher,
        slots: Slots,
        *,
        webhooks: WebhookReceiver | None = None,
        tally: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tally = tally or Tally()
        self._sender = sender
        self._watcher = watcher
        self._slots = slots
        self._webhooks = webhooks
        self._clock = clock
        self._trusting = webhooks is not None and webhooks.trust_bodies
        self._revelations = Revelations(ask=sender.ask, trusting=self._trusting, claimed=self._claimed)

    def order(self, action: Action, parent_id: str | None = None) -> Order:
        """Make what is to be submitted, with the delivery that this client asks for unless the user asks for one."""
        if self._webhooks is None or action.webhook_url is not None:
            return order(action, parent_id)
        intent_id = os.urandom(16).hex()
        return order(action, parent_id, intent_id=intent_id, delivery=self._webhooks.fields(intent_id))

    async def submit(
        self, order: Order, *, overtaking: bool, claimed: Callable[[Order, Watch], T], unclaimed: Unclaimed
    ) -> T:
        """Submit patiently: again for as long as it certainly was not accepted, each time within a slot.

        Gives what *claimed* makes of the accepted task. Raises what `submit_once` raises once patience is over; waiting
        for a slot does not count.
        """
        started, queued = self._clock(), 0.0
        patience: Patience | None = None
        while True:
            slot = self._slots.take_at_once(overtaking=overtaking)
            if slot is None:
                came = self._clock()
                slot = await self._slots.take(overtaking=overtaking)
                queued += self._clock() - came
            try:
                try:
                    return claimed(order, await self.submit_once(order, slot, unclaimed=unclaimed))
                except BaseException:
                    # By hand, as `with slot` takes longer; the accepted task holds it otherwise.
                    slot.leave()
                    raise
            except JourneyError as error:
                patience = patience or self._sender.patience(order.request, since=started)
                await patience.outlast(error, queued=queued)

    async def submit_once(self, order: Order, slot: Slot, *, unclaimed: Unclaimed) -> Watch:
        """Submit once; the accepted task holds the *slot*.

        Raises `SubmissionInDoubtError` if it may have been accepted; a cancellation then has that as its cause. Any
        other `JourneyError` says that it was not.
        """
        # No delivery that comes carries the intent of an order that asks for none.
        revelation = self._revelations.expect(order.intent.id) if order.told else _NOTHING_TOLD
        sender = self._sender
        try:
            if not sender.may_pay:
                await sender.wait_to_pay()
            exchange = Untorn(sender.send(order.request))
            try:
                reply = await exchange
            except anyio.get_cancelled_exc_class() as cancelled:
                left_behind = partial(self._left_behind, order, slot, revelation, unclaimed)
                await exchange.finish(cancelled, within=FINISH_SECONDS, unclaimed=left_behind)
                raise
            answer = sender.taken_in(order.request, reply, order.read)
        except JourneyError as error:
            told = self._failed(order, error)
            if told is error:
                raise
            told.__cause__ = error
            revealed = await self._revealed_to_caller(order, revelation, told, unclaimed)
            if revealed is None:
                raise told from error
            self._no_doubt(order)
            answer = revealed
        finally:
            if order.told:
                self._revelations.forget(order.intent.id)
        return self._accepted(order, slot, answer, revelation)

    def _left_behind(
        self,
        order: Order,
        slot: Slot,
        revelation: Revelation,
        unclaimed: Unclaimed,
        outcome: Reply | BaseException,
    ) -> JourneyError | None:
        """Tell *unclaimed* what came of a request whose caller was cancelled; gives the doubt, if it is one."""
        if not isinstance(outcome, BaseException):
            try:
                answer = self._sender.taken_in(order.request, outcome, order.read)
            except JourneyError as refused:
                outcome = refused
            else:
                unclaimed(order, self._accepted(order, slot, answer, revelation))
                return None
        error = self._failed(order, outcome)
        if error is outcome:
            unclaimed(order, error)
            return None
        error.__cause__ = outcome
        self._leave(order, revelation, error, unclaimed)
        return error

    # -----------------------------------------------------------------------------------------------------------------
    # What webhooks reveal

    @property
    def listening(self) -> bool:
        """Whether webhooks can tell anything."""
        return self._webhooks is not None

    def delivered(self, delivery: Delivery) -> bool:
        """Take in what a webhook told; False if neither its task nor its intent is known here."""
        expected = self._revelations.take_in(delivery)
        return self._watcher.take_in(delivery, trusted=self._trusting) or expected

    async def revealed(self, intent_id: str, gives: Kind, *, within: float | None = None) -> TaskState[Result] | None:
        """Wait for a delivery that tells which task an intent in doubt is; None if none does in time."""
        if self._webhooks is None:
            return None
        within = self._webhooks.reveal_within if within is None else within
        with self._revelations.expecting(intent_id) as revelation:
            return await self._revelations.state(revelation, gives, within=within)

    async def _revealed_to_caller(
        self, order: Order, revelation: Revelation, doubt: JourneyError, unclaimed: Unclaimed
    ) -> TaskState[Result] | None:
        if self._webhooks is None or not order.told:
            return None
        within = self._webhooks.reveal_within
        try:
            state = await self._revelations.state(revelation, order.gives, within=within)
        except anyio.get_cancelled_exc_class() as cancelled:
            cancelled.__cause__ = doubt
            self._leave(order, revelation, doubt, unclaimed)
            raise
        if state is None:
            self._expect_late(order, revelation, unclaimed)
        return state

    def _leave(self, order: Order, revelation: Revelation, doubt: JourneyError, unclaimed: Unclaimed) -> None:
        """Tell *unclaimed* of the task, if it was revealed before the caller could be told, else of the doubt."""
        if not self._expect_late(order, revelation, unclaimed):
            unclaimed(order, doubt)

    def _expect_late(self, order: Order, revelation: Revelation, unclaimed: Unclaimed) -> bool:
        """Have *unclaimed* told of the task that a delivery reveals once the caller is gone; True if one did already.

        Nobody waits for the service's word then; awaiting the task asks for it.
        """
        if not order.told:
            return False
        gives = order.gives

        def take_in(delivery: Delivery) -> bool:
            if not self._revelations.may_be(delivery, gives):
                return False
            watch = self._bought(order, delivery.task_id, delivery_due=False)
            self._no_doubt(order)
            self._slots.hold(watch)
            unclaimed(order, watch)
            return True

        if any(take_in(delivery) for delivery in revelation.told):
            return True
        self._revelations.keep(order.intent.id, take_in)
        return False

    def _claimed(self, task_id: str) -> bool:
        watch = self._watcher.known(task_id)
        return watch is not None and bool(watch.terms.action)

    # -----------------------------------------------------------------------------------------------------------------

    def _accepted(self, order: Order, slot: Slot, answer: TaskState[Result] | str, revelation: Revelation) -> Watch:
        watch = self._bought(order, answer, delivery_due=order.told)
        slot.hold(watch)
        for delivery in revelation.told:
            # It overtook the reply.
            self._watcher.take_in(delivery, trusted=self._trusting)
        return watch

    def _bought(self, order: Order, answer: TaskState[Result] | str, *, delivery_due: bool) -> Watch:
        name, price = order.action.name, order.action.credits
        terms = shared_terms(name, price, delivery_due)
        tally = self._tally
        tally.accepted += 1
        tally.taken += price
        if isinstance(answer, str):
            watch = self._watcher.submitted(answer, order.gives, terms)
        else:
            watch = self._watcher.watch(answer, action=name)
            if watch.done:
                tally.ended(failed=isinstance(watch.state, Failed), price=price)
        if watch.terms is not terms:
            # Of one that was known before, by its id or from a delivery, the action stays unknown: so is when it began.
            watch.terms = shared_terms(watch.terms.action, price, delivery_due)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "%s was accepted as task %s",
                name,
                watch.task_id,
                extra={"action": name, "task_id": watch.task_id, "intent": order.intent.id},
            )
        return watch

    def _failed(self, order: Order, cause: BaseException) -> JourneyError:
        """Give the error to report, and let the slots learn from a 429."""
        if isinstance(cause, RateLimitError):
            self._slots.refused()
        if not isinstance(cause, JourneyError):
            why = "the caller was cancelled before the reply came"
            return self._doubt(order, why, gist=why)
        return self._doubt(order, str(cause), gist=loggable(cause)) if cause.credits_may_have_moved else cause

    def _doubt(self, order: Order, why: str, *, gist: str) -> SubmissionInDoubtError:
        self._tally.in_doubt += 1
        self._tally.doubtful += order.action.credits
        intent = order.intent
        _log.warning("%s is in doubt: %s", intent.action, gist, extra={"action": intent.action, "intent": intent.id})
        return SubmissionInDoubtError(intent, why=why)

    def _no_doubt(self, order: Order) -> None:
        intent = order.intent
        _log.info("%s is in doubt no longer", intent.action, extra={"action": intent.action, "intent": intent.id})
        self._tally.in_doubt -= 1
        self._tally.doubtful -= order.action.credits
