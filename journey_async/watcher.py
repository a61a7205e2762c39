"""The one place in a client that learns of state changes: its waiters share the questions.

There is no background task. One of those who wait leads: it asks for all of them, and when it leaves, whether it has
what it wanted or was cancelled, it hands over to another. Nobody waits, nobody asks.

A waiter joins the tasks that are to be asked about, none or many, and waits until it is told.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

import anyio

from journey_async.core.pacing import (
    Agenda,
    Durations,
    Pace,
    Progress,
    after_nudge,
    after_outage,
    next_backstop,
    next_question,
    observe,
    time_left,
)
from journey_async.core.tasks import SUBMITTED, Failed, Finished, TaskState
from journey_async.errors import (
    ApiError,
    ClientNotOpenError,
    JourneyError,
    TaskNotFoundError,
)
from journey_async.fetching import fetched
from journey_async.outage import Outage
from journey_async.tally import Tally
from journey_async.watch import Relay, Waiter, Watch, differs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journey_async.core.deliveries import Delivery
    from journey_async.retry import Sender

_NO_REMINDER: Final[tuple[float, Callable[[], None]]] = (math.inf, lambda: None)

_log = logging.getLogger("journey_async")


class Watcher:
    """Asks how tasks are doing, for all who wait for them."""

    def __init__(
        self,
        sender: Sender,
        pace: Pace,
        *,
        tally: Tally | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender = sender
        self._pace = pace
        self._tally = tally or Tally()
        self._clock = clock
        self._durations = Durations()
        self._agenda = Agenda()
        self._known: WeakValueDictionary[str, Watch] = WeakValueDictionary()
        self._watched: dict[str, Watch] = {}
        """The watches with waiters; each is on the agenda or being asked about."""
        self._relay = Relay()
        self._reminder = _NO_REMINDER
        self.outage = Outage()
        self._open = True
        self.on_end: Callable[[Watch], None] | None = None
        """Called when a task is known to have ended, or that waiting for it is pointless."""

    def watch(self, state: TaskState[Any], *, action: str = "") -> Watch:
        """Give the watch of the task that *state* is about, with this as its newest state."""
        watch = self._known.get(state.task_id)
        if watch is None:
            progress = Progress(started=self._clock())
            watch = Watch(task_id=state.task_id, action=action, state=state, progress=progress)
            self._known[state.task_id] = watch
        elif state.status != SUBMITTED:
            self._take_in(watch, state)
        return watch

    def take_in(self, delivery: Delivery, *, trusted: bool) -> bool:
        """Take in what a webhook told: at once if that is *trusted*, else ask at once. False for an unknown task."""
        watch = self._known.get(delivery.task_id)
        if watch is None:
            return False
        if not watch.state.done:
            self._delivered(watch, delivery.state(watch.kind), trusted=trusted)
        return True

    def _delivered(self, watch: Watch, state: TaskState[Any] | None, *, trusted: bool) -> None:
        if state is None or state.done:
            # No other will come: if the service does not confirm it, it is asked at the usual pace.
            watch.delivery_due = False
        if trusted and state is not None:
            self._take_in(watch, state)
            return
        watch.nudged = True
        if watch.task_id in self._agenda:
            self._schedule(watch.task_id, self._next_question(watch, self._clock()))

    def known(self, task_id: str) -> Watch | None:
        """Give the watch of a task that somebody still holds."""
        return self._known.get(task_id)

    def unfinished(self) -> list[Watch]:
        """Give the watches, among those that somebody still holds, of tasks that are not known to have ended."""
        return [watch for watch in self._known.values() if not watch.state.done]

    async def end(self, watch: Watch) -> None:
        """Wait until the task has ended; raises what makes waiting pointless."""
        while not watch.state.done:
            await self._wait_for(watch, Waiter())

    async def change(self, watch: Watch, seen: TaskState[Any] | None) -> None:
        """Wait until the state of the task is another than *seen*; raises what makes waiting pointless."""
        while watch.state is seen and not watch.state.done:
            await self._wait_for(watch, Waiter(every_change=True))

    async def wait(self, waiter: Waiter) -> None:
        """Wait until *waiter* is told, asking for all who wait while nobody else does; raises its trouble."""
        if not self._open:
            raise _not_open()
        await self._relay.wait(waiter, self._lead)

    def tell(self, waiter: Waiter) -> None:
        """Let *waiter* go on."""
        self._relay.tell(waiter)

    def join(self, watch: Watch, waiter: Waiter) -> None:
        """Ask about the task for *waiter*, while anybody waits, and tell it of the end."""
        watch.waiters[waiter] = None
        is_new = watch.task_id not in self._watched
        if is_new:
            watch.misses = 0
            self._watched[watch.task_id] = watch
        # Changes are not told by webhooks.
        if is_new or (waiter.every_change and watch.delivery_due and watch.task_id in self._agenda):
            now = self._clock()
            # Due when it would have been due had somebody waited all the time: to come and go must not put it off.
            asked = now if watch.progress.asked is None else watch.progress.asked
            self._schedule(watch.task_id, max(now, self._next_question(watch, asked)))

    def time_left(self, watch: Watch) -> float | None:
        """Estimate the seconds until the task ends; None once it has, and where nothing is known."""
        if watch.state.done or not watch.action:
            # When a task began that was found by its id is not known.
            return None
        return time_left(watch.progress, self._durations.usual(watch.action), self._clock())

    def leave(self, watch: Watch, waiter: Waiter) -> None:
        """Ask about the task no longer for *waiter*, whether it had joined or not."""
        watch.waiters.pop(waiter, None)
        if not watch.waiters and self._watched.pop(watch.task_id, None) is not None:
            self._agenda.remove(watch.task_id)

    def remind(self, when: float, call: Callable[[], None]) -> None:
        """Have *call* called at *when*, or once somebody waits; an earlier wish is forgotten."""
        self._reminder = when, call
        self._relay.hurry(when)

    def close(self) -> None:
        """Let nobody wait any longer: the client is closed."""
        self._open = False
        self._relay.tell_all(_not_open())

    async def _wait_for(self, watch: Watch, waiter: Waiter) -> None:
        self.join(watch, waiter)
        try:
            await self.wait(waiter)
        finally:
            self.leave(watch, waiter)

    async def _lead(self, waiter: Waiter) -> None:
        while not waiter.told:
            now = self._clock()
            remind_at, call = self._reminder
            if now >= remind_at:
                self._reminder = _NO_REMINDER
                call()
            elif batches := self._agenda.take(now, ahead=self._pace.ahead):
                await self._round(batches)
            else:
                due = self._agenda.next_due()
                await self._relay.rest(remind_at if due is None else min(due, remind_at), now=now)

    def _next_question(self, watch: Watch, now: float) -> float:
        typical = self._durations.typical(watch.action)
        if watch.nudged:
            return after_nudge(self._pace, watch.progress, now)
        if watch.delivery_due and not any(waiter.every_change for waiter in watch.waiters):
            return next_backstop(self._pace, watch.progress, typical)
        return next_question(self._pace, watch.progress, typical, now)

    def _schedule(self, task_id: str, due: float) -> None:
        self._agenda.put(task_id, due)
        self._relay.hurry(due)

    async def _round(self, batches: Sequence[Sequence[str]]) -> None:
        if len(batches) == 1:
            await self._ask(batches[0])
            return
        async with anyio.create_task_group() as group:
            for batch in batches:
                group.start_soon(self._ask, batch)

    async def _ask(self, task_ids: Sequence[str]) -> None:
        try:
            answers = await self._answers(task_ids)
        except JourneyError as error:
            self._unanswered(task_ids, error)
        else:
            self._answered(task_ids, answers)
        finally:
            # Cancelled in the middle, the question is put again by whoever leads next.
            for task_id in task_ids:
                if task_id in self._watched and task_id not in self._agenda:
                    self._agenda.put(task_id, self._clock())

    async def _answers(self, task_ids: Sequence[str]) -> Mapping[str, TaskState[Any] | ApiError]:
        known = {task_id: watch.kind for task_id in task_ids if (watch := self._watched.get(task_id))}
        for task_id in known:
            # A delivery that comes from here on may be newer than the answer.
            self._watched[task_id].nudged = False
        return await fetched(self._sender.ask_once, task_ids, known)

    def _unanswered(self, task_ids: Sequence[str], error: JourneyError) -> None:
        if not error.transient:
            for watch in self._still_watched(task_ids):
                self._give_up(watch, error)
            return
        self.outage.unanswered(error)
        due = self._clock() + after_outage(self._pace, self.outage.failures)
        for watch in self._still_watched(task_ids):
            self._agenda.put(watch.task_id, due)

    def _answered(self, task_ids: Sequence[str], answers: Mapping[str, TaskState[Any] | ApiError]) -> None:
        self.outage.answered()
        for watch in self._still_watched(task_ids):
            answer = answers.get(watch.task_id)
            if answer is None:
                self._missed(watch)
            elif isinstance(answer, ApiError):
                self._give_up(watch, answer)
            else:
                self._take_in(watch, answer)

    def _still_watched(self, task_ids: Sequence[str]) -> list[Watch]:
        return [watch for task_id in task_ids if (watch := self._watched.get(task_id))]

    def _missed(self, watch: Watch) -> None:
        watch.misses += 1
        if watch.misses < self._pace.misses:
            self._agenda.put(watch.task_id, self._clock() + self._pace.lag)
            return
        message = (
            f"task {watch.task_id} is not known to the service: {watch.misses} replies in a row left it out. "
            "It does not exist, has expired, or belongs to another account."
        )
        self._give_up(watch, TaskNotFoundError(message, task_id=watch.task_id))

    def _take_in(self, watch: Watch, state: TaskState[Any]) -> None:
        """Take in what the service says of a task; a task that has ended never changes again."""
        if watch.state.done:
            return
        now = self._clock()
        watch.misses = 0
        observe(watch.progress, state.percentage, now)
        changed = differs(watch.state, state)
        if changed:
            watch.state = state
        if isinstance(state, Finished) and watch.action:
            self._durations.learn(watch.action, now - watch.progress.started)
        if state.done:
            _log.debug(
                "task %s %s", watch.task_id, state.status, extra={"task_id": watch.task_id, "action": watch.action}
            )
            if watch.price:
                self._tally.ended(failed=isinstance(state, Failed), price=watch.price)
            self._tell(watch, ended=True)
        elif watch.task_id in self._watched:
            self._schedule(watch.task_id, self._next_question(watch, now))
            if changed:
                self._tell(watch, ended=False)

    def _give_up(self, watch: Watch, trouble: JourneyError) -> None:
        self._tell(watch, ended=True, trouble=trouble)

    def _tell(self, watch: Watch, *, ended: bool, trouble: JourneyError | None = None) -> None:
        for waiter in watch.waiters:
            if ended or waiter.every_change:
                self._relay.tell(waiter, trouble)
        if ended:
            self._watched.pop(watch.task_id, None)
            self._agenda.remove(watch.task_id)
            if self.on_end is not None:
                self.on_end(watch)


def _not_open() -> ClientNotOpenError:
    return ClientNotOpenError(
        "the client is closed: wait for its tasks inside `async with JourneyClient() as journey:`"
    )
