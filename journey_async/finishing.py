"""Waiting for an exchange that must not be torn in the middle."""

# No task is made for the exchange, and no anyio scope is entered unless the caller is cancelled: a task and a shield
# cost as much as all else that is done about a request. asyncio's own calls are used because a native cancellation
# (asyncio.timeout, Task.cancel) goes through every anyio shield.

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


async def finish(
    exchange: Coroutine[Any, Any, T],
    *,
    within: float,
    unclaimed: Callable[[T | BaseException], BaseException | None],
) -> T:
    """Await *exchange* without tearing it when the caller is cancelled.

    A cancelled caller waits up to *within* seconds for its end; *unclaimed* is then told the value or the exception
    that it ended with and gives the cause of the cancellation, which goes on. A second cancellation ends the waiting.
    """
    untorn = _Untorn(exchange)
    try:
        return await untorn
    except asyncio.CancelledError as cancelled:
        if untorn.done:
            raise
        cause = cancelled.__cause__
        with anyio.CancelScope(shield=True):
            cause = unclaimed(await _end(untorn, within)) or cause
        cancelled.__cause__ = cause
        raise


async def _end(untorn: _Untorn[T], within: float) -> T | BaseException:
    try:
        with suppress(asyncio.CancelledError), anyio.move_on_after(within):
            return await untorn
        while not untorn.done:
            with suppress(asyncio.CancelledError):
                return await untorn.torn()
    except Exception as error:  # noqa: BLE001 - whatever the exchange ended with is told
        return error
    return asyncio.CancelledError("the reply did not come in time")


class _Untorn(Generic[T_co]):
    """A coroutine run by whoever awaits this: a cancellation reaches who awaits, who can then go on with it."""

    __slots__ = ("_awaited", "_coroutine", "done")

    def __init__(self, coroutine: Coroutine[Any, Any, T_co]) -> None:
        self.done = False
        self._coroutine = coroutine
        self._awaited: asyncio.Future[Any] | None = None
        """What the coroutine waits for."""

    def torn(self) -> Self:
        """Let the coroutine itself be cancelled when it is gone on with."""
        if self._awaited is not None:
            self._awaited.cancel()
        return self

    def __await__(self) -> Generator[Any, Any, T_co]:
        while True:
            if self._awaited is not None:
                try:
                    yield _Apart(self._awaited)
                except BaseException as error:
                    # What the future ended with is for the coroutine, which meets it when it goes on.
                    if not _ended_with(self._awaited, error):
                        raise
                self._awaited = None
            try:
                awaited = self._coroutine.send(None)
            except StopIteration as end:
                self.done = True
                value: T_co = end.value
                return value
            except BaseException:
                self.done = True
                raise
            if awaited is None:
                yield None
            else:
                awaited._asyncio_future_blocking = False  # noqa: SLF001 - as a task says that it took the future
                self._awaited = awaited


def _ended_with(future: asyncio.Future[Any], error: BaseException) -> bool:
    return future.done() and (future.cancelled() or not isinstance(error, asyncio.CancelledError))


class _Apart:
    """A future as far as a task needs one to wait for; cancelling it leaves the real one alone."""

    __slots__ = ("_asyncio_future_blocking", "_context", "_future", "_wakeup", "get_loop")

    def __init__(self, future: asyncio.Future[Any]) -> None:
        self.get_loop = future.get_loop
        self._asyncio_future_blocking = True
        self._future = future
        self._wakeup: Callable[[asyncio.Future[Any]], object] | None = None
        self._context: Context | None = None

    def done(self) -> bool:
        """Whether there is nothing to wait for any longer; anyio asks."""
        return self._future.done()

    def add_done_callback(
        self, wakeup: Callable[[asyncio.Future[Any]], object], *, context: Context | None = None
    ) -> None:
        """Have the task woken when the real future is done."""
        self._wakeup, self._context = wakeup, context
        self._future.add_done_callback(wakeup, context=context)

    def cancel(self, msg: object = None) -> bool:
        """Wake the task with a cancellation."""
        if self._wakeup is None or self._future.done() or not self._future.remove_done_callback(self._wakeup):
            return False
        told: asyncio.Future[Any] = self.get_loop().create_future()
        told.add_done_callback(self._wakeup, context=self._context)
        return told.cancel(msg)
