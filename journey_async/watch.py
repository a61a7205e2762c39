"""What a client knows of one task of the service, who waits for it, and how one of those who wait works for all."""

from __future__ import annotations

import asyncio
import copy
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import anyio
from attrs import define, field

from journey_async.core.glimpse import Glimpse, compact
from journey_async.core.pacing import Progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from journey_async.core.kinds import Kind
    from journey_async.core.tasks import TaskState
    from journey_async.errors import JourneyError


@define(eq=False, weakref_slot=False)
class Waiter:
    """One call that waits: for a task, for several, or for something else that it will be told."""

    every_change: bool = False
    """Tell it of every change of its tasks, not only of their ends."""
    told: bool = False
    trouble: JourneyError | None = None
    """Why waiting on is pointless."""


@define(eq=False, kw_only=True)
class Watch(Progress):
    """What a client knows of one task of the service."""

    # One object for all of it: there may be a hundred thousand.

    task_id: str
    action: str
    """The service's name of the action; empty for a task that was not submitted by this client."""
    _state: TaskState[Any] | Glimpse = field(alias="state")
    price: int = 0
    """Credits; 0 for a task that this client did not buy."""
    misses: int = 0
    delivery_due: bool = False
    """Whether a webhook is still to tell of its end."""
    nudged: bool = False
    """Whether a delivery came since it was asked about."""
    _waiters: Waiter | dict[Waiter, None] | None = None
    """Hardly ever more than one."""

    @property
    def state(self) -> TaskState[Any]:
        """The newest state; the same value until it changes."""
        state = self._state
        if isinstance(state, Glimpse):
            self._state = state = state.of(self.task_id)
        return state

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._state.done

    @property
    def kind(self) -> Kind:
        """What the task is, as far as it is known."""
        return self._state.kind

    def take_in(self, new: TaskState[Any] | Glimpse) -> bool:
        """Take in another state; False if it is no news for those who wait for every change."""
        old = self._state
        if old is new:
            return False
        if old.percentage == new.percentage and old.status == new.status and old.kind == new.kind:
            return False
        self._state = new if isinstance(new, Glimpse) else compact(new)
        return True

    @property
    def waiters(self) -> Iterable[Waiter]:
        """Who waits for it, in the order in which they came."""
        waiters = self._waiters
        return () if waiters is None else (waiters,) if isinstance(waiters, Waiter) else waiters

    def join(self, waiter: Waiter) -> None:
        """Let *waiter* wait for it, whether it does already or not."""
        waiters = self._waiters
        if waiters is None:
            self._waiters = waiter
        elif isinstance(waiters, dict):
            waiters[waiter] = None
        elif waiters is not waiter:
            self._waiters = {waiters: None, waiter: None}

    def leave(self, waiter: Waiter) -> None:
        """Let *waiter* wait for it no longer, whether it did or not."""
        waiters = self._waiters
        if waiters is waiter:
            self._waiters = None
        elif isinstance(waiters, dict):
            waiters.pop(waiter, None)
            if not waiters:
                self._waiters = None

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for it."""
        return self._waiters is not None

    @property
    def only_end(self) -> bool:
        """Whether nobody waits for every change."""
        waiters = self._waiters
        if isinstance(waiters, Waiter):
            return not waiters.every_change
        return not any(waiter.every_change for waiter in self.waiters)


class Relay:
    """Those who wait. One leads, which is to work for all; when it leaves, the one that has waited longest leads."""

    def __init__(self) -> None:
        self._leader: Waiter | None = None
        self._parked: OrderedDict[Waiter, asyncio.Future[None]] = OrderedDict()
        self._nudge = anyio.Event()
        self._alarm = 0.0

    async def wait(self, waiter: Waiter, lead: Callable[[Waiter], Awaitable[None]]) -> None:
        """Wait until *waiter* is told; *lead* is what it does, until it is told, when nobody else leads."""
        # Most of those who wait are parked here: each call further down would take memory for each of them.
        try:
            while not waiter.told:
                if self._leader is None:
                    await self._lead(waiter, lead)
                else:
                    turn = self._parked[waiter] = asyncio.get_running_loop().create_future()
                    try:
                        await turn
                    finally:
                        del self._parked[waiter]
        finally:
            if self._leader is None:
                self._hand_over()
        if waiter.trouble is not None:
            # Each waiter raises its own copy: a traceback grows with every raise.
            raise copy.copy(waiter.trouble) from waiter.trouble.__cause__

    def tell(self, waiter: Waiter, trouble: JourneyError | None = None) -> None:
        """Let *waiter* go on, or raise *trouble*."""
        if waiter.told:
            return
        waiter.told = True
        waiter.trouble = trouble
        turn = self._parked.get(waiter)
        if turn is not None and not turn.done():
            turn.set_result(None)
        if waiter is self._leader:
            self._nudge.set()

    def tell_all(self, trouble: JourneyError) -> None:
        """Let everybody raise *trouble*."""
        for waiter in (*self._parked, *([self._leader] if self._leader else [])):
            self.tell(waiter, trouble)

    async def rest(self, until: float, *, now: float) -> None:
        """Let the leader sleep until *until*, or until it is told or hurried."""
        self._nudge = anyio.Event()
        self._alarm = until
        with anyio.move_on_after(max(0.0, until - now)):
            await self._nudge.wait()

    def hurry(self, when: float) -> None:
        """Wake the leader if it would sleep on at *when*."""
        if when < self._alarm:
            self._nudge.set()

    async def _lead(self, waiter: Waiter, lead: Callable[[Waiter], Awaitable[None]]) -> None:
        self._leader = waiter
        try:
            await lead(waiter)
        finally:
            self._leader = None

    def _hand_over(self) -> None:
        # One that was woken and has not run yet is still parked: waking it again changes nothing.
        turn = next(iter(self._parked.values()), None)
        if turn is not None and not turn.done():
            turn.set_result(None)
