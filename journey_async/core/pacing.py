"""When to ask next how a task is doing: decisions as functions of (facts, now).

Nobody tells us when a task will end. Three things are known: how its percentage has moved, how long tasks of its action
have taken, and how late an end may be noticed (`Pace.lag`). The lag is what is kept, the number of questions is what
adapts: a percentage that rises as predicted is asked about ever less often and close to the end only, one that was
predicted wrongly is not followed far, and one that says nothing is asked about evenly, from when tasks may have ended.
"""

from __future__ import annotations

from collections import deque
from math import gcd
from typing import TYPE_CHECKING, Final

from attrs import Factory, field
from attrs.validators import ge, gt, le

from journey_async.values import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

_SOON: Final = 0.1
"""Lags for which a task is left alone once somebody waits for it."""
_CLOSE: Final = 1.14
"""Lags between questions around the predicted end. The lag is "about" how late, and each part more makes it cheaper."""
_EVEN: Final = 1.73
"""Lags between questions when nothing can be predicted: with the round trip, no end is noticed later than two."""
_STRIDE: Final = (6, 12, 45)
"""Lags that a prediction is followed at the most, by trust: further for each prediction that proved right."""
_OF_LIFE: Final = 0.42
"""Parts of a task's age that a prediction is followed at the most: a longer gap can hide that the task stood still."""
_APPROACH: Final = (0.67, 0.74, 0.78)
"""How far towards the earliest predicted end the next question is put, by trust: the pace may quicken."""
_TRUST_LIMIT: Final = len(_STRIDE) - 1
_STILL: Final = -1
_TOO_SLOW, _TOO_FAST = 0.9, 1.1
"""What is right: between these parts of the predicted rise, give or take a step. A pace that quickens is a warning."""
_SUDDEN: Final = 2
"""A rise of more than so many times the predicted one is wrong, however small both are."""
_UNSEEN: Final = 2
"""If the start of the rise was not seen, the pace may be so many times what it is on average since the acceptance."""
_STEPS: Final = (5, 25)
"""Percent at once: a percentage moves by the first as long as nothing else is known, and by no more than the last."""
_STEP: Final = tuple(max(_STEPS[0], min(seen, _STEPS[1])) for seen in range(101))
"""Percent at once, by what was seen."""
_MEASURED_STEPS, _MEASURED_PERCENT = 3, 10
"""What a rise must have to tell the pace: over less, the size of a step would blur it."""
_STANDSTILL: Final = 2
"""A percentage stands still when it should have risen by so many steps and did not."""
_PATIENCE: Final = 8
"""One that stands still is asked about at an eighth of the time that it has been standing, within the gaps above."""
_AHEAD: Final = 2.0
"""Seconds."""
_LEAST: Final = 1e-9
"""Instead of zero, where it divides."""


def _as_far_as_the_lag(pace: Pace) -> float:
    return max(_AHEAD, pace.lag)


@frozen(kw_only=True)
class Pace:
    """How often a client asks about its tasks."""

    lag: float = field(default=0.5, validator=gt(0))
    """Seconds: about how late the end of a task may be noticed. Less costs more requests."""
    longest: float = field(default=15.0, validator=gt(0))
    """Seconds: the longest gap between two questions about a task, and during an outage."""
    ahead: float = field(default=Factory(_as_far_as_the_lag, takes_self=True), validator=ge(0))
    """Seconds: who is due this soon is asked about along with those who are due, while there is room in the request.

    Unless it is given, 2 or the lag, whichever is more.
    """
    quiet: float = field(default=30.0, validator=gt(0))
    """Seconds: how long a task is left alone whose end a webhook is to tell; what a lost delivery costs in time."""
    misses: int = field(default=3, validator=[ge(1), le(100)])
    """Successive replies that leave a task out before it counts as not found."""


@define(eq=False, weakref_slot=False)
class Progress:
    """What is known of one task's way."""

    started: float
    """When it was accepted, or when the client first heard of it."""
    asked: float | None = None
    percentage: int = 0
    zero_until: float = 0.0
    """When it was last known to be at 0 percent."""
    less_until: float = 0.0
    """When it was last known to be at less than now."""
    changed: float = 0.0
    """When it was first seen to be where it is now."""
    step: int = 0
    """Percent at once by which it moves, as far as seen; 0 before the second rise."""
    measured_from: float = 0.0
    """From when on the newest pace is measured, once the percentage has risen."""
    measured_at: int = 0
    """From which percentage on."""
    rate: float = 0.0
    """Percent a second: the newest pace."""
    trust: int = 0
    """Predictions in a row that proved right, `_TRUST_LIMIT` at the most; `_STILL` if it stands still unexpectedly."""
    due: float | None = None
    """When it is on the agenda; None while it is on none."""


