"""A run of a cluster is followed from wherever it is wanted: what workers record is told as events."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Final

import anyio

from journey_async.cluster.store import Store
from journey_async.core.events import NodeInDoubt, NodeSubmitted
from journey_async.core.history import Stage
from journey_async.core.records import DamageError, decode, error_from_values
from journey_async.core.replay import Replay
from journey_async.errors import JournalError
from journey_async.fetching import found
from journey_async.settling import judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio.abc import TaskGroup

    from journey_async.cluster.address import Cluster
    from journey_async.cluster.beginning import Begun
    from journey_async.cluster.database import Database
    from journey_async.core.events import Event
    from journey_async.deciding import Decide
    from journey_async.workings import Workings

EVERY: Final = 0.25
"""Seconds between two looks for what is new."""


class Follower:
    """Follows one run to its end."""

    def __init__(
        self,
        workings: Workings,
        database: Database,
        cluster: Cluster,
        begun: Begun,
        *,
        decide: Decide | None,
        tell: Callable[[Event], None] | None,
    ) -> None:
        self._workings = workings
        self._database = database
        self._cluster = cluster
        self._state = begun.state
        self._seen = begun.seen
        self._own = begun.own
        self._replay = Replay(begun.state)
        self._decide = decide
        self._tell = tell
        self._asked: set[str] = set()
        """The intents in doubt about which somebody was asked."""

    async def follow(self) -> None:
        """Follow the run until nothing is on its way, or nothing can be sent any more."""
        async with anyio.create_task_group() as group:
            while True:
                await self._take_in(group)
                if await self._over():
                    break
                await anyio.sleep(EVERY)

    async def _take_in(self, group: TaskGroup) -> None:
        rows = await self._database.call(Store.records, self._cluster.run, after=self._seen)
        try:
            self._replay.take_in(decode(record) for n, record in rows if n not in self._own)
        except DamageError as error:
            raise JournalError(str(self._cluster), f"it is damaged: {error}") from error
        self._seen = rows[-1][0] if rows else self._seen
        for place in self._state.take_doubts():
            self._ask(group, place)
        self._spread()

    def _spread(self) -> None:
        for event in self._state.news().events:
            if self._tell is not None:
                self._tell(event)

    async def _over(self) -> bool:
        kept = await self._database.call(Store.run, self._cluster.run)
        if kept is not None and kept.records > self._seen:
            return False
        if kept is not None and kept.paused is not None:
            self._state.pauses(error_from_values(json.loads(kept.paused)))
            self._spread()
            return not self._on_its_way()
        self._state.goes_on()
        self._spread()
        if self._state.busy:
            return False
        left, _ = await self._database.call(Store.afterwards, self._cluster.run)
        return not left

    def _on_its_way(self) -> bool:
        lives = self._state.history.lives
        numbers = self._state.numbers
        rows = (self._state.row(place) for place in range(len(numbers)))
        return any(isinstance(row, NodeSubmitted) for row in rows) or any(
            lives[number].stage is Stage.INTENDED for number in numbers
        )

    # -----------------------------------------------------------------------------------------------------------------
    # What becomes of nodes in doubt

    def _ask(self, group: TaskGroup, place: int) -> None:
        row = self._state.row(place)
        marked = self._state.history.lives[self._state.numbers[place]].stage is Stage.INTENDED
        if self._decide is None or marked or not isinstance(row, NodeInDoubt):
            if not marked:
                self._state.lets_go(place)
            return
        if row.error.intent.id not in self._asked:
            self._asked.add(row.error.intent.id)
            group.start_soon(self._settle, place, row)

    async def _settle(self, place: int, row: NodeInDoubt) -> None:
        assert self._decide is not None  # noqa: S101 - else nobody is asked
        settlement = await self._decide(row)
        if settlement is None:
            self._state.lets_go(place)
            return
        look = partial(found, self._workings.sender.ask)
        record = await judged(self._state.history, row.node.key, settlement, find=look, clock=time.time)
        await self._database.call(Store.settle, self._cluster.run, record)
