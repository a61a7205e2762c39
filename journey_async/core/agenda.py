"""Whom to ask about, and when: those who are due together go together."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left, insort_left
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
        self._later: dict[float, list[P]] = {}
        """By the number of the span of time in which they are due."""
        self._numbers: list[float] = []
        """A heap of those numbers, and of some whose tasks were all removed."""
        self._reached: float = -math.inf
        """The number of the last span whose tasks were put in order."""
        self._soon: list[P] = []
        """Those who are due in that span or before, the first of them last."""

    def __len__(self) -> int:
        return len(self._soon) + sum(len(span) for span in self._later.values())

    def put(self, facts: P, due: float) -> None:
        """Ask about it at *due*, instead of any time it was put down for."""
        if facts.due is not None:
            self.remove(facts)
        facts.due = due
        number = due // _SPAN
        if number <= self._reached:
            insort_left(self._soon, facts, key=_latest_first)
            return
        try:
            self._later[number].append(facts)
        except KeyError:
            self._later[number] = [facts]
            heapq.heappush(self._numbers, number)
            if len(self._numbers) > 2 * len(self._later) + BATCH:
                self._numbers = sorted(self._later)

    def remove(self, facts: P) -> None:
        """Ask about it no more."""
        if facts.due is None:
            return
        number = facts.due // _SPAN
        facts.due = None
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
        self._put_in_order(now, enough=1)
        soon = self._soon
        if not soon or _latest_first(soon[-1]) < -now:
            return []
        until = now + ahead
        self._put_in_order(until, enough=BATCH)
        first = bisect_left(soon, -until, max(0, len(soon) - BATCH), key=_latest_first)
        taken = soon[first:]
        del soon[first:]
        taken.reverse()
        for facts in taken:
            facts.due = None
        return taken

    def _put_in_order(self, until: float, *, enough: int) -> None:
        """Put those in order who are due in the next spans, as far as not *enough* are and they are due by *until*."""
        while len(self._soon) < enough and self._numbers and self._numbers[0] <= until // _SPAN:
            self._reached = number = heapq.heappop(self._numbers)
            span = self._later.pop(number, [])
            span.sort(key=attrgetter("due"))
            self._soon[:0] = reversed(span)


def _latest_first(facts: Progress) -> float:
    return -(facts.due or 0.0)
