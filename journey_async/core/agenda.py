"""Whom to ask about, and when: those who are due together go together."""

from __future__ import annotations

import heapq
import math
from bisect import insort_left
from operator import attrgetter
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

    # Nearly all are due later and take one place in a list: one order of all would cost more than they do.

    def __init__(self) -> None:
        self._later: dict[int, list[P]] = {}
        """By the number of the span of time in which they are due."""
        self._numbers: list[int] = []
        """A heap of those numbers, and of some whose tasks were all removed."""
        self._reached: float = -math.inf
        """The number of the last span whose tasks were put in order."""
        self._soon: list[P] = []
        """Those who are due in that span or before, the first of them last."""
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
            insort_left(self._soon, facts, key=_latest_first)
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
        if number <= self._reached:
            self._soon.remove(facts)
            return
        span = self._later[number]
        span.remove(facts)
        if not span:
            del self._later[number]

    def next_due(self) -> float | None:
        """Give when the next question is due."""
        if self._soon:
            return self._soon[-1].due
        while self._numbers:
            span = self._later.get(self._numbers[0])
            if span is not None:
                return min(facts.due for facts in span if facts.due is not None)
            heapq.heappop(self._numbers)
        return None

    def take(self, now: float, *, ahead: float) -> Sequence[P]:
        """Take out 20 who are due, or those who are and, as far as there is room, who is due within *ahead*."""
        soon, taken = self._soon, list[P]()
        until = now
        while len(taken) < BATCH:
            if not soon:
                self._put_in_order(until)
            due = soon[-1].due if soon else None
            if due is None or due > until:
                break
            facts = soon.pop()
            facts.due = None
            taken.append(facts)
            until = now + ahead
        self._count -= len(taken)
        return taken

    def _put_in_order(self, until: float) -> None:
        """Put those in order who are due in the next span, if any is due before *until* and none before them."""
        while not self._soon and self._numbers and self._numbers[0] <= until // _SPAN:
            self._reached = number = heapq.heappop(self._numbers)
            self._soon.extend(reversed(self._later.pop(number, ())))
            self._soon.sort(key=attrgetter("due"), reverse=True)


def _latest_first(facts: Progress) -> float:
    return -(facts.due or 0.0)
