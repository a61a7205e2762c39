"""Whom to ask about, and when: those who are due together go together."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from journey_async.core.pacing import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

P = TypeVar("P", bound=Progress)

BATCH: Final = 20
"""Ids that one `/fetch-many` takes."""
_GRAIN: Final = 1 / 64
"""Lags between two moments."""


class Agenda(Generic[P]):
    """Who is to be asked about, and when; each is on one agenda at the most."""

    # Time comes in moments. All who are due in one are kept in one list and share its time as one object, so that of a
    # hundred thousand tasks none needs a time of its own, nor a place in an order of them all.

    def __init__(self, lag: float) -> None:
        """Take how late an end may be noticed, in seconds: nobody is put off by more than a sixty-fourth of it."""
        self._grain = lag * _GRAIN
        self._due: dict[float, list[P]] = {}
        """Who is due, by the moment; never nobody."""
        self._moments: list[float] = []
        """A heap of those moments, and of some whose tasks were all removed."""

    def __len__(self) -> int:
        return sum(map(len, self._due.values()))

    def put(self, facts: P, due: float) -> float:
        """Ask about it at *due*, instead of any time it was put down for; gives the moment that it will be."""
        if facts.due is not None:
            self.remove(facts)
        grain = self._grain
        moment = -(-due // grain) * grain
        others = self._due.get(moment)
        if others:
            moment = others[0].due or moment
            others.append(facts)
        else:
            self._due[moment] = [facts]
            heapq.heappush(self._moments, moment)
        facts.due = moment
        return moment

    def remove(self, facts: P) -> None:
        """Ask about it no more."""
        moment = facts.due
        if moment is None:
            return
        facts.due = None
        others = self._due[moment]
        others.remove(facts)
        if not others:
            del self._due[moment]
            if len(self._moments) > 2 * len(self._due) + BATCH:
                self._moments = sorted(self._due)

    def next_due(self) -> float | None:
        """Give when the next question is due."""
        moments = self._moments
        while moments and moments[0] not in self._due:
            heapq.heappop(moments)
        return moments[0] if moments else None

    def take(self, now: float, *, ahead: float) -> Sequence[P]:
        """Take out 20 who are due, or those who are and, as far as there is room, who is due within *ahead*."""
        taken: list[P] = []
        moments, until = self._moments, now
        while moments and moments[0] <= until and len(taken) < BATCH:
            moment = heapq.heappop(moments)
            here = self._due.pop(moment, None)
            if here is None:
                continue
            taken += here
            until = now + ahead
            if len(taken) > BATCH:
                self._due[moment] = taken[BATCH:]
                heapq.heappush(moments, moment)
                del taken[BATCH:]
        for facts in taken:
            facts.due = None
        return taken
