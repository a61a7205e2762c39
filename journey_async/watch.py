"""What a client knows of one task of the service, and who waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    import asyncio

    from journey_async.core.kinds import Kind
    from journey_async.core.pacing import Progress
    from journey_async.core.tasks import TaskState
    from journey_async.errors import JourneyError


@define(eq=False)
class Waiter:
    """One call that waits for a task."""

    every_change: bool
    """Wake it at every change, not only at the end."""
    told: bool = False
    trouble: JourneyError | None = None
    """Why the wait ended without a final state."""
    turn: asyncio.Future[None] | None = None
    """Resolved when it is told, or when it is its turn to lead."""

    def wake(self) -> None:
        """Let the call go on."""
        if self.turn is not None and not self.turn.done():
            self.turn.set_result(None)


@define(eq=False, weakref_slot=True)
class Watch:
    """What a client knows of one task of the service."""

    task_id: str
    action: str
    """The service's name of the action; empty for a task that was not submitted by this client."""
    state: TaskState[Any]
    progress: Progress
    misses: int = 0
    waiters: list[Waiter] = field(factory=list[Waiter])

    @property
    def kind(self) -> Kind:
        """What the task is, as far as it is known."""
        return self.state.kind


def differs(old: TaskState[Any], new: TaskState[Any]) -> bool:
    """Tell whether there is news for those who wait for every change."""
    return (old.status, old.percentage, old.kind) != (new.status, new.percentage, new.kind)
