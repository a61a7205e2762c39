"""When to ask next how a task is doing, and whom to ask about together: decisions as functions of (facts, now).

Nobody tells us when a task will end. Three things are known: how its percentage has moved, how long tasks of its action
have taken, and how late an end may be noticed (`Pace.lag`). The percentage predicts the end; a prediction that has not
proved itself is not followed far; a silent percentage is asked about evenly.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen
from attrs.validators import ge, gt, le

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCH: Final = 20
"""Ids that one `/fetch-many` takes."""
_APPROACH: Final = 0.7
"""How far towards the predicted end the next question is put: short of it, because the pace may quicken."""
_SOON: Final = 0.1
"""Parts of the lag for which a task is left alone once somebody waits for it."""
_STEP: Final = 5
"""Percent by which a task may be further than it says: percentages move in steps."""
_TRUST_LIMIT: Final = 3
"""After so many right predictions the longest gap is eight times as long."""


@frozen(kw_only=True)
class Pace:
    """How often a client asks about its tasks."""

    lag: float = field(default=0.5, validator=gt(0))
    """Seconds: about how late the end of a task may be noticed. Less costs more requests."""
    longest: float = field(default=15.0, validator=gt(0))
    """Seconds: the longest gap between two questions about a task, and during an outage."""
    ahead: float = field(default=2.0, validator=ge(0))
    """Seconds: who is due this soon is asked about along with those who are due, while there is room in the request."""
    misses: int = field(default=3, validator=[ge(1), le(100)])
    """Successive replies that leave a task out before it counts as not found."""


@define
class Progress:
    """What is known of one task's way; the newest question and the one before."""

    started: float
    """When it was accepted, or when the client first heard of it."""
    asked: float | None = None
    percentage: int = 0
    zero_until: float = 0.0
    """When it was last known to be at 0 percent."""
    expected: float | None = None
    """The percentage that was predicted for the next question."""
    trust: int = 0
    """Predictions in a row that proved right, `_TRUST_LIMIT` at the most."""


def observe(facts: Progress, percentage: int | None, now: float) -> None:
    """Take in what a reply said."""
    seen = percentage or 0
    if facts.expected is not None:
        moved, hoped = seen - facts.percentage, facts.expected - facts.percentage
        right = 0.5 * hoped <= moved <= 1.5 * hoped
        facts.trust = min(_TRUST_LIMIT, facts.trust + 1) if right else 0
    facts.asked = now
    facts.percentage = seen
    if seen == 0:
        facts.zero_until = now


def next_question(pace: Pace, facts: Progress, typical: float | None, now: float) -> float:
    """Give when to ask next; *typical* is the shortest time that tasks of this action have been taking, if known."""
    facts.expected = None
    even = min(2 * pace.lag, pace.longest)
    if facts.percentage <= 0:
        # Half the shortest time known is early enough to see the percentage start.
        expected = facts.started + (0.5 * typical if typical else pace.lag)
        soon = _SOON * pace.lag if facts.asked is None else even
        return max(now + soon, min(expected, now + pace.longest))
    risen_for = now - max(facts.zero_until, facts.started)
    if risen_for <= 0:
        return now + even
    rate = facts.percentage / risen_for
    left = max(0, 100 - facts.percentage - _STEP) / rate
    cap = min(pace.longest, 4 * pace.lag * (1 << facts.trust))
    gap = max(min(pace.lag, pace.longest), min(_APPROACH * left, cap))
    facts.expected = min(100.0, facts.percentage + rate * gap)
    return now + gap


def after_outage(pace: Pace, failures: int) -> float:
    """Give the seconds until the next question after so many questions in a row went unanswered."""
    return min(pace.longest, pace.lag * (1 << min(failures, 10)))


class Durations:
    """How long tasks have been taking, by action: the shortest of the newest few."""

    def __init__(self) -> None:
        self._newest: dict[str, list[float]] = {}

    def learn(self, action: str, seconds: float) -> None:
        """Take in that a task of *action* took so long."""
        newest = self._newest.setdefault(action, [])
        newest.append(seconds)
        del newest[:-_NEWEST]

    def typical(self, action: str) -> float | None:
        """Give the shortest time that tasks of *action* have been taking; None before the third."""
        newest = self._newest.get(action, ())
        return min(newest) if len(newest) >= _ENOUGH else None


_NEWEST: Final = 20
_ENOUGH: Final = 3


class Agenda:
    """Who is to be asked about, and when."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, str]] = []
        self._due: dict[str, tuple[float, int, str]] = {}
        self._entries = 0

    def __contains__(self, task_id: str) -> bool:
        return task_id in self._due

    def __len__(self) -> int:
        return len(self._due)

    def put(self, task_id: str, due: float) -> None:
        """Ask about *task_id* at *due*, instead of any time it was put down for."""
        self._entries += 1
        entry = (due, self._entries, task_id)
        self._due[task_id] = entry
        heapq.heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._due) + BATCH:
            self._heap = list(self._due.values())
            heapq.heapify(self._heap)

    def remove(self, task_id: str) -> None:
        """Ask about *task_id* no more."""
        self._due.pop(task_id, None)

    def next_due(self) -> float | None:
        """Give when the next question is due."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def take(self, now: float, *, ahead: float) -> list[Sequence[str]]:
        """Take out those who are due, in batches of 20; the last batch is filled up with those due within *ahead*."""
        taken: list[str] = []
        while self._is_due(now):
            taken.append(self._pop())
        if taken:
            while len(taken) % BATCH and self._is_due(now + ahead):
                taken.append(self._pop())
        return [taken[start : start + BATCH] for start in range(0, len(taken), BATCH)]

    def _is_due(self, when: float) -> bool:
        due = self.next_due()
        return due is not None and due <= when

    def _pop(self) -> str:
        task_id = heapq.heappop(self._heap)[2]
        del self._due[task_id]
        return task_id

    def _drop_stale(self) -> None:
        while self._heap and self._due.get(self._heap[0][2]) is not self._heap[0]:
            heapq.heappop(self._heap)
