"""When which question goes out: one of those who wait sees to it for all of them, and nobody while nobody waits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import anyio

from journey_async.core.agenda import Agenda
from journey_async.waiting import Idle, Relay, Waiter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from journey_async.core.pacing import Pace
    from journey_async.errors import JourneyError
    from journey_async.watch import Watch

_AT_ONCE: Final = 64
"""Questions that are under way at once."""
_NO_REMINDER: Final[tuple[float, Callable[[], None]]] = (math.inf, lambda: None)


class Questions:
    """The questions to come and those who wait for the answers, of whom one leads."""

    def __init__(
        self, ask: Callable[[Sequence[Watch]], Coroutine[Any, Any, None]], pace: Pace, *, clock: Callable[[], float]
    ) -> None:
        """Take what asks about up to 20 tasks; it puts each of them down again unless it ended, also if cancelled."""
        self._ask = ask
        self._pace = pace
        self._clock = clock
        self._agenda: Agenda[Watch] = Agenda(pace.lag)
        self._relay = Relay()
        self._reminder = _NO_REMINDER
        self._asking = 0
        """How many questions are under way."""

    def put(self, watch: Watch, due: float) -> None:
        """Ask about the task at *due*, instead of any time it was put down for."""
        if self._agenda.put(watch, due) < self._relay.alarm:
            self._relay.hurry()

    def drop(self, watch: Watch) -> None:
        """Ask about the task no more."""
        self._agenda.remove(watch)

    def remind(self, when: float, call: Callable[[], None]) -> None:
        """Have *call* called at *when*, or once somebody waits; an earlier wish is forgotten."""
        self._reminder = when, call
        if when < self._relay.alarm:
            self._relay.hurry()

    def turn(self, waiter: Waiter) -> Awaitable[None]:
        """Give what *waiter* is to await until it is told, again and again."""
        return self._relay.turn(waiter, self._lead)

    def left(self, waiter: Waiter) -> None:
        """Take in that *waiter* waits no longer."""
        self._relay.left(waiter)

    def tell(self, waiter: Waiter, trouble: JourneyError | None = None) -> None:
        """Let *waiter* go on, or raise *trouble*."""
        self._relay.tell(waiter, trouble)

    def tell_all(self, trouble: JourneyError) -> None:
        """Let everybody raise *trouble*."""
        self._relay.tell_all(trouble)

    async def _lead(self, waiter: Waiter) -> None:
        # Nobody waits for the slowest reply: whoever becomes due meanwhile is asked about.
        idle = Idle[Sequence["Watch"]]()
        async with anyio.create_task_group() as group:
            while not waiter.told:
                self._call_reminder()
                batch = () if waiter.told or self._asking >= _AT_ONCE else self._due()
                if batch:
                    self._asking += 1
                    if not idle.take_on(batch):
                        group.start_soon(self._keep_asking, batch, idle)
                elif not waiter.told:
                    await self._rest()
            idle.dismiss()
            # The answers that are still to come are for others. They are waited for, but not for long.
            group.cancel_scope.deadline = anyio.current_time() + self._pace.lag

    async def _rest(self) -> None:
        due = self._agenda.next_due() if self._asking < _AT_ONCE else None
        remind_at, _ = self._reminder
        await self._relay.rest(remind_at if due is None else min(due, remind_at), now=self._clock())

    def _call_reminder(self) -> None:
        when, call = self._reminder
        if self._clock() >= when:
            self._reminder = _NO_REMINDER
            call()

    def _due(self) -> Sequence[Watch]:
        return self._agenda.take(self._clock(), ahead=self._pace.ahead)

    async def _keep_asking(self, batch: Sequence[Watch] | None, idle: Idle[Sequence[Watch]]) -> None:
        """Ask about *batch*, and then about any other that is taken on: a new task for each costs more than to ask."""
        while batch:
            try:
                await self._ask(batch)
            finally:
                self._asking -= 1
                if self._asking == _AT_ONCE - 1:
                    self._relay.hurry()
            batch = await idle.work()
