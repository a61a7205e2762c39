"""Whom to ask about, and when: those who are due together go together."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from journey_async.core.pacing import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

P = TypeVar("P", bound=Progress)

BATCH: Final = 20
"""Ids that one `/fetch-many` takes."""
_SPAN: Final = 1 / 16
"""Seconds. Those who are due later than this are put in order when their time comes."""


class Agenda(Generic[P]):
    """Who is to be asked about, and when; each is on one agenda at the most."""

    # Nearly all are due later and take one place in a list: one heap of all would take more memory than they do.

    def __init__(self) -> None:
        self._later: dict[int, list[P]] = {}
        """By the number of the span of time in which they are due."""
        self._numbers: list[int] = []
        """A heap of those numbers, and of some whose tasks were all removed."""
        self._reached: float = -math.inf
        """The number of the last span whose tasks were put in order."""
        self._soon: list[tuple[float, int, P | None]] = []
        """A heap of those who are due in that span or before; None where one was removed."""
        self._turns = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, facts: P, due: float) -> None:
        """Ask about it at *due*, instead of any time it was put down for."""
        if facts.due is not None:
            self.remove(facts)
        facts.due = due
        self._count += 1
        number = int(due // _SPAN)
        if number <= self._reached:
            self._turns += 1
            heapq.heappush(self._soon, (due, self._turns, facts))
            return
        span = self._later.get(number)
        if span is None:
            self._later[number] = [facts]
            heapq.heappush(self._numbers, number)
            if len(self._numbers) > 2 * len(self._later) + BATCH:
                self._numbers = sorted(self._later)
        else:
            span.append(facts)

    def remove(self, facts: P) -> None:
        """Ask about it no more."""
        if facts.due is None:
            return
        number = int(facts.due // _SPAN)
        facts.due = None
        self._count -= 1
        if number > self._reached:
            span = self._later[number]
            span.remove(facts)
            if not span:
                del self._later[number]
            return
        for place, (due, turn, other) in enumerate(self._soon):
            if other is facts:
                self._soon[place] = (due, turn, None)
                return

    def next_due(self) -> float | None:
        """Give when the next question is due."""
        self._drop_removed()
        if self._soon:
            return self._soon[0][0]
        while self._numbers:
            span = self._later.get(self._numbers[0])
            if span is not None:
                return min(facts.due for facts in span if facts.due is not None)
            heapq.heappop(self._numbers)
        return None

    def take(self, now: float, *, ahead: float) -> list[Sequence[P]]:
        """Take out those who are due, in batches of 20; the last batch is filled up with those due within *ahead*."""
        taken: list[P] = []
        self._take(taken, now, math.inf)
        self._take(taken, now + ahead, -len(taken) % BATCH)
        return [taken[start : start + BATCH] for start in range(0, len(taken), BATCH)]

    def _take(self, taken: list[P], until: float, room: float) -> None:
        soon, before = self._soon, len(taken)
        while len(taken) - before < room:
            if not soon:
                self._put_in_order(until)
            if not soon or soon[0][0] > until:
                break
            facts = heapq.heappop(soon)[2]
            if facts is not None:
                facts.due = None
                taken.append(facts)
        self._count -= len(taken) - before

    def _put_in_order(self, until: float) -> None:
        """Put those in order who are due in the next span, if any is due before *until* and none before them."""
        soon = self._soon
        while not soon and self._numbers and self._numbers[0] <= until // _SPAN:
            self._reached = number = heapq.heappop(self._numbers)
            turns = self._turns
            for facts in self._later.pop(number, ()):
                if facts.due is not None:
                    turns += 1
                    soon.append((facts.due, turns, facts))
            self._turns = turns
            heapq.heapify(soon)

    def _drop_removed(self) -> None:
        while self._soon and self._soon[0][2] is None:
            heapq.heappop(self._soon)