def observe(facts: Progress, percentage: int | None, now: float) -> None:
    """Take in what a reply said."""
    seen = percentage or 0
    if seen == 0:
        facts.zero_until = now
        facts.step = facts.trust = 0
    elif seen == facts.percentage:
        _stood(facts, now)
    elif facts.percentage == 0:
        _began(facts, seen, now)
    else:
        _moved(facts, seen, now)
    facts.asked = now
    facts.percentage = seen


# These come with every answer: `min` and `max` would take longer than all that is calculated.


def _stood(facts: Progress, now: float) -> None:
    """Take in the same percentage: that nothing moved within a step proves nothing."""
    rate, step = facts.rate, _STEP[facts.step]
    if (now - facts.changed) * rate > _STANDSTILL * step:
        facts.trust = _STILL
    elif facts.trust > 0 and facts.asked is not None:
        hoped = min(100 - facts.percentage, rate * (now - facts.asked))
        if _TOO_SLOW * hoped > step:
            facts.trust = 0


def _began(facts: Progress, seen: int, now: float) -> None:
    """Take in the first percentage."""
    before = facts.started if facts.asked is None else facts.asked
    facts.rate = seen / max(now - before, _LEAST)
    if facts.asked is None:
        # Doubled, the pace is on the safe side: the first prediction may be followed as if one had proved right.
        facts.rate *= _UNSEEN
        facts.trust = 1
    facts.measured_from, facts.measured_at = now, seen
    facts.less_until, facts.changed = before, now


def _moved(facts: Progress, seen: int, now: float) -> None:
    """Take in another percentage: compare it with the predicted one, learn the size of the steps, and the pace."""
    before = facts.started if facts.asked is None else facts.asked
    seconds, last, rate, trust = now - before, facts.percentage, facts.rate, facts.trust
    rise, step = seen - last, _STEP[facts.step]
    hoped = rate * seconds
    if hoped > 100 - last:
        hoped = 100 - last
    right = _TOO_SLOW * hoped - step <= rise <= _TOO_FAST * hoped + step and rise <= _SUDDEN * hoped
    if trust < _TRUST_LIMIT or not right:
        facts.trust = trust + 1 if right and trust != _STILL else 0
    facts.step = step = gcd(facts.step or last, seen)
    measured = seen - facts.measured_at
    if trust == _STILL or (measured >= _MEASURED_PERCENT and measured >= _MEASURED_STEPS * step):
        rate = max(0, measured) / max(now - facts.measured_from, _LEAST)
        facts.measured_from, facts.measured_at = now, seen
    elif measured < 0:
        facts.measured_from, facts.measured_at = now, seen
    certain = rise - _STEP[step]
    if certain > 0 and certain > rate * seconds:
        # What it has certainly risen since the last question shows a pace that quickens at once.
        rate = certain / max(seconds, _LEAST)
    facts.rate = rate
    facts.less_until, facts.changed = before, now


def next_question(
    pace: Pace, facts: Progress, typical: float | None, now: float, earliest_end: float | None = None
) -> float:
    """Give when to ask next.

    *typical* is how long tasks of this action take at the least, and the *earliest_end* is that of this task, as others
    moved; each if known. One that is past says that the task may end at any time.
    """
    percentage, trust, lag = facts.percentage, facts.trust, pace.lag
    if earliest_end is not None and earliest_end > now:
        return min(earliest_end + _CLOSE * lag, now + pace.longest)
    if percentage <= 0:
        return _while_silent(pace, facts, typical, now)
    if trust == _STILL:
        even = min(_EVEN * lag, pace.longest)
        return now + max(min(_CLOSE * lag, pace.longest), min(even, (now - facts.changed) / _PATIENCE))
    # It has not ended before it would if it had changed right after it was last seen to be at less, nor before it
    # would if it were about to change now.
    rate, step = facts.rate or _LEAST, _STEP[facts.step]
    risen = (now - facts.less_until) * rate
    if risen > step:
        risen = step
    wait = _APPROACH[trust] * (100 - percentage - risen) / rate
    stride, of_life, close = _STRIDE[trust] * lag, _OF_LIFE * (now - facts.started), _CLOSE * lag
    if wait > stride:
        wait = stride
    if wait > of_life:
        wait = of_life
    if earliest_end is not None and wait > _EVEN * lag:
        # It may end at any time, and was asked about too seldom for its own pace to tell when.
        wait = _EVEN * lag
    if wait < close:
        wait = close
    # The longest gap is the longest also where it is less than the lag.
    return now + (pace.longest if wait > pace.longest else wait)


