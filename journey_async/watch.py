"""What a client knows of one task of the service, who waits for it, and how one of those who wait works for all."""

from __future__ import annotations

import asyncio
import copy
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import anyio
from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from journey_async.core.kinds import Kind
    from journey_async.core.pacing import Progress
    from journey_async.core.tasks import TaskState
    from journey_async.errors import JourneyError


@define(eq=False)
class Waiter:
    """One call that waits: for a task, for several, or for something else that it will be told."""

    every_change: bool = False
    """Tell it of every change of its tasks, not only of their ends."""
    told: bool = False
    trouble: JourneyError | None = None
    """Why waiting on is pointless."""


@define(eq=False, weakref_slot=True)
class Watch:
    """What a client knows of one task of the service."""

    task_id: str
    action: str
    """The service's name of the action; empty for a task that was not submitted by this client."""
    state: TaskState[Any]
    progress: Progress
    price: int = 0
    """Credits; 0 for a task that this client did not buy."""
    misses: int = 0
    delivery_due: bool = False
    """Whether a webhook is still to tell of its end."""
    nudged: bool = False
    """Whether a delivery came since it was asked about."""
    waiters: dict[Waiter, None] = field(factory=dict[Waiter, None])
    """Who waits for it, in the order in which they came."""

    @property
    def kind(self) -> Kind:
        """What the task is, as far as it is known."""
        return self.state.kind


class Relay:
    """Those who wait. One leads, which is to work for all; when it leaves, the one that has waited longest leads."""

    def __init__(self) -> None:
        self._leader: Waiter | None = None
        self._parked: OrderedDict[Waiter, asyncio.Future[None]] = OrderedDict()
        self._nudge = anyio.Event()
        self._alarm = 0.0

    async def wait(self, waiter: Waiter, lead: Callable[[Waiter], Awaitable[None]]) -> None:
        """Wait until *waiter* is told; *lead* is what it does, until it is told, when nobody else leads."""
        try:
            while not waiter.told:
                if self._leader is None:
                    await self._lead(waiter, lead)
                else:
                    await self._park(waiter)
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

    async def _park(self, waiter: Waiter) -> None:
        turn = self._parked[waiter] = asyncio.get_running_loop().create_future()
        try:
            await turn
        finally:
            del self._parked[waiter]

    def _hand_over(self) -> None:
        # One that was woken and has not run yet is still parked: waking it again changes nothing.
        turn = next(iter(self._parked.values()), None)
        if turn is not None and not turn.done():
            turn.set_result(None)


def differs(old: TaskState[Any], new: TaskState[Any]) -> bool:
    """Tell whether there is news for those who wait for every change."""
    return (old.status, old.percentage, old.kind) != (new.status, new.percentage, new.kind)
