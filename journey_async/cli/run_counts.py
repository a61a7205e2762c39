"""What a run comes to so far, counted from its events: nodes, slots, credits, time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from journey_async.core.events import (
    NodeFailed,
    NodeFinished,
    NodeInDoubt,
    NodeProgressed,
    NodeSkipped,
    NodeSubmitted,
    RunPaused,
    RunPlanned,
    RunResumed,
    RunWaiting,
)

if TYPE_CHECKING:
    from journey_async.core.events import Event, NodeEvent, Row
    from journey_async.core.outcome import Outcome
    from journey_async.errors import JourneyError

_ENDED: Final = ("finished", "failed", "skipped")
_KNOWN: Final = 5
"""Percent from which on a percentage tells how long the rest will take."""
_ENOUGH: Final = 3
"""Nodes that must have ended before they tell how long the others will take."""


@frozen(kw_only=True)
class Moving:
    """A node whose task is on its way."""

    name: str
    status: str
    percentage: int
    since: float
    """When it was accepted, or first seen here."""


@define
class Counts:
    """The numbers of a run at one moment; times are on the clock of `began`."""

    began: float
    planned: RunPlanned | None = None
    moving: dict[str, Moving] = field(factory=dict[str, Moving])
    """The nodes whose tasks are on their way, by key."""
    states: Counter[str] = field(factory=Counter[str])
    """How many nodes are in which state; those that were not sent are in none."""
    spent: int = 0
    trouble: JourneyError | None = None
    """Why nothing is submitted, or answered, at the moment."""
    _state_of: dict[str, str] = field(factory=dict[str, str])
    _paid: dict[str, int] = field(factory=dict[str, int])
    _ended_here: int = 0

    @property
    def nodes(self) -> int:
        """How many there are."""
        return self.planned.nodes if self.planned is not None else 0

    @property
    def ended(self) -> int:
        """How many nodes have come to an end, good or bad."""
        return sum(self.states[state] for state in _ENDED)

    def begin(self, outcome: Outcome, now: float) -> None:
        """Take in what earlier runs left."""
        for row in outcome:
            if row.state != "waiting":
                self._node(row, now)
        self._ended_here = 0
        # What nodes cost that are no longer in the graph, or were sent again, counts too.
        self.spent = outcome.spending.spent

    def take(self, event: Event, now: float) -> None:
        """Take in what happened."""
        match event:
            case RunPlanned():
                self.planned = event
            case RunPaused() | RunWaiting():
                self.trouble = event.error
            case RunResumed():
                self.trouble = None
            case _:
                self._node(event, now)

    def _node(self, event: NodeEvent | Row, now: float) -> None:
        key, name = event.node.key, event.node.name
        match event:
            case NodeProgressed(task_state=state):
                since = self.moving[key].since if key in self.moving else now
                percentage = state.percentage or 0
                self.moving[key] = Moving(name=name, status=state.status, percentage=percentage, since=since)
            case NodeSubmitted():
                self.moving.setdefault(key, Moving(name=name, status="submitted", percentage=0, since=now))
                self._is(key, "submitted", paid=event.node.credits)
            case NodeFinished():
                self._is(key, "finished", paid=event.node.credits)
            case NodeFailed():
                self._is(key, "failed")
            case NodeSkipped():
                self._is(key, "skipped", paid=self._paid.get(key, 0))
            case NodeInDoubt():
                self._is(key, "in doubt")
            case _:
                pass

    def _is(self, key: str, state: str, *, paid: int = 0) -> None:
        before = self._state_of.get(key)
        if before is not None:
            self.states[before] -= 1
        self._state_of[key] = state
        self.states[state] += 1
        self.spent += paid - self._paid.get(key, 0)
        self._paid[key] = paid
        if state in _ENDED and before not in _ENDED:
            self._ended_here += 1
        if state != "submitted":
            self.moving.pop(key, None)

    def seconds_left(self, now: float) -> float | None:
        """Guess how long the run will go on, at the pace it had so far; None as long as there is none."""
        if self._ended_here < _ENOUGH:
            return None
        return (now - self.began) / self._ended_here * (self.nodes - self.ended)


def seconds_left(percentage: int, seconds: float) -> float | None:
    """Guess how long a task will go on that took *seconds* to its *percentage*; None where that does not tell."""
    return seconds * (100 - percentage) / percentage if _KNOWN <= percentage < 100 else None  # noqa: PLR2004 - percent


def duration(seconds: float) -> str:
    """Write a time such as 0:07, 12:05 or 1:02:03."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
