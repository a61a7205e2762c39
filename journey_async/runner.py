"""Running a graph: nodes are submitted as soon as their parents have finished, within the slots of the client."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

from journey_async.core.events import Event, NodeSubmitted
from journey_async.core.retrying import may_repeat
from journey_async.core.tasks import SUBMITTED, Failed, Finished, Unfinished
from journey_async.deciding import Decide, Deciders
from journey_async.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    JournalError,
    JourneyError,
    RateLimitError,
    SubmissionInDoubtError,
    TaskNotFoundError,
    UnreadableReplyError,
)
from journey_async.telling import Teller
from journey_async.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from journey_async.core.run_state import RunState
    from journey_async.slots import Slot
    from journey_async.submitting import Order
    from journey_async.telling import Log
    from journey_async.workings import Workings

_PAUSING: Final = (AuthenticationError, InsufficientCreditsError)
"""What no node is to blame for, and waiting alone does not mend."""


class _Latecomers:
    """Whom to tell of a task that turns up late; nobody once the run is over, which a doubt may outlive by hours."""

    def __init__(self, tell: Callable[[int, str], None]) -> None:
        self.tell: Callable[[int, str], None] | None = tell

    def unclaimed(self, place: int, left: list[Watch | JourneyError], _: Order, outcome: Watch | JourneyError) -> None:
        left.append(outcome)
        if isinstance(outcome, Watch) and self.tell is not None:
            self.tell(place, outcome.task_id)


class Runner:
    """Drives one run. At most as many coroutines live as tasks are on their way, beside the user's own functions."""

    def __init__(
        self,
        workings: Workings,
        state: RunState,
        log: Log,
        *,
        in_flight: int | None,
        decide: Decide | None,
        tell: Callable[[Event], None] | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what a run works with; without *tell* nobody asks how far tasks are, only whether they have ended."""
        self._workings = workings
        self._state = state
        self._teller = Teller(state, log, tell)
        self._in_flight = in_flight
        self._all_changes = tell is not None
        self._clock = clock
        self._group: TaskGroup = anyio.create_task_group()
        self._deciders = Deciders(
            workings, state, self._teller, decide, follow=self._follow_again, changed=self._wake, clock=clock
        )
        self._queueing = anyio.CancelScope()
        self._changed = anyio.Event()
        self._carried = 0
        """Nodes of this run that hold a slot, or are about to."""
        self._sending = 0
        """Of these: the nodes that are being submitted."""
        self._failures = 0
        """Times in a row that the service could not be reached, or left a node in doubt."""
        self._wait_until = 0.0
        self._latecomers = _Latecomers(self._deciders.revealed)

    async def drive(self) -> None:
        """Run until nothing is left that could be done."""
        self._teller.spread()
        listeners = self._workings.watcher.outage.listeners
        listeners.append(self._outage)
        try:
            async with self._group:
                for place in self._state.take_submitted():
                    self._follow_again(place)
                self._deciders.ask_about_doubts(self._group, earlier=True)
                self._deciders.ask_for_indexes(self._group)
                await self._feed()
        finally:
            self._latecomers.tell = None
            listeners.remove(self._outage)

    async def _feed(self) -> None:
        while self._state.busy or self._may_start:
            if not self._may_start:
                self._changed = anyio.Event()
                await self._changed.wait()
            elif (wait := self._wait_until - anyio.current_time()) > 0:
                await anyio.sleep(wait)
            else:
                with anyio.CancelScope() as self._queueing:
                    self._start(await self._workings.slots.take(overtaking=False))

    def _start(self, slot: Slot) -> None:
        # The node is chosen now that there is a slot: meanwhile a more urgent one may have become ready.
        place = self._state.take() if self._may_start else None
        if place is None:
            with slot:
                return
        self._carried += 1
        self._sending += 1
        self._group.start_soon(self._carry, place, slot)

    def _wake(self) -> None:
        self._changed.set()

    def _outage(self, error: JourneyError | None) -> None:
        """Take in that questions go unanswered, or are answered again."""
        if error is not None:
            self._state.waits(error)
        elif not self._state.paused:
            self._state.goes_on()
        self._teller.spread()

    def _pause(self, error: JourneyError) -> None:
        self._state.pauses(error)
        # It may be a long way to the front of the queue for slots.
        self._queueing.cancel()

    @property
    def _may_start(self) -> bool:
        room = self._in_flight is None or self._carried < self._in_flight
        # While the service is in trouble one node at a time tries: each may be left in doubt.
        room = room and not (self._failures and self._sending)
        return room and self._state.ready > 0 and not self._state.paused

    # -----------------------------------------------------------------------------------------------------------------
    # One node

    async def _carry(self, place: int, slot: Slot) -> None:
        """Submit a node and follow its task to the end."""
        watch: Watch | None = None
        try:
            with slot:
                watch = await self._submit(place, slot)
        finally:
            self._sending -= 1
            self._carried -= watch is None
            self._wake()
        if watch is not None:
            await self._follow(place, watch)

    async def _submit(self, place: int, slot: Slot) -> Watch | None:
        parent = self._state.parent_result(place)
        parent_id = None if parent is None else parent.task_id
        asked = self._workings.submitter.order(self._state.action(place), parent_id)
        left: list[Watch | JourneyError] = []
        # Before the intent is recorded: were the run killed meanwhile, a request that never left would be in doubt.
        await self._workings.sender.wait_to_pay()
        try:
            self._state.intend(place, asked.intent.id, parent=asked.parent_id, now=self._clock())
            await self._teller.write()
            # The disk may have been ready in the moment of the cancellation: then nothing is to leave any more.
            await checkpoint_if_cancelled()
            if not self._workings.sender.may_pay:
                # Another node met a 429 meanwhile. Were the run killed while this one waits, it would be in doubt.
                self._state.returned(place, asked.intent.id, "held back by a 429")
                self._teller.spread()
                return None
            watch = await self._workings.submitter.submit_once(
                asked, slot, unclaimed=partial(self._latecomers.unclaimed, place, left)
            )
        except JournalError:
            # Nothing was sent, and nothing may be: it could not be recorded.
            raise
        except JourneyError as error:
            self._not_accepted(place, asked, error)
            return None
        except anyio.get_cancelled_exc_class():  # nobody waits any longer, but what came of it must be recorded
            self._left_behind(place, asked, left)
            raise
        self._accepted(place, asked, watch)
        return watch

    def _accepted(self, place: int, asked: Order, watch: Watch) -> None:
        self._failures = 0
        self._state.accepted(place, asked.intent.id, watch.task_id, now=self._clock())
        self._teller.spread()

    def _not_accepted(self, place: int, asked: Order, error: JourneyError) -> None:
        if isinstance(error, SubmissionInDoubtError):
            self._state.doubted(place, error)
            self._deciders.ask_about_doubts(self._group)
            self._put_off(error)
        elif isinstance(error, _PAUSING):
            self._state.returned(place, asked.intent.id, str(error))
            self._pause(error)
        elif may_repeat(error):
            self._state.returned(place, asked.intent.id, str(error))
            self._put_off(error)
        else:
            self._state.refused(place, asked.intent.id, error, now=self._clock())
        self._teller.spread()

    def _left_behind(self, place: int, asked: Order, left: list[Watch | JourneyError]) -> None:
        match left:
            case [Watch() as watch]:
                self._state.accepted(place, asked.intent.id, watch.task_id, now=self._clock())
            case [SubmissionInDoubtError() as doubt]:
                self._state.doubted(place, doubt)
            case _:
                self._state.returned(place, asked.intent.id, "cancelled before it left, or refused")
        self._teller.spread()

    def _put_off(self, error: JourneyError) -> None:
        """Let nothing start for a while: the service is in trouble, or all slots are somebody else's."""
        if isinstance(error, RateLimitError):
            # How long to wait is known to the sender, and how many to try to the slots.
            if not self._workings.slots.busy:
                self._state.waits(error)
            return
        now = anyio.current_time()
        if now >= self._wait_until:
            self._failures += 1
            self._wait_until = now + self._workings.sender.wait_after(self._failures)
        if self._failures > 1 or not isinstance(error, SubmissionInDoubtError):
            self._state.waits(error)

    # -----------------------------------------------------------------------------------------------------------------
    # One task

    def _follow_again(self, place: int) -> None:
        """Follow a task of an earlier run, of before the graph, or that turned up; its slot is taken at once."""
        node, row = self._state.nodes[place], self._state.row(place)
        assert isinstance(row, NodeSubmitted)  # noqa: S101 - that is why it is followed
        known = Unfinished(task_id=row.task_id, status=SUBMITTED, kind=node.kind)
        watch = self._workings.watcher.watch(known, action="" if node.make is None else node.name)
        self._workings.slots.hold(watch)
        self._carried += 1
        self._group.start_soon(self._follow, place, watch)

    async def _follow(self, place: int, watch: Watch) -> None:
        try:
            while not watch.done:
                await self._news(place, watch)
        except JourneyError as error:
            self._not_followed(place, error)
        else:
            self._ended(place, watch)
        finally:
            self._carried -= 1
            self._wake()
        self._deciders.ask_for_indexes(self._group)
        self._teller.spread()

    async def _news(self, place: int, watch: Watch) -> None:
        """Wait for the end of a task; for each of its changes if anybody is told of them."""
        if not self._all_changes:
            await self._workings.watcher.end(watch)
            return
        await self._workings.watcher.change(watch, watch.state)
        if not watch.done:
            self._state.progressed(place, watch.state)
            self._teller.spread()

    def _ended(self, place: int, watch: Watch) -> None:
        state = watch.state
        assert isinstance(state, Finished | Failed)  # noqa: S101 - it is done
        self._state.ended(place, state, now=self._clock())
        if isinstance(state, Failed) and isinstance(self._state.trouble, InsufficientCreditsError):
            self._state.tries_again()  # its credits came back

    def _not_followed(self, place: int, error: JourneyError) -> None:
        unreadable = isinstance(error, UnreadableReplyError) and error.task_id is not None
        if unreadable or isinstance(error, TaskNotFoundError):
            self._state.lost(place, error, now=self._clock())
        else:
            self._state.lets_go(place)
            self._pause(error)
