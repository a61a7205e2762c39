"""A submitted action, which can be awaited."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Generic, cast

import anyio

from journey_async.core.tasks import SUBMITTED, Failed, Finished, R_co, TaskState
from journey_async.errors import Fault, InvalidRequestError, TaskFailedError
from journey_async.waiting import Waiter

if TYPE_CHECKING:
    from collections.abc import Generator

    from journey_async.core.actions import Action
    from journey_async.core.kinds import Kind
    from journey_async.core.tokens import NextAction
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
        return self._watch.done

    def __await__(self) -> Generator[Any, Any, R_co]:
        """Wait for the end and give the result.

        Raises `TaskFailedError` with the service's words, `TaskNotFoundError` if the service does not know the task,
        and `ApiError` if it refuses to tell (a revoked key) or what it tells cannot be read.
        """
        # Nearly all who wait are parked right here: what an `await` goes through takes memory for each of them.
        while not self.done:
            waiter = Waiter()
            self._watcher.join(self._watch, waiter)
            try:
                while not waiter.told:
                    yield from self._watcher.turn(waiter).__await__()
            finally:
                self._watcher.left(self._watch, waiter)
            waiter.check()
        return self._result()

    @property
    def time_left(self) -> float | None:
        """Seconds until it ends, estimated from its percentage and earlier tasks of its action.

        None once it has ended, while nothing is known, and for a task that was found by its id.
        """
        return self._watcher.time_left(self._watch)

    def updates(self, *, min_interval: float = 0.0, until: float | None = None) -> Updates[R_co]:
        """Iterate over the changes of the state, each as the service told it; the last one is the final state.

        At most one in *min_interval* seconds, and then the newest; only the final state comes at once. After *until*
        seconds the iteration ends though the task goes on, so that an editing token which expires is not missed.

        Raises what `await task` raises, except `TaskFailedError`: a failure is the final state `Failed`.
        """
        faults = [_not_seconds(name, value) for name, value in (("min_interval", min_interval), ("until", until))]
        if any(faults):
            raise InvalidRequestError("updates", [fault for fault in faults if fault])
        return Updates(self._watcher, self._watch, min_interval=min_interval, until=until)

    def next_actions(self, *, secret: str | bytes | None = None) -> tuple[NextAction, ...]:
        """Give what may follow it, by its kind, each with a token of at most 64 bytes for a button.

        `await journey.act(token)` does it, in any process; it waits for an unfinished task. Nothing follows a task that
        failed, or whose kind is not known yet. With a *secret* tokens cannot be forged; without one they are guarded
        against alterations only. No token says who may use it. Raises `InvalidRequestError` for an id too long.
        """
        from journey_async.core.tokens import next_actions  # noqa: PLC0415 - a client without buttons need not load it

        return () if isinstance(self._watch.state, Failed) else next_actions(self._watch.kind, self.id, secret=secret)

    def _result(self) -> R_co:
        state = self.state
        if isinstance(state, Finished):
            return state.result
        raise failure(self._watch)

    def __repr__(self) -> str:
        state = self._watch.state
        percentage = "" if state.percentage is None or state.done else f" {state.percentage}%"
        return f"<Task {self.id} {self.kind.__name__} {state.status}{percentage}>"


class Updates(Generic[R_co]):
    """The changes of one task's state, as an asynchronous iterator that may be left at any point."""

    def __init__(
        self, watcher: Watcher, watch: Watch, *, min_interval: float = 0.0, until: float | None = None
    ) -> None:
        self._watcher = watcher
        self._watch = watch
        self._min_interval = min_interval
        self._ends = math.inf if until is None else anyio.current_time() + until
        self._next = -math.inf
        self._seen: TaskState[Any] | None = watch.state if watch.state.status == SUBMITTED else None

    def __aiter__(self) -> Updates[R_co]:
        return self

    async def __anext__(self) -> TaskState[R_co]:
        if (self._seen is not None and self._seen.done) or anyio.current_time() >= self._ends:
            raise StopAsyncIteration
        with anyio.CancelScope(deadline=self._ends):
            await self._watcher.change(self._watch, self._seen)
            if anyio.current_time() < self._next:
                # For the end, not for the next change: the final state is never late.
                with anyio.CancelScope(deadline=self._next):
                    await self._watcher.end(self._watch)
        early = anyio.current_time() < self._next and not self._watch.done
        if self._watch.state is self._seen or early:
            raise StopAsyncIteration
        self._seen = self._watch.state
        self._next = anyio.current_time() + self._min_interval
        return cast("TaskState[R_co]", self._seen)


def _not_seconds(argument: str, value: object) -> Fault | None:
    if value is None and argument == "until":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return None
    return Fault(argument=argument, value=value, message=f"{argument} must be a number of seconds, 0 or more")


def failure(watch: Watch) -> TaskFailedError:
    """Give the error of a task that failed, with the service's words."""
    state = watch.state
    reason = state.error if isinstance(state, Failed) else state.status
    return TaskFailedError(task_id=watch.task_id, action=watch.terms.action or _noun(watch.kind), reason=reason)


def _noun(kind: Kind) -> str:
    return kind.label.removeprefix("a ").removeprefix("an ").removesuffix(" task")
