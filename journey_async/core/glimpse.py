"""What is kept of how far a task is: of many tasks most is the same, and is kept once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from journey_async.core.kinds import Kind, Result, kind_of
from journey_async.core.tasks import SUBMITTED, TaskState, Unfinished
from journey_async.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_USUAL: Final = frozenset({"task_id", "task_type", "model", "status", "percentage"})
"""What the service tells of an unfinished task. A field that is not known may be another for each task."""
_ENDS: Final = frozenset({"finished", "failed"})
_PERCENTAGES: Final[Mapping[str, int]] = {str(percentage): percentage for percentage in range(101)}
"""As the service writes them."""


@frozen
class Glimpse:
    """All that was told of an unfinished task but for its id."""

    done: ClassVar[Literal[False]] = False

    status: str
    percentage: int | None
    kind: Kind
    _told: tuple[tuple[str, object], ...]
    """The rest of the reply."""

    def of(self, task_id: str) -> Unfinished:
        """Give the state of this task."""
        raw = {"task_id": task_id, **dict(self._told)}
        return Unfinished(task_id=task_id, status=self.status, percentage=self.percentage, kind=self.kind, raw=raw)


_MOST: Final = 4096
_shared = lru_cache(maxsize=_MOST)(Glimpse)
_FOUND: Final[dict[tuple[tuple[tuple[str, object], ...], Kind], Glimpse]] = {}
"""By what was told, and what the task was known to be."""


def compact(state: TaskState[Any]) -> TaskState[Any] | Glimpse:
    """Give what is to be kept of a state so that an equal one can be given again, its reply to the letter."""
    if not isinstance(state, Unfinished):
        return state
    told = tuple(state.raw.items())
    usual = told[:1] == (("task_id", state.task_id),) and state.raw.keys() <= _USUAL
    if not usual or not all(isinstance(value, str) for _, value in told):
        return state
    kind: Any = state.kind
    return _shared(state.status, state.percentage, kind, told[1:])


def just_submitted(kind: Kind) -> Glimpse:
    """Give what is kept of a task of which nothing but its id was told."""
    key: Any = kind
    return _shared(SUBMITTED, None, key, ())


def glimpse_of(item: Mapping[str, object], task_id: str, kind: Kind) -> Glimpse | None:
    """Give what is kept of a task object as the service usually tells it of an unfinished task; None for any other.

    It is what `compact` keeps of the state that `reading` makes of the object.
    """
    told = tuple(item.items())
    if told[0] != ("task_id", task_id):
        return None
    # Most answers are like one that came before: this finds it without reading any of it, and makes nothing.
    key = told[1:], kind
    try:
        return _FOUND[key]
    except KeyError:
        glimpse = _read(*key) if item.keys() <= _USUAL else None
    except TypeError:
        # It holds a list or an object, which nothing can be found by.
        return None
    if glimpse is not None:
        if len(_FOUND) >= _MOST:
            _FOUND.clear()
        _FOUND[key] = glimpse
    return glimpse


def _read(told: tuple[tuple[str, object], ...], known: Kind) -> Glimpse | None:
    # What is no text is left to `reading`: 1, 1.0 and True would be found as if they were the same.
    texts = {name: value for name, value in told if isinstance(value, str)}
    status, percentage = texts.get("status", ""), _PERCENTAGES.get(texts.get("percentage", ""))
    unread = len(texts) != len(told) or ("percentage" in texts and percentage is None)
    if unread or not status.strip() or status.lower() in _ENDS:
        return None
    kind: Any = kind_of(texts) if known is Result else known
    return _shared(status, percentage, kind, told)
