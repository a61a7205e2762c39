"""What is kept of how far a task is: of many tasks most is the same, and is kept once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from attrs import frozen

from journey_async.core.tasks import TaskState, Unfinished

if TYPE_CHECKING:
    from journey_async.core.kinds import Kind

_USUAL: Final = frozenset({"task_id", "task_type", "model", "status", "percentage"})
"""What the service tells of an unfinished task. A field that is not known may be another for each task."""


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


_shared = lru_cache(maxsize=4096)(Glimpse)


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
