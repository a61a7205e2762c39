"""What a run leaves to others: the choice of an index, and what becomes of a node in doubt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from journey_async.core.events import NodeInDoubt
from journey_async.fetching import found
from journey_async.settling import Adopt, Settlement, judged

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from journey_async.core.records import Settled
    from journey_async.core.run_state import RunState
    from journey_async.telling import Teller
    from journey_async.workings import Workings

Decide: TypeAlias = Callable[[NodeInDoubt], Awaitable[Settlement | None]]
"""Decides what becomes of a node in doubt; None: leave it so."""


class Deciders:
    """Asks the user's functions, and webhooks, and takes in what they decide."""

    def __init__(
        self,
        workings: Workings,
        state: RunState,
        teller: Teller,
        decide: Decide | None,
        *,
        follow: Callable[[int], None],
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        """Take what a run works with; *follow* follows the task of a node that was adopted."""
        self._workings = workings
        self._state = state
        self._teller = teller
        self._decide = decide
        self._follow = follow
        self._changed = changed
        self._clock = clock

    def ask_for_indexes(self, group: TaskGroup) -> None:
        """Ask for the indexes that are to be chosen now."""
        for place in self._state.take_choices():
            group.start_soon(self._choose, place)

    def ask_about_doubts(self, group: TaskGroup, *, earlier: bool = False) -> None:
        """Ask what becomes of the nodes in doubt; of those of *earlier* runs a webhook may still tell."""
        if self._decide is None and not (earlier and self._workings.submitter.listening):
            return
        for place in self._state.take_doubts():
            group.start_soon(self._settle, place, earlier)

    def revealed(self, place: int, task_id: str) -> None:
        """Take in that a webhook told late which task a node in doubt is."""
        if isinstance(self._state.row(place), NodeInDoubt):
            self._adopt(place, task_id)
            self._told()

    async def _choose(self, place: int) -> None:
        choice = self._state.nodes[place].choice
        try:
            index = None if choice is None else await choice(self._state.parent_result(place))
        except Exception as error:  # noqa: BLE001 - it is the user's function: one bad choice must not end the batch
            self._state.not_chosen(place, error, now=self._clock())
        else:
            self._state.chosen(place, index, now=self._clock())
        self._told()

    async def _settle(self, place: int, earlier: bool) -> None:  # noqa: FBT001 - start_soon takes no names
        row, history = self._state.row(place), self._state.history
        assert isinstance(row, NodeInDoubt)  # noqa: S101 - that is why it is asked about
        told = None
        if earlier and self._workings.submitter.listening:
            told = await self._workings.submitter.revealed(row.error.intent.id, row.node.kind)
        settlement: Settlement | None = None if told is None else Adopt(told.task_id)
        if settlement is None and self._decide is not None:
            settlement = await self._decide(row)
        if not isinstance(self._state.row(place), NodeInDoubt):
            return  # a webhook was faster
        if settlement is None:
            self._state.lets_go(place)
        else:
            look = partial(found, self._workings.sender.ask)
            self._settled(place, await judged(history, row.node.key, settlement, find=look, clock=self._clock))
        self._told()

    def _settled(self, place: int, settled: Settled) -> None:
        if settled.task_id is not None:
            self._adopt(place, settled.task_id)
        elif settled.how == "resubmitted":
            self._state.resubmitted(place, now=settled.at)
        else:
            self._state.abandoned(place, now=settled.at)

    def _adopt(self, place: int, task_id: str) -> None:
        self._state.adopted(place, task_id, now=self._clock())
        self._follow(place)

    def _told(self) -> None:
        self._teller.spread()
        self._changed()
