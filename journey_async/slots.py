"""The slots of a client: how many of its tasks run at once, shared by single calls and by runs.

There is no background task: those who wait for a slot wait at the watcher, which asks about the tasks that hold one.
Nobody is counted while nothing limits.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from journey_async.core.belief import Belief
from journey_async.waiting import Waiter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from journey_async.core.retrying import RetryPolicy
    from journey_async.watch import Watch
    from journey_async.watcher import Watcher


NOTHING: Final = Belief()
"""What is believed before anything is told or learnt."""


class Slot:
    """Leave to submit one task; free again at the end of its block, or at the end of the task that holds it."""

    # By hand, with what is usual in the class: one is made for every submission.

    at_once = 0
    """How many were out when it was given, this one included; 0 where nobody counted."""
    given_at = -math.inf
    _sending = True

    def __init__(self, of: Slots) -> None:
        self._of = of

    def hold(self, watch: Watch) -> None:
        """Keep the slot taken until this task, which was accepted, has ended."""
        self._sending = False
        self._of.accepted(self, watch)

    def leave(self) -> None:
        """Free it, unless a task holds it by now."""
        if self._sending:
            self._sending = False
            self._of.unused()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


class Slots:
    """Gives out slots, each group of takers first come first served, and learns how many there are."""

    def __init__(self, watcher: Watcher, policy: RetryPolicy, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._watcher = watcher
        self._policy = policy
        self._clock = clock
        self._belief = NOTHING
        self._told: list[int | None] = []
        self._sending = 0
        """Slots that were given out and are not held by a task."""
        self._counting = False
        self._holders: dict[str, Watch] = {}
        """The tasks that hold a slot, while there is a limit: also those whose handles the user threw away."""
        self._overtaking: OrderedDict[Waiter, None] = OrderedDict()
        self._others: OrderedDict[Waiter, None] = OrderedDict()
        self._follower: Waiter | None = None
        """Joins all holders while somebody waits for a slot, so that they are asked about."""
        watcher.on_end = self._ended

    @property
    def limit(self) -> int | None:
        """How many tasks may run at once, as far as is known; None: nothing limits."""
        return self._belief.limit(self._clock())

    @property
    def busy(self) -> int:
        """How many of this client's accepted tasks are not known to have ended."""
        return len(self._holders if self._counting else self._unfinished())

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return len(self._overtaking) + len(self._others)

    async def take(self, *, overtaking: bool) -> Slot:
        """Wait for a slot; who is *overtaking* is served before those who are not."""
        slot = self.take_at_once(overtaking=overtaking)
        if slot is None:
            await self._queue(self._overtaking if overtaking else self._others)
            slot = self._slot()
        return slot

    def take_at_once(self, *, overtaking: bool) -> Slot | None:
        """Give a slot that nobody need wait for, which is the usual case; None if there is none."""
        if self._belief is NOTHING:
            self._sending += 1
            return Slot(self)
        ahead = self._overtaking if overtaking else self._overtaking or self._others
        if ahead or not self._free(self._limited(self._clock())):
            return None
        self._sending += 1
        return self._slot()

    def _slot(self) -> Slot:
        slot = Slot(self)
        slot.at_once, slot.given_at = len(self._holders) + self._sending, self._clock()
        return slot

    def hold(self, watch: Watch) -> None:
        """Let a running task hold a slot, without waiting and even above the limit."""
        if self._limited(self._clock()) is not None and not watch.done:
            self._holders[watch.task_id] = watch
            if self._follower is not None:
                self._watcher.join(watch, self._follower)

    def refused(self) -> None:
        """Take in that the service answered 429 to a submission, whose slot is still taken."""
        first, longest = self._policy.first, self._policy.longest
        # Others that are under way count: they may have been accepted, and each that was not lowers the limit itself.
        busy = self.busy + self._sending - 1
        self._belief = self._belief.refused(busy=busy, now=self._clock(), first=first, longest=longest)
        self._serve()

    @contextmanager
    def allowed(self, slots: int | None) -> Generator[None]:
        """Let no more than *slots* tasks run at once while the block lasts; None: a number to be found out.

        Of several such blocks the one with the largest number counts.
        """
        self._told.append(slots)
        try:
            self._tell()
            yield
        finally:
            self._told.remove(slots)
            self._tell()

    def _tell(self) -> None:
        self._belief = self._belief.told(self._told, now=self._clock())
        self._serve()

    async def _queue(self, queue: OrderedDict[Waiter, None]) -> None:
        waiter = Waiter()
        queue[waiter] = None
        self._serve()
        try:
            await self._watcher.wait(waiter)
        except BaseException:
            if waiter in queue:
                del queue[waiter]
                self._serve()
            else:
                self.unused()
            raise

    def _serve(self) -> None:
        """Give out what is free; has to follow whatever may change what that is."""
        # One look at the clock for all of it: between two the quiet time may end, and nobody would be reminded of that.
        now = self._clock()
        limit = self._limited(now)
        while (queue := self._overtaking or self._others) and self._free(limit):
            waiter, _ = queue.popitem(last=False)
            self._sending += 1
            self._watcher.tell(waiter)
        if queue:
            self._follow()
            self._watcher.remind(self._belief.changes_at(now), self._serve)
        else:
            self._stop_following()

    def _free(self, limit: int | None) -> bool:
        return limit is None or len(self._holders) + self._sending < limit

    def _limited(self, now: float) -> int | None:
        """Give the limit, and count the tasks while there is one."""
        if self._belief is NOTHING:
            # A client without a run that never saw a 429: the usual case, and every submission asks three times.
            return None
        limit = self._belief.limit(now)
        if limit is None and self._counting:
            self._stop_following()
            self._holders.clear()
        elif limit is not None and not self._counting:
            self._holders = {watch.task_id: watch for watch in self._unfinished()}
        self._counting = limit is not None
        return limit

    def _unfinished(self) -> list[Watch]:
        return [watch for watch in self._watcher.unfinished() if watch.terms.action]

    def accepted(self, slot: Slot, watch: Watch) -> None:
        """Take in that *slot* is held by a task from now on."""
        self._sending -= 1
        if self._belief is NOTHING:
            return
        self.hold(watch)
        if self._counting:
            busy = len(self._holders)
            if watch.done and slot.given_at >= self._belief.quiet_until:
                # A synchronous model answers when its picture is done. No 429 came since it left, so that it proves
                # that it could run along with those that were out.
                busy = slot.at_once
            self._belief = self._belief.accepted(busy=busy, now=self._clock())
        self._serve()

    def unused(self) -> None:
        """Take in that a slot that was given out is free again."""
        self._sending -= 1
        self._serve()

    def _ended(self, watch: Watch) -> None:
        if self._holders.pop(watch.task_id, None) is not None:
            if self._follower is not None:
                self._watcher.leave(watch, self._follower)
            self._serve()

    def _follow(self) -> None:
        if self._follower is None:
            self._follower = Waiter()
            for watch in self._holders.values():
                self._watcher.join(watch, self._follower)

    def _stop_following(self) -> None:
        if self._follower is not None:
            for watch in self._holders.values():
                self._watcher.leave(watch, self._follower)
            self._follower = None
