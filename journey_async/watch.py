"""What a client knows of one task of the service, and who waits for it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from journey_async.core.glimpse import Glimpse, compact
from journey_async.core.pacing import Progress
from journey_async.waiting import Waiter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from journey_async.core.kinds import Kind
    from journey_async.core.tasks import TaskState


class Terms(NamedTuple):
    """What a task was submitted as. There are few, each shared by all the tasks that have the same."""

    action: str = ""
    """The service's name of the action; empty for a task that was not submitted by this client."""
    price: int = 0
    """Credits; 0 for a task that this client did not buy."""
    delivery_due: bool = False
    """Whether a webhook is still to tell of its end."""


shared_terms: Final = lru_cache(maxsize=256)(Terms)


class Watch(Progress):
    """What a client knows of one task of the service."""

    # One object for all of it: there may be a hundred thousand. One is made for every submission: by hand, in half of
    # the time.

    __slots__ = ("__weakref__", "_waiters", "kept", "nudged", "task_id", "terms")

    def __init__(self, started: float, task_id: str, state: TaskState[Any] | Glimpse, terms: Terms) -> None:
        Progress.__init__(self, started)  # `super()` takes as long as the rest
        self.task_id = task_id
        self.terms = terms
        self.kept = state
        """What is kept of the newest state."""
        self.nudged = False
        """Whether a delivery came since it was asked about."""
        self._waiters: Waiter | dict[Waiter, None] | None = None
        """Hardly ever more than one."""

    @property
    def state(self) -> TaskState[Any]:
        """The newest state; the same value until it changes."""
        state = self.kept
        if isinstance(state, Glimpse):
            self.kept = state = state.of(self.task_id)
        return state

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.kept.done

    @property
    def kind(self) -> Kind:
        """What the task is, as far as it is known."""
        return self.kept.kind

    def take_in(self, new: TaskState[Any] | Glimpse) -> bool:
        """Take in another state; False if it is no news for those who wait for every change."""
        old = self.kept
        if old is new:
            return False
        if old.percentage == new.percentage and old.status == new.status and old.kind == new.kind:
            return False
        self.kept = new if isinstance(new, Glimpse) else compact(new)
        return True

    @property
    def waiters(self) -> Iterable[Waiter]:
        """Who waits for it, in the order in which they came."""
        waiters = self._waiters
        return () if waiters is None else (waiters,) if isinstance(waiters, Waiter) else waiters

    def join(self, waiter: Waiter) -> None:
        """Let *waiter* wait for it, whether it does already or not."""
        waiters = self._waiters
        if waiters is None:
            self._waiters = waiter
        elif isinstance(waiters, dict):
            waiters[waiter] = None
        elif waiters is not waiter:
            self._waiters = {waiters: None, waiter: None}

    def leave(self, waiter: Waiter) -> None:
        """Let *waiter* wait for it no longer, whether it did or not."""
        waiters = self._waiters
        if waiters is waiter:
            self._waiters = None
        elif isinstance(waiters, dict):
            waiters.pop(waiter, None)
            if not waiters:
                self._waiters = None

    @property
    def awaited(self) -> bool:
        """Whether anybody waits for it."""
        return self._waiters is not None

    @property
    def only_end(self) -> bool:
        """Whether nobody waits for every change."""
        waiters = self._waiters
        if isinstance(waiters, Waiter):
            return not waiters.every_change
        return not any(waiter.every_change for waiter in self.waiters)
