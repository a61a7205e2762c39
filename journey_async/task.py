"""A submitted action, which can be awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, cast

from journey_async.core.tasks import SUBMITTED, Failed, Finished, R_co, TaskState
from journey_async.errors import TaskFailedError

if TYPE_CHECKING:
    from collections.abc import Generator

    from journey_async.core.actions import Action
    from journey_async.core.kinds import Kind
    from journey_async.watch import Watch
    from journey_async.watcher import Watcher


class Task(Generic[R_co]):
    """One task of the service: `await task` gives its result, as often and from as many places as one likes.

    Waiters share their questions to the service; one that leaves, cancelled or not, never disturbs another.
    """

    __slots__ = ("__weakref__", "_watch", "_watcher", "action", "parent")

    def __init__(
        self, watcher: Watcher, watch: Watch, *, action: Action | None = None, parent: str | None = None
    ) -> None:
        self._watcher = watcher
        self._watch = watch
        self.action = action
        """What was asked; None for a task that was found by its id."""
        self.parent = parent
        """The task id of the parent; None where there is none, or where the task was found by its id."""

    @property
    def id(self) -> str:
        """The service's id: an opaque text."""
        return self._watch.task_id

    @property
    def kind(self) -> type[R_co]:
        """What the task is: the class of its result."""
        return cast("type[R_co]", self._watch.kind)

    @property
    def state(self) -> TaskState[R_co]:
        """The state that was seen last."""
        return cast("TaskState[R_co]", self._watch.state)

    @property
    def done(self) -> bool:
        """Whether it was seen to have finished or failed."""
        return self._watch.state.done

    def __await__(self) -> Generator[Any, Any, R_co]:
        """Wait for the end and give the result.

        Raises `TaskFailedError` with the service's words, `TaskNotFoundError` if the service does not know the task,
        and `ApiError` if it refuses to tell (a revoked key) or what it tells cannot be read.
        """
        return self._result().__await__()

    def updates(self) -> Updates[R_co]:
        """Iterate over the changes of the state, each as the service told it; the last one is the final state.

        Raises what `await task` raises, except `TaskFailedError`: a failure is the final state `Failed`.
        """
        return Updates(self._watcher, self._watch)

    async def _result(self) -> R_co:
        await self._watcher.end(self._watch)
        state = self.state
        if isinstance(state, Finished):
            return state.result
        assert isinstance(state, Failed)  # noqa: S101 - `end` returns for no other reason
        raise failure(self._watch)

    def __repr__(self) -> str:
        state = self._watch.state
        percentage = "" if state.percentage is None or state.done else f" {state.percentage}%"
        return f"<Task {self.id} {self.kind.__name__} {state.status}{percentage}>"


class Updates(Generic[R_co]):
    """The changes of one task's state, as an asynchronous iterator that may be left at any point."""

    def __init__(self, watcher: Watcher, watch: Watch) -> None:
        self._watcher = watcher
        self._watch = watch
        self._seen: TaskState[Any] | None = watch.state if watch.state.status == SUBMITTED else None

    def __aiter__(self) -> Updates[R_co]:
        return self

    async def __anext__(self) -> TaskState[R_co]:
        if self._seen is not None and self._seen.done:
            raise StopAsyncIteration
        await self._watcher.change(self._watch, self._seen)
        self._seen = self._watch.state
        return cast("TaskState[R_co]", self._seen)


def failure(watch: Watch) -> TaskFailedError:
    """Give the error of a task that failed, with the service's words."""
    state = watch.state
    reason = state.error if isinstance(state, Failed) else state.status
    return TaskFailedError(task_id=watch.task_id, action=watch.action or _noun(watch.kind), reason=reason)


def _noun(kind: Kind) -> str:
    return kind.label.removeprefix("a ").removeprefix("an ").removesuffix(" task")
