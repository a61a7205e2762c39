"""The one place in a client that learns of state changes: its waiters share the questions.

There is no background task. One of those who wait leads: it asks for all of them, and when it leaves, whether it has
what it wanted or was cancelled, it hands over to another. Nobody waits, nobody asks.

A waiter joins the tasks that are to be asked about, none or many, and waits until it is told.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from journey_async.core.courses import Courses
from journey_async.core.glimpse import Glimpse, compact, just_submitted
from journey_async.core.pacing import (
    Durations,
    Pace,
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
from journey_async.fetching import glimpsed
from journey_async.held import Held
from journey_async.outage import Outage
from journey_async.questions import Questions
from journey_async.tally import Tally
from journey_async.waiting import ChangeWaiter, Waiter
from journey_async.watch import Terms, Watch, shared_terms

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from journey_async.core.courses import Course
    from journey_async.core.deliveries import Delivery
    from journey_async.core.kinds import Kind
    from journey_async.retry import Sender

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
        self._courses = Courses()
        self._watched: dict[str, Watch] = {}
        """The watches with waiters; each is on the agenda or being asked about."""
        self._misses: dict[str, int] = {}
        """How many replies in a row left a watched task out, where any did."""
        self._others = Held()
        """Those that somebody holds and nobody waits for."""
        self._questions = Questions(self._ask, pace, clock=clock)
        self.outage = Outage()
        self._open = True
        self.on_end: Callable[[Watch], None] | None = None
        """Called when a task is known to have ended, or that waiting for it is pointless."""

    def watch(self, state: TaskState[Any], *, action: str = "") -> Watch:
        """Give the watch of the task that *state* is about, with this as its newest state."""
        watch = self.known(state.task_id)
        if watch is None:
            watch = Watch(self._clock(), state.task_id, compact(state), shared_terms(action))
            self._others.put(watch)
        elif state.status != SUBMITTED:
            self._take_in(watch, state, self._clock())
        return watch

    def submitted(self, task_id: str, kind: Kind, terms: Terms) -> Watch:
        """Give the watch of a task of which nothing but its id was told."""
        known = self.known(task_id)
        if known is not None:
            return known
        watch = Watch(self._clock(), task_id, just_submitted(kind), terms)
        self._others.put(watch)
        return watch

    def take_in(self, delivery: Delivery, *, trusted: bool) -> bool:
        """Take in what a webhook told: at once if that is *trusted*, else ask at once. False for an unknown task."""
        watch = self.known(delivery.task_id)
        if watch is None:
            return False
        if watch.done:
            return True
        state = delivery.state(watch.kind)
        if state is None or state.done:
            # No other will come: if the service does not confirm it, it is asked at the usual pace.
            watch.terms = shared_terms(watch.terms.action, watch.terms.price)
        if trusted and state is not None:
            self._take_in(watch, state, self._clock())
            return True
        watch.nudged = True
        if watch.due is not None:
            self._questions.put(watch, self._next_question(watch, self._clock()))
        return True

    def known(self, task_id: str) -> Watch | None:
        """Give the watch of a task that somebody still holds."""
        return self._watched.get(task_id) or self._others.get(task_id)

    def unfinished(self) -> list[Watch]:
        """Give the watches, among those that somebody still holds, of tasks that are not known to have ended."""
        return [watch for watch in (*self._watched.values(), *self._others) if not watch.done]

    async def end(self, watch: Watch) -> None:
        """Wait until the task has ended; raises what makes waiting pointless."""
        while not watch.done:
            waiter = Waiter()
            self.join(watch, waiter)
            try:
                await self.wait(waiter)
            finally:
                self.leave(watch, waiter)

    async def change(self, watch: Watch, seen: TaskState[Any] | None) -> None:
        """Wait until the state of the task is another than *seen*; raises what makes waiting pointless."""
        while watch.state is seen and not watch.done:
            waiter = ChangeWaiter()
            self.join(watch, waiter)
            try:
                await self.wait(waiter)
            finally:
                self.leave(watch, waiter)

    async def wait(self, waiter: Waiter) -> None:
        """Wait until *waiter* is told, asking for all who wait while nobody else does; raises its trouble."""
        try:
            while not waiter.told:
                await self.turn(waiter)
        finally:
            self._questions.left(waiter)
        waiter.check()

    def turn(self, waiter: Waiter) -> Awaitable[None]:
        """Give what *waiter* is to await until it is told, again and again: `wait` in parts, for those who are many."""
        if not self._open:
            raise _not_open()
        return self._questions.turn(waiter)

    def tell(self, waiter: Waiter) -> None:
        """Let *waiter* go on."""
        self._questions.tell(waiter)

    def join(self, watch: Watch, waiter: Waiter) -> None:
        """Ask about the task for *waiter*, while anybody waits, and tell it of the end."""
        watch.join(waiter)
        is_new = watch.task_id not in self._watched
        if is_new:
            self._watched[watch.task_id] = watch
            self._others.remove(watch.task_id)
        # Changes are not told by webhooks.
        if is_new or (waiter.every_change and watch.terms.delivery_due and watch.due is not None):
            now = self._clock()
            # Due when it would have been due had somebody waited all the time: to come and go must not put it off.
            asked = now if watch.asked is None else watch.asked
            self._questions.put(watch, max(now, self._next_question(watch, asked)))

    def time_left(self, watch: Watch) -> float | None:
        """Estimate the seconds until the task ends; None once it has, and where nothing is known."""
        action = watch.terms.action
        if watch.done or not action:
            # When a task began that was found by its id is not known.
            return None
        return time_left(watch, self._durations.usual(action), self._clock())

    def leave(self, watch: Watch, waiter: Waiter) -> None:
        """Ask about the task no longer for *waiter*, whether it had joined or not."""
        watch.leave(waiter)
        if not watch.awaited:
            self._forget(watch)

    def left(self, watch: Watch, waiter: Waiter) -> None:
        """Take in that *waiter*, which had taken its turns, waits for the task no longer."""
        self._questions.left(waiter)
        self.leave(watch, waiter)

    def remind(self, when: float, call: Callable[[], None]) -> None:
        """Have *call* called at *when*, or once somebody waits; an earlier wish is forgotten."""
        self._questions.remind(when, call)

    def close(self) -> None:
        """Let nobody wait any longer: the client is closed."""
        self._open = False
        self._questions.tell_all(_not_open())

    def _next_question(self, watch: Watch, now: float, course: Course | None = None) -> float:
        if watch.nudged:
            return after_nudge(self._pace, watch, now)
        terms = watch.terms
        typical = self._durations.typical(terms.action)
        if terms.delivery_due and watch.only_end:
            return next_backstop(self._pace, watch, typical)
        # Who waits for every change is to see the percentage move.
        earliest_end = course.earliest_end(watch) if course is not None and watch.only_end else None
        return next_question(self._pace, watch, typical, now, earliest_end)

    async def _ask(self, batch: Sequence[Watch]) -> None:
        known: dict[str, Kind] = {}
        for watch in batch:
            # A delivery that comes from here on may be newer than the answer.
            watch.nudged = False
            known[watch.task_id] = watch.kept.kind
        try:
            try:
                answers = await glimpsed(self._sender.ask_once, known)
            except JourneyError as error:
                self._unanswered(batch, error)
            else:
                self._answered(batch, answers)
        except BaseException:
            # Cancelled in the middle, the question is put again by whoever leads next.
            for watch in batch:
                if watch.due is None and watch.task_id in self._watched:
                    self._questions.put(watch, self._clock())
            raise

    def _answered(self, batch: Sequence[Watch], answers: Sequence[TaskState[Any] | Glimpse | ApiError | None]) -> None:
        self.outage.answered()
        now = self._clock()
        for watch, answer in zip(batch, answers, strict=True):
            if watch.task_id not in self._watched:
                continue
            if isinstance(answer, Glimpse):
                self._goes_on(watch, answer, now)
            elif answer is None:
                self._missed(watch, now)
            elif isinstance(answer, ApiError):
                self._tell_end(watch, answer)
            else:
                self._take_in(watch, answer, now)

    def _unanswered(self, batch: Sequence[Watch], error: JourneyError) -> None:
        watched = [watch for watch in batch if watch.task_id in self._watched]
        if not error.transient:
            for watch in watched:
                self._tell_end(watch, error)
            return
        self.outage.unanswered(error)
        due = self._clock() + after_outage(self._pace, self.outage.failures)
        for watch in watched:
            self._questions.put(watch, due)

    def _missed(self, watch: Watch, now: float) -> None:
        misses = self._misses[watch.task_id] = self._misses.get(watch.task_id, 0) + 1
        if misses < self._pace.misses:
            self._questions.put(watch, now + self._pace.lag)
            return
        message = (
            f"task {watch.task_id} is not known to the service: {misses} replies in a row left it out. "
            "It does not exist, has expired, or belongs to another account."
        )
        self._tell_end(watch, TaskNotFoundError(message, task_id=watch.task_id))

    def _take_in(self, watch: Watch, state: TaskState[Any], now: float) -> None:
        """Take in what the service says of a task; a task that has ended never changes again."""
        if watch.done:
            return
        if state.done:
            self._ended(watch, state, now)
        elif watch.task_id in self._watched:
            self._goes_on(watch, state, now)
        else:
            observe(watch, state.percentage, now)
            watch.take_in(state)

    def _goes_on(self, watch: Watch, state: TaskState[Any] | Glimpse, now: float) -> None:
        """Take in what the service says of a watched task that has not ended, and decide when to ask next."""
        if self._misses:
            self._misses.pop(watch.task_id, None)
        # When a task began that was found by its id is not known.
        action = watch.terms.action
        course = self._courses.saw(watch, action, watch.task_id, state.percentage, now) if action else None
        observe(watch, state.percentage, now)
        changed = state is not watch.kept and watch.take_in(state)
        self._questions.put(watch, self._next_question(watch, now, course))
        if changed and not watch.only_end:
            for waiter in watch.waiters:
                if waiter.every_change:
                    self._questions.tell(waiter)

    def _ended(self, watch: Watch, state: TaskState[Any], now: float) -> None:
        watch.take_in(state)
        action, price, _ = watch.terms
        if isinstance(state, Finished) and action:
            self._durations.learn(action, now - watch.started, now)
            self._courses.ended(watch, action, watch.task_id, now)
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("task %s %s", watch.task_id, state.status, extra={"task_id": watch.task_id, "action": action})
        if price:
            self._tally.ended(failed=isinstance(state, Failed), price=price)
        self._tell_end(watch)

    def _tell_end(self, watch: Watch, trouble: JourneyError | None = None) -> None:
        for waiter in watch.waiters:
            self._questions.tell(waiter, trouble)
        self._forget(watch)
        if self.on_end is not None:
            self.on_end(watch)

    def _forget(self, watch: Watch) -> None:
        """Ask about it no longer."""
        if self._watched.pop(watch.task_id, None) is not None:
            self._misses.pop(watch.task_id, None)
            self._questions.drop(watch)
            self._others.put(watch)


def _not_open() -> ClientNotOpenError:
    return ClientNotOpenError(
        "the client is closed: wait for its tasks inside `async with JourneyClient() as journey:`"
    )