def _while_silent(pace: Pace, facts: Progress, typical: float | None, now: float) -> float:
    expected = facts.started + (typical or pace.lag)
    soon = _SOON * pace.lag if facts.asked is None else min(_EVEN * pace.lag, pace.longest)
    return max(now + soon, min(expected, now + pace.longest))


def next_backstop(pace: Pace, facts: Progress, typical: float | None) -> float:
    """Give when to ask next about a task whose end a webhook is to tell, unless the delivery is lost."""
    first = facts.started + max(pace.quiet, 2 * (typical or 0.0))
    return first if facts.asked is None else max(first, facts.asked + pace.quiet)


def after_nudge(pace: Pace, facts: Progress, now: float) -> float:
    """Give when to ask about a task of which a delivery came: soon, so that several go together, and not too often."""
    soon = now + _SOON * pace.lag
    return soon if facts.asked is None else max(soon, facts.asked + pace.lag)


def after_outage(pace: Pace, failures: int) -> float:
    """Give the seconds until the next question after so many questions in a row went unanswered."""
    return min(pace.longest, pace.lag * (1 << min(failures, 10)))


def time_left(facts: Progress, usual: float | None, now: float) -> float | None:
    """Estimate the seconds until a task ends; None where nothing is known.

    By the pace of its percentage and by how long tasks of its action *usually* take: the further it is, the more by
    its own pace.
    """
    by_pace = None
    if facts.asked is not None and facts.percentage > 0:
        risen_for = facts.asked - max(facts.zero_until, facts.started)
        if risen_for > 0:
            by_pace = (100 - facts.percentage) * risen_for / facts.percentage - (now - facts.asked)
    by_usual = None if usual is None else usual - (now - facts.started)
    if by_pace is None or by_usual is None:
        left = by_usual if by_pace is None else by_pace
        return None if left is None else max(0.0, left)
    weight = facts.percentage / 100
    return max(0.0, weight * by_pace + (1 - weight) * by_usual)


class Durations:
    """How long tasks take, by action: learnt from a hundred of the newest, spread over longer than a task takes.

    Of thousands that began together the last hundred to end are the longest, and say nothing of those to come.
    """

    def __init__(self) -> None:
        self._newest: dict[str, deque[float]] = {}
        self._closed_until: dict[str, float] = {}
        """When the next one is learnt, of those of which a hundred are known."""
        self._shortest: dict[str, float] = {}
        """Of the newest."""
        self._least: dict[str, float] = {}
        self.typical: Final[Callable[[str], float | None]] = self._least.get
        """Give a time before which tasks of an action hardly ever end; None before the third."""

    def learn(self, action: str, seconds: float, now: float) -> None:
        """Take in that a task of *action* took so long."""
        newest = self._newest.get(action)
        if newest is None:
            newest = self._newest[action] = deque(maxlen=_NEWEST)
        elif len(newest) == _NEWEST and now < self._closed_until[action]:
            return
        self._closed_until[action] = now + seconds / _IN_A_LIFE
        shortest = self._shortest.get(action, seconds)
        forgotten = newest[0] if len(newest) == _NEWEST else None
        newest.append(seconds)
        if forgotten == shortest:
            shortest = min(newest)
        elif seconds < shortest:
            shortest = seconds
        self._shortest[action] = shortest
        known = len(newest)
        if known >= _ENOUGH:
            self._least[action] = shortest * known / (known + _DOUBT)

    def usual(self, action: str) -> float | None:
        """Give the time that half of the tasks of *action* take; None before the third."""
        newest = sorted(self._newest.get(action, ()))
        middle = len(newest) // 2
        # Not `statistics.median`: to import that module would cost every start some milliseconds.
        return (newest[middle] + newest[~middle]) / 2 if len(newest) >= _ENOUGH else None


_NEWEST: Final = 100
_IN_A_LIFE: Final = 80
"""Durations learnt in the time of one task, at the most: so that the newest hundred are of longer than that."""
_ENOUGH: Final = 3
_DOUBT: Final = 10
"""The fewer tasks are known, the further below the shortest of them another may end. Being always below it, one notices
when tasks have become shorter."""
