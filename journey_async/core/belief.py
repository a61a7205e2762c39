"""What a client believes of the number of slots: how many of its tasks the service lets run at once.

The plan's number may be told, and a 429 proves that fewer are free than was hoped: others may use the account. A limit
that was learnt from a 429 is tested after a quiet time, by one task more than it allows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from attrs import evolve, field
from attrs.validators import ge, optional

from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

START: Final = 25
"""Slots that a run begins with when nobody tells their number: what the largest plan with a number has."""
FADES: Final = 60.0
"""Seconds after the quiet time: a client without a run then forgets that there was a 429."""


@frozen(kw_only=True)
class Belief:
    """What is believed of the number of slots; each method gives what is to be believed next."""

    plan: int | None = field(default=None, validator=optional(ge(1)))
    """The number that a run was told, by the plan or by the user; None where it is not known."""
    running: bool = False
    """A run is active: there is a limit even if its number is not known."""
    level: int | None = None
    """So many are known to be allowed, and it is not known that more are; None: nothing has been learnt."""
    quiet_until: float = -math.inf
    """No more than the level are tried before, because of a 429."""
    strikes: int = 0
    """429s since the last success above the level; several that were under way together count once."""

    def limit(self, now: float) -> int | None:
        """Give how many tasks may run at once; None: as many as one likes."""
        if self._faded(now):
            return None
        if self.level is None:
            return START if self.running and self.plan is None else self.plan
        tried = self.level + (1 if now >= self.quiet_until else 0)
        return tried if self.plan is None else min(self.plan, tried)

    def changes_at(self, now: float) -> float:
        """Give when the limit rises although nothing happens."""
        if now < self.quiet_until:
            return self.quiet_until
        return math.inf if self.running or self._faded(now) else self.quiet_until + FADES

    def told(self, numbers: Sequence[int | None], *, now: float) -> Belief:
        """Take in the numbers that the active runs were told; the largest known one counts."""
        kept = Belief() if self._faded(now) else self
        plan = max((number for number in numbers if number is not None), default=None)
        return evolve(kept, plan=plan, running=bool(numbers))

    def refused(self, *, busy: int, now: float, first: float, longest: float) -> Belief:
        """Take in a 429 that came while *busy* tasks were unfinished; quiet times double from *first* to *longest*."""
        known = Belief() if self._faded(now) else self
        highest = known.level or known.limit(now) or busy
        strikes = known.strikes + (1 if now >= known.quiet_until else 0)
        quiet = min(longest, first * (1 << min(strikes - 1, 30)))
        return evolve(known, level=max(1, min(highest, busy)), quiet_until=now + quiet, strikes=strikes)

    def accepted(self, *, busy: int, now: float) -> Belief:
        """Take in that a task was accepted, which makes *busy* unfinished ones."""
        if self.level is None and (self.plan is not None or not self.running):
            # The plan's number needs no proof, and without a run nobody counts.
            return self
        if busy <= (START - 1 if self.level is None else self.level):
            return self
        if now < self.quiet_until:
            # It left before the 429 came, so that it proves the level and not that there is more.
            return evolve(self, level=busy)
        return evolve(self, level=None if self.plan is not None and busy >= self.plan else busy, strikes=0)

    def _faded(self, now: float) -> bool:
        return not self.running and now >= self.quiet_until + FADES
