"""Waiting for an exchange that must not be torn in the middle."""

# The library has no detached task: the one made here has ended whenever `finish` returns or raises. asyncio's own calls
# are used because a native cancellation (asyncio.timeout, Task.cancel) goes through every anyio shield.

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


async def finish(
    exchange: Coroutine[Any, Any, T], *, within: float, unclaimed: Callable[[T | BaseException], None]
) -> T:
    """Await *exchange* so that a cancellation of the caller does not tear it.

    A cancelled caller waits up to *within* seconds for its end; *unclaimed* is then told the value or the exception
    that it ended with, and the cancellation goes on. A second cancellation ends the waiting.
    """
    task = asyncio.get_running_loop().create_task(exchange)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            await _end(task, within)
        unclaimed(_outcome(task))
        raise


async def _end(task: asyncio.Task[Any], within: float) -> None:
    with suppress(asyncio.CancelledError):
        await asyncio.wait({task}, timeout=within)
    while not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task})


def _outcome(task: asyncio.Task[T]) -> T | BaseException:
    if task.cancelled():
        return asyncio.CancelledError("the reply did not come in time")
    return task.exception() or task.result()
