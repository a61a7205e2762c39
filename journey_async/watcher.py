"""The one place in a client that learns of state changes: its waiters share the questions.

There is no background task. One of those who wait leads: it asks for all of them, and when it leaves, whether it has
what it wanted or was cancelled, it hands over to another. Nobody waits, nobody asks.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import time
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import anyio

from journey_async.core import wire
from journey_async.core.kinds import Result
from journey_async.core.pacing import Agenda, Durations, Pace, Progress, after_outage, next_question, observe
from journey_async.core.reading import read_task, read_tasks, says_unknown_task
from journey_async.core.tasks import SUBMITTED, Finished, TaskState
from journey_async.errors import (
    ApiError,
    BadRequestError,
    ClientNotOpenError,
    JourneyError,
    TaskNotFoundError,
    UnreadableReplyError,
)
from journey_async.watch import Waiter, Watch, differs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from journey_async.core.wire import Reply, Request
    from journey_async.retry import Sender

_log = logging.getLogger("journey_async")


class Watcher:
    """Asks how tasks are doing, for all who wait for them."""

    def __init__(self, sender: Sender, pace: Pace, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._sender = sender
        self._pace = pace
        self._clock = clock
        self._durations = Durations()
        self._agenda = Agenda()
        self._known: WeakValueDictionary[str, Watch] = WeakValueDictionary()
        self._watched: dict[str, Watch] = {}
        """The watches with waiters; each is on the agenda or being asked about."""
        self._leader: Waiter | None = None
        self._nudge = anyio.Event()
        self._alarm = 0.0
        self._failures = 0
        self._open = True

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

    def known(self, task_id: str) -> Watch | None:
        """Give the watch of a task that somebody still holds."""
        return self._known.get(task_id)

    async def end(self, watch: Watch) -> None:
        """Wait until the task has ended; raises what makes waiting pointless."""
        while not watch.state.done:
            await self._wait(watch, Waiter(every_change=False))

    async def change(self, watch: Watch, seen: TaskState[Any] | None) -> None:
        """Wait until the state of the task is another than *seen*; raises what makes waiting pointless."""
        while watch.state is seen and not watch.state.done:
            await self._wait(watch, Waiter(every_change=True))

    def close(self) -> None:
        """Let nobody wait any longer: the client is closed."""
        self._open = False
        for watch in tuple(self._watched.values()):
            self._give_up(watch, _not_open())

    async def _wait(self, watch: Watch, waiter: Waiter) -> None:
        if not self._open:
            raise _not_open()
        self._join(watch, waiter)
        try:
            while not waiter.told:
                if self._leader is None:
                    await self._lead(waiter)
                else:
                    waiter.turn = asyncio.get_running_loop().create_future()
                    await waiter.turn
        finally:
            self._leave(watch, waiter)
        if waiter.trouble is not None:
            # Each waiter raises its own copy: a traceback grows with every raise.
            raise copy.copy(waiter.trouble) from waiter.trouble.__cause__

    def _join(self, watch: Watch, waiter: Waiter) -> None:
        if watch.task_id not in self._watched:
            watch.misses = 0
            self._watched[watch.task_id] = watch
            now = self._clock()
            typical = self._durations.typical(watch.action)
            self._schedule(watch.task_id, next_question(self._pace, watch.progress, typical, now))
        watch.waiters.append(waiter)

    def _leave(self, watch: Watch, waiter: Waiter) -> None:
        watch.waiters.remove(waiter)
        if not watch.waiters and watch.task_id in self._watched:
            del self._watched[watch.task_id]
            self._agenda.remove(watch.task_id)
        if self._leader is None:
            self._hand_over()

    def _hand_over(self) -> None:
        for watch in self._watched.values():
            for waiter in watch.waiters:
                if not waiter.told:
                    waiter.wake()
                    return

    async def _lead(self, waiter: Waiter) -> None:
        self._leader = waiter
        try:
            while not waiter.told:
                batches = self._agenda.take(self._clock(), ahead=self._pace.ahead)
                if batches:
                    await self._round(batches)
                else:
                    await self._rest()
        finally:
            self._leader = None

    async def _rest(self) -> None:
        self._nudge = anyio.Event()
        due = self._agenda.next_due()
        self._alarm = float("inf") if due is None else due
        with anyio.move_on_after(max(0.0, self._alarm - self._clock())):
            await self._nudge.wait()

    def _schedule(self, task_id: str, due: float) -> None:
        self._agenda.put(task_id, due)
        if due < self._alarm:
            self._nudge.set()

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
        if len(task_ids) > 1:

            def read_many(request: Request, reply: Reply) -> Mapping[str, TaskState[Any] | ApiError]:
                return read_tasks(request, reply, known=known)

            return await self._sender.ask_once(wire.fetch_many(task_ids), read_many)
        (task_id,) = task_ids

        def read_one(request: Request, reply: Reply) -> TaskState[Any]:
            return read_task(request, reply, kind=known.get(task_id, Result))

        try:
            return {task_id: await self._sender.ask_once(wire.fetch(task_id), read_one)}
        except BadRequestError as error:
            if says_unknown_task(error):
                return {}
            raise
        except UnreadableReplyError as error:
            # The reply is about the task, and its result cannot be read: asking again would bring the same.
            if error.task_id is not None:
                return {task_id: error}
            raise

    def _unanswered(self, task_ids: Sequence[str], error: JourneyError) -> None:
        if not error.transient:
            for watch in self._still_watched(task_ids):
                self._give_up(watch, error)
            return
        self._failures += 1
        if self._failures == 1:
            _log.warning("waiting for the service to answer again: %s", error)
        due = self._clock() + after_outage(self._pace, self._failures)
        for watch in self._still_watched(task_ids):
            self._agenda.put(watch.task_id, due)

    def _answered(self, task_ids: Sequence[str], answers: Mapping[str, TaskState[Any] | ApiError]) -> None:
        if self._failures:
            _log.warning("the service answers again, after %d questions without an answer", self._failures)
            self._failures = 0
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
            self._tell(watch, ended=True)
        elif watch.task_id in self._watched:
            typical = self._durations.typical(watch.action)
            self._schedule(watch.task_id, next_question(self._pace, watch.progress, typical, now))
            if changed:
                self._tell(watch, ended=False)

    def _give_up(self, watch: Watch, trouble: JourneyError) -> None:
        for waiter in watch.waiters:
            waiter.trouble = trouble
        self._tell(watch, ended=True)

    def _tell(self, watch: Watch, *, ended: bool) -> None:
        for waiter in watch.waiters:
            if ended or waiter.every_change:
                waiter.told = True
                waiter.wake()
                if waiter is self._leader:
                    self._nudge.set()
        if ended:
            self._watched.pop(watch.task_id, None)
            self._agenda.remove(watch.task_id)


def _not_open() -> ClientNotOpenError:
    return ClientNotOpenError(
        "the client is closed: wait for its tasks inside `async with JourneyClient() as journey:`"
    )
