"""Work in a thread, of which nothing goes on behind the back of whoever wanted it."""

# asyncio is used because a native cancellation (asyncio.timeout, Task.cancel) leaves a thread of anyio's alone: it
# would take a slot after its caller gave that back, and have a connection when all of them are closed.

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from anyio import to_thread

from journey_async.finishing import finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from anyio import CapacityLimiter

T = TypeVar("T")


async def done_in_thread(method: Callable[[], T], *, within: float, limiter: CapacityLimiter | None = None) -> T:
    """Call *method* in a thread; a caller who is cancelled waits up to *within* seconds until it has returned."""
    # In a task, because anyio's shield of the thread and that of the waiting end in the order in which they began.
    thread = asyncio.create_task(to_thread.run_sync(method, limiter=limiter))
    return await finish(_ended(thread), within=within, unclaimed=lambda _: None)


async def _ended(task: asyncio.Task[T]) -> T:
    return await task
