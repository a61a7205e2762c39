"""How the tasks of an action move: learnt from a few of them, for all that come.

A percentage tells when a task will end only to one who knows what the service means by it. Some tasks are therefore
*studied*: they are asked about as if nothing were known, and once they have ended it is clear in which part of its life
each of them showed which percentage. The others of that action are left alone until they may have ended, as far as the
studied tasks agree. A single task that contradicts is enough to forget it all, and to study anew.
"""

from __future__ import annotations

from collections import deque
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from attrs import field

from journey_async.values import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from journey_async.core.pacing import Progress

_ENOUGH: Final = 30
"""Studies without which nothing is concluded, and which are kept of an action: the newest."""
_RENEWED: Final = 10
"""New studies after which it is concluded anew: to conclude takes longer than some twenty answers."""
_AT_ONCE: Final = 20
"""Tasks of an action that are studied at once, at the most."""
_ONE_IN: Final = 10
"""One task of so many is studied while it is known how they move."""
_ABANDONED: Final = 60.0
"""Seconds after which one that was not asked about makes room for another."""
_BLURRED: Final = 0.2
"""A study tells nothing if the end of its task is known no better than to this part of its life."""
_ALIKE: Final = 0.02
"""Parts of their lives by which tasks may differ and still agree."""
_STRANGERS: Final = 0.15
"""Parts of their lives by which tasks may differ and still tell anything of each other."""
_MARGIN: Final = 0.5
"""How much further from each other tasks may yet prove to be than those that were studied."""
_TOLERATED: Final = 1.05
"""By how many times what two replies say of the end of one task may differ."""
_LATE: Final = 0.97
"""A task whose percentage is still shown after this part of a life may end at any time."""
_PERCENTAGES: Final = 101


@frozen(kw_only=True)
class Study:
    """What one task showed."""

    shown: Sequence[tuple[int, float]]
    """Percentages, and the ages in seconds at which they were told."""
    ended: float
    """The age at which it was noticed that it had ended."""

    @property
    def alive(self) -> float:
        """The age at which it certainly had not."""
        return self.shown[-1][1]


@frozen(kw_only=True)
class Course:
    """When tasks show a percentage, in parts of their lives, by the percentage."""

    first: Sequence[float]
    """Not before."""
    last: Sequence[float]
    """Not after."""
    longest: float
    """Seconds that one of them took, at the most."""

    def earliest_end(self, facts: Progress) -> float | None:
        """Give before when the task of these *facts* hardly ends; None where that is not known."""
        if facts.asked is None:
            return None
        part = self.last[facts.percentage]
        if part > _LATE:
            return facts.asked
        least = (facts.asked - facts.started) / part
        # Longer than any other: that it does not move as they did is as likely.
        return None if least > self.longest else facts.started + least

    def contradicted(self, facts: Progress, percentage: int, now: float) -> bool:
        """Tell whether no task that moves like this is where *facts* say, and then at *percentage* now."""
        # Either reply says between which ages it ends: there must be an age that both allow.
        started, before = facts.started, facts.percentage
        then, age = (facts.asked or started) - started, now - started
        ahead = age * self.first[before] > _TOLERATED * then * self.last[percentage]
        return ahead or then * self.first[percentage] > _TOLERATED * age * self.last[before]


def course_of(studies: Sequence[Study]) -> Course | None:
    """Give what these have in common: the less they agree, the less it tells; None if they hardly do."""
    surely_shown_from, _ = _parts(studies, lambda study: study.alive)
    shown_from, shown_to = _parts(studies, lambda study: (study.alive + study.ended) / 2)
    _, surely_shown_to = _parts(studies, lambda study: study.ended)
    # If all moved alike, none would show a percentage after another showed a higher one.
    apart = max(to - since for to, since in zip(surely_shown_to, surely_shown_from[1:], strict=False))
    if apart > _STRANGERS:
        return None
    margin = _MARGIN * max(0.0, apart - _ALIKE)
    # Between where a percentage was seen and where the next was, either may be shown. An end that is expected too early
    # costs a question, one that is expected too late is noticed late.
    return Course(
        first=[max(0.0, part - margin) for part in map(min, shown_from, [0.0, *shown_to])],
        last=[min(1.0, part + margin) for part in map(max, shown_to, [*surely_shown_from[1:], 1.0])],
        longest=max(study.ended for study in studies),
    )


def _parts(studies: Iterable[Study], end: Callable[[Study], float]) -> tuple[list[float], list[float]]:
    """Give, by percentage, from which part of a life on it or more was shown, and to which it or less was."""
    shown_from, shown_to = [1.0] * _PERCENTAGES, [0.0] * _PERCENTAGES
    for study in studies:
        ended = end(study)
        for percentage, age in study.shown:
            part = age / ended
            shown_from[percentage] = min(shown_from[percentage], part)
            shown_to[percentage] = max(shown_to[percentage], part)
    return [*accumulate(reversed(shown_from), min)][::-1], [*accumulate(shown_to, max)]


def _put_down(shown: list[tuple[int, float]], percentage: int, now: float) -> None:
    """Put down what a task shows: of each percentage the first and the newest time."""
    if len(shown) > 1 and shown[-1][0] == shown[-2][0] == percentage:
        shown.pop()
    shown.append((percentage, now))


@define(eq=False)
class _Action:
    """What is known of the tasks of one action."""

    course: Course | None = None
    begun: int = 0
    """How many were asked about for the first time."""
    studies: deque[Study] = field(factory=lambda: deque[Study](maxlen=_ENOUGH))
    new: int = 0
    """How many of these were added since something was concluded from them."""
    studied: dict[str, list[tuple[int, float]]] = field(factory=dict[str, list[tuple[int, float]]])
    """What those showed so far that are studied now, and when, by their ids."""

    def begin(self, task_id: str, now: float) -> None:
        """Study a task, if it is one of those that are to be."""
        self.begun += 1
        if self.course is not None and self.begun % _ONE_IN:
            return
        if len(self.studied) == _AT_ONCE:
            first = next(iter(self.studied))
            if now - self.studied[first][-1][1] < _ABANDONED:
                return
            del self.studied[first]
        self.studied[task_id] = []

    def forget(self) -> None:
        """Learn anew."""
        self.course = None
        self.studies.clear()


class Courses:
    """How tasks move, by action."""

    def __init__(self) -> None:
        self._actions: dict[str, _Action] = {}

    def saw(self, facts: Progress, action: str, task_id: str, percentage: int | None, now: float) -> Course | None:
        """Take in what a reply says of a task that has not ended, of which *facts* say what was known before.

        Gives how the task will move; None if it is studied, and where nothing is known.
        """
        known = self._actions.get(action)
        if known is None:
            known = self._actions[action] = _Action()
        course = known.course
        if facts.asked is None:
            known.begin(task_id, now)
        elif course is not None and course.contradicted(facts, percentage or 0, now):
            known.forget()
            course = None
        if task_id in known.studied:
            _put_down(known.studied[task_id], percentage or 0, now)
            return None
        return course

    def ended(self, facts: Progress, action: str, task_id: str, now: float) -> None:
        """Take in that a task has ended well."""
        known = self._actions.get(action)
        if known is None or task_id not in known.studied:
            return
        started = facts.started
        shown = [(seen, when - started) for seen, when in known.studied.pop(task_id) if when > started]
        study = Study(shown=shown, ended=now - started)
        if not shown or study.ended - study.alive > _BLURRED * study.ended:
            return
        known.studies.append(study)
        known.new += 1
        if len(known.studies) == _ENOUGH and known.new >= _RENEWED:
            known.course, known.new = course_of(known.studies), 0
