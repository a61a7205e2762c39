"""Intents whose tasks a webhook may reveal: before the reply to the submission comes, or instead of it."""

from __future__ import annotations

from collections import OrderedDict, deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import anyio

from journey_async.errors import ApiError, JourneyError
from journey_async.fetching import fetched

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from journey_async.core.deliveries import Delivery
    from journey_async.core.kinds import Kind, Result
    from journey_async.core.tasks import TaskState
    from journey_async.fetching import Ask

MOST_TOLD: Final = 16
"""Deliveries that are kept of one intent."""
KEPT: Final = 1000
"""Intents in doubt that nobody waits for any longer and that may still be revealed."""


class Revelation:
    """The deliveries that came for one intent."""

    def __init__(self) -> None:
        self.told: list[Delivery] = []
        """Those that are not known to be wrong, in the order in which they came."""
        self._unread: deque[Delivery] = deque()
        self._news: anyio.Event | None = None
        """Made by who waits, which hardly anybody does."""

    def take_in(self, delivery: Delivery) -> None:
        """Let whoever waits know; of one intent there are four deliveries, and who sends more is no service."""
        if len(self.told) >= MOST_TOLD:
            return
        self.told.append(delivery)
        self._unread.append(delivery)
        if self._news is not None:
            self._news.set()
            self._news = None

    async def read(self) -> Delivery:
        """Wait for the next delivery."""
        while not self._unread:
            self._news = self._news or anyio.Event()
            await self._news.wait()
        return self._unread.popleft()

    def refute(self, delivery: Delivery) -> None:
        """Take in that it tells of a task that is not the intent's."""
        self.told = [other for other in self.told if other is not delivery]


class Revelations:
    """The intents that are under way or in doubt, by id."""

    def __init__(self, *, ask: Ask, trusting: bool, claimed: Callable[[str], bool]) -> None:
        """Take how to ask the service, or not to, and what tells whether a task came from another intent."""
        self._ask = ask
        self._trusting = trusting
        self._claimed = claimed
        self._expected: dict[str, Revelation] = {}
        self._late: OrderedDict[str, Callable[[Delivery], bool]] = OrderedDict()

    @contextmanager
    def expecting(self, intent_id: str) -> Generator[Revelation]:
        """Take in what is told of this intent while the block lasts."""
        try:
            yield self.expect(intent_id)
        finally:
            self.forget(intent_id)

    def expect(self, intent_id: str) -> Revelation:
        """Take in what is told of this intent from now on."""
        revelation = self._expected[intent_id] = Revelation()
        return revelation

    def forget(self, intent_id: str) -> None:
        """Take in no more of what is told of this intent."""
        del self._expected[intent_id]

    def keep(self, intent_id: str, tell: Callable[[Delivery], bool]) -> None:
        """Have *tell* called when a delivery comes for this intent after its caller has gone, until it says True."""
        self._late[intent_id] = tell
        if len(self._late) > KEPT:
            self._late.popitem(last=False)

    def take_in(self, delivery: Delivery) -> bool:
        """Take in a delivery; False if nobody expects it."""
        intent_id = delivery.intent or ""
        revelation = self._expected.get(intent_id)
        if revelation is not None:
            revelation.take_in(delivery)
            return True
        tell = self._late.get(intent_id)
        if tell is None:
            return False
        if tell(delivery):
            del self._late[intent_id]
        return True

    def may_be(self, delivery: Delivery, gives: Kind) -> bool:
        """Tell whether the task of a delivery may be that of an intent which gives this kind."""
        from journey_async.core.deliveries import may_be  # noqa: PLC0415 - loaded where there are webhooks

        return may_be(delivery.raw, gives) and not self._claimed(delivery.task_id)

    async def state(self, revelation: Revelation, gives: Kind, *, within: float) -> TaskState[Result] | None:
        """Wait for the task of an intent that gives this kind; None if no delivery reveals it within so many seconds.

        To ask the service about a delivery that has come in time may take longer.
        """
        deadline = anyio.current_time() + within
        while True:
            delivery: Delivery | None = None
            with anyio.CancelScope(deadline=deadline):
                delivery = await revelation.read()
            if delivery is None:
                return None
            try:
                state = await self._believed(delivery, gives)
            except JourneyError:
                # No proof against it: the service does not answer.
                continue
            if state is not None:
                return state
            revelation.refute(delivery)

    async def _believed(self, delivery: Delivery, gives: Kind) -> TaskState[Result] | None:
        """Give the state of the task that a delivery reveals; None if it does not."""
        from journey_async.core.deliveries import read_as  # noqa: PLC0415 - loaded where there are webhooks

        if not self.may_be(delivery, gives):
            return None
        if self._trusting:
            return read_as(delivery.raw, gives)
        # What a delivery tells is no proof. Asked as if nothing were known, the service tells what kind of task it is.
        answer = (await fetched(self._ask, [delivery.task_id], {})).get(delivery.task_id)
        return None if answer is None or isinstance(answer, ApiError) else read_as(answer.raw, gives)
