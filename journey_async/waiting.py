"""Those who wait, and how one of them works for all."""

from __future__ import annotations

import asyncio
import copy
import math
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from journey_async.errors import JourneyError
from journey_async.values import define

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

W = TypeVar("W")

_FEW: Final = 20
"""Waiters that have gone and are not worth to be looked for."""
_SPARE: Final = 8
"""So many are idle at the most: each takes more than a kilobyte."""


@define(eq=False, weakref_slot=False)
class Waiter:
    """One call that waits: for a task, for several, or for something else that it will be told."""

    every_change: ClassVar[bool] = False
    """Whether it is told of every change of its tasks, not only of their ends."""

    told: bool | JourneyError = False
    """Whether it is to go on; an error is why waiting on is pointless."""
    turn: asyncio.Future[None] | None = None
    """What it waits for while another leads."""

    def check(self) -> None:
        """Raise what it was told, if that is an error."""
        if isinstance(self.told, JourneyError):
            # Each waiter raises its own copy: a traceback grows with every raise.
            raise copy.copy(self.told) from self.told.__cause__


class ChangeWaiter(Waiter):
    """One that is told of every change."""

    __slots__ = ()
    every_change: ClassVar[bool] = True


class Relay:
    """Those who wait. One leads, which is to work for all; when it leaves, the one that has waited longest leads."""

    def __init__(self) -> None:
        self._leader: Waiter | None = None
        self._called: Waiter | None = None
        """Who was woken to lead, and has not come yet."""
        self._queue: deque[Waiter] = deque()
        """Those who are parked, the longest first, and some who no longer are."""
        self._parked = 0
        self._rest: asyncio.Future[None] | None = None
        """What the leader waits for while there is nothing to do."""
        self.alarm = 0.0
        """When the leader wakes by itself at the latest; it is hurried to be awake sooner."""

    def turn(self, waiter: Waiter, lead: Callable[[Waiter], Coroutine[Any, Any, None]]) -> Awaitable[None]:
        """Give what *waiter* is to await, until it is told: to lead, or else to be told or called."""
        self._unpark(waiter)
        if self._leader is None:
            return self._lead(waiter, lead)
        turn = waiter.turn = asyncio.get_running_loop().create_future()
        self._parked += 1
        self._queue.append(waiter)
        if len(self._queue) > 2 * self._parked + _FEW:
            self._queue = deque(other for other in self._queue if other.turn is not None)
        return turn

    def left(self, waiter: Waiter) -> None:
        """Take in that *waiter* waits no longer."""
        self._unpark(waiter)
        if self._leader is None:
            self._call()

    def tell(self, waiter: Waiter, trouble: JourneyError | None = None) -> None:
        """Let *waiter* go on, or raise *trouble*."""
        if waiter.told:
            return
        waiter.told = trouble or True
        if waiter.turn is not None and not waiter.turn.done():
            waiter.turn.set_result(None)
        if waiter is self._leader:
            self.hurry()

    def tell_all(self, trouble: JourneyError) -> None:
        """Let everybody raise *trouble*."""
        for waiter in (*self._queue, *([self._leader] if self._leader else [])):
            self.tell(waiter, trouble)

    async def rest(self, until: float, *, now: float) -> None:
        """Let the leader sleep until *until*, or until it is told or hurried."""
        loop = asyncio.get_running_loop()
        self.alarm = until
        self._rest = loop.create_future()
        alarm = None if until == math.inf else loop.call_later(until - now, self.hurry)
        try:
            await self._rest
        finally:
            self._rest = None
            if alarm is not None:
                alarm.cancel()

    def hurry(self) -> None:
        """Wake the leader."""
        self.alarm = -math.inf
        if self._rest is not None and not self._rest.done():
            self._rest.set_result(None)

    async def _lead(self, waiter: Waiter, lead: Callable[[Waiter], Awaitable[None]]) -> None:
        self._leader = waiter
        try:
            await lead(waiter)
        finally:
            self._leader = None

    def _unpark(self, waiter: Waiter) -> None:
        if waiter.turn is not None:
            waiter.turn = None
            self._parked -= 1
        if self._called is waiter:
            self._called = None

    def _call(self) -> None:
        """Call the one to lead that has waited longest, unless one is called already."""
        while self._queue and self._called is None:
            waiter = self._queue.popleft()
            if waiter.turn is not None and not waiter.turn.done():
                self._called = waiter
                waiter.turn.set_result(None)


class Idle(Generic[W]):
    """Those who have done their work and wait for other work: to begin one anew costs more."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[W | None]] = []
        self._dismissed = False

    def take_on(self, work: W | None) -> bool:
        """Let one of them do *work*; False if there is none."""
        while self._waiting:
            given = self._waiting.pop()
            # One that was cancelled is still among them.
            if not given.done():
                given.set_result(work)
                return True
        return False

    async def work(self) -> W | None:
        """Wait for work; None where enough others do, and once there will be no more.

        To be cancelled by anyio alone, which lets go on who was given work: none is lost.
        """
        if self._dismissed or len(self._waiting) >= _SPARE:
            return None
        given: asyncio.Future[W | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(given)
        return await given

    def dismiss(self) -> None:
        """Tell them that there will be no more work."""
        self._dismissed = True
        while self.take_on(None):
            pass
