"""The slots of a client that shares its account with others: given out by the database, single calls first."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, TypeAlias

import anyio

from journey_async.cluster.store import Store
from journey_async.errors import JourneyError
from journey_async.slots import Slot, Slots
from journey_async.waiting import Waiter

if TYPE_CHECKING:
    from journey_async.cluster.database import Database
    from journey_async.core.retrying import RetryPolicy
    from journey_async.watch import Watch
    from journey_async.watcher import Watcher

P = ParamSpec("P")
Errand: TypeAlias = Callable[[], Awaitable[Any]]
EVERY: Final = 0.1
"""Seconds between two questions for a slot."""
LEAVING: Final = 5.0
"""Seconds that a client which is closed takes at the most to tell the others that its slots are free."""


class AccountSlot(Slot):
    """A slot of the account; free again at the end of its block, or at the end of the task that holds it."""

    def __init__(self, of: AccountSlots, *, holder: str) -> None:
        super().__init__(of)
        self._account = of
        self._holder = holder

    def hold(self, watch: Watch) -> None:
        """Keep the slot taken until this task, which was accepted, has ended."""
        self._sending = False
        self._account.held(self._holder, watch)

    def leave(self) -> None:
        """Free it, unless a task holds it by now."""
        if self._sending:
            self._sending = False
            self._account.free(self._holder)


class CarriedSlot(Slot):
    """The slot of a node, which was taken with its mark and is freed with its end: nothing is to be done about it."""

    def hold(self, watch: Watch) -> None:
        """Leave it to the node."""

    def leave(self) -> None:
        """Leave it to the node."""


class AccountSlots(Slots):
    """Gives out the slots of an account that several clients use.

    What has to be told to the database is an errand: for whoever runs `do_errands`, while the client is open.
    """

    def __init__(self, watcher: Watcher, policy: RetryPolicy, database: Database, owner: str) -> None:
        super().__init__(watcher, policy)
        self._database = database
        self._owner = owner
        self._held: dict[str, str] = {}
        """Holders by the ids of their tasks."""
        self._watched: dict[str, Watch] = {}
        self._all = Waiter()
        """Joins all tasks that hold a slot: it must be known when they end."""
        self._waiting = 0
        self._limit: int | None = None
        self._errands: deque[Errand] = deque()
        self._more = anyio.Event()

    def carried(self) -> Slot:
        """Give the slot of a node, which has one."""
        return CarriedSlot(self)

    @property
    def limit(self) -> int | None:
        """How many tasks of the account may run at once, as far as is known."""
        return self._limit

    @property
    def busy(self) -> int:
        """How many of this client's accepted tasks, nodes of runs aside, are not known to have ended."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """How many calls wait for a slot."""
        return self._waiting

    def take_at_once(self, *, overtaking: bool) -> Slot | None:  # noqa: ARG002 - single calls and runs wait alike
        """Give no slot without asking."""
        return None

    async def take(self, *, overtaking: bool) -> Slot:  # noqa: ARG002 - as above
        """Wait for a slot of the account."""
        holder = f"call:{os.urandom(8).hex()}"
        self._waiting += 1
        try:
            while not await self._database.call(Store.take, holder, self._owner):  # noqa: ASYNC110 - it is elsewhere
                await anyio.sleep(EVERY)
        except BaseException:
            self.free(holder)
            raise
        finally:
            self._waiting -= 1
        return AccountSlot(self, holder=holder)

    def hold(self, watch: Watch) -> None:
        """Let a task hold a slot that turned up without one."""
        if not watch.done and watch.task_id not in self._held:
            holder = f"call:{os.urandom(8).hex()}"
            self.errand(Store.take, holder, self._owner)
            self.held(holder, watch)

    def held(self, holder: str, watch: Watch) -> None:
        """Take in that a slot is held by a task that was accepted."""
        self.errand(Store.accepted)
        if watch.done:
            self.free(holder)
            return
        self._held[watch.task_id] = holder
        self._watched[watch.task_id] = watch
        self._watcher.join(watch, self._all)
        self.errand(Store.hold, holder, watch.task_id)

    def refused(self) -> None:
        """Take in that the service answered 429 to a submission, whose slot is still taken."""
        self.errand(Store.refused, first=self._policy.first, longest=self._policy.longest)

    def free(self, holder: str) -> None:
        """Take in that a slot is free again."""
        self.errand(Store.free, holder)

    def _ended(self, watch: Watch) -> None:
        holder = self._held.pop(watch.task_id, None)
        if holder is not None:
            del self._watched[watch.task_id]
            self._watcher.leave(watch, self._all)
            self.free(holder)

    # -----------------------------------------------------------------------------------------------------------------

    def errand(self, do: Callable[Concatenate[Store, P], Any], *arguments: P.args, **named: P.kwargs) -> None:
        """Have a method of the store done soon, after those that were to be done before."""
        self._errands.append(partial(self._database.call, do, *arguments, **named))
        self._more.set()

    async def do_errands(self) -> None:
        """Do all errands, until cancelled; those that are left are done first then, for a few seconds."""
        try:
            while True:
                await self._do_all()
                self._more = anyio.Event()
                await self._more.wait()
        finally:
            with anyio.move_on_after(LEAVING, shield=True):
                await self._do_all()

    async def _do_all(self) -> None:
        while self._errands:
            # It stays until it is done: one that was cancelled in the middle is done once more, which changes nothing.
            await self._errands[0]()
            self._errands.popleft()

    async def follow(self) -> None:
        """Ask about the tasks that hold slots, until cancelled: nobody else may."""
        while True:
            # A task that cannot be followed has freed its slot by then.
            with suppress(JourneyError):
                await self._watcher.wait(self._all)
            self._all = Waiter()
            for watch in self._watched.values():
                self._watcher.join(watch, self._all)

    async def beat(self) -> None:
        """Show that this client is alive, and learn how many slots there are, until cancelled."""
        while True:
            self._limit = await self._database.call(Store.limit)
            if self._held or self._waiting:
                await self._database.call(Store.beat, self._owner)
            await anyio.sleep(1.0)
