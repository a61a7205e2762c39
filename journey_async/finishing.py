"""Waiting for an exchange that must not be torn in the middle."""

# No task is made for the exchange, and no anyio scope is entered unless the caller is cancelled: a task and a shield
# cost as much as all else that is done about a request. asyncio's own calls are used because a native cancellation
# (asyncio.timeout, Task.cancel) goes through every anyio shield.

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

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
    untorn = Untorn(exchange)
    try:
        return await untorn
    except asyncio.CancelledError as cancelled:
        await untorn.finish(cancelled, within=within, unclaimed=unclaimed)
        raise


class Untorn(Generic[T_co]):
    """A coroutine run by whoever awaits this: a cancellation reaches who awaits, who can then go on with it.

    For who awaits it is the future that the coroutine waits for, as far as a task needs one: cancelling it leaves the
    real one alone.
    """

    __slots__ = ("_asyncio_future_blocking", "_awaited", "_context", "_coroutine", "_wakeup", "ended")

    get_loop = staticmethod(asyncio.get_running_loop)

    def __init__(self, coroutine: Coroutine[Any, Any, T_co]) -> None:
        self.ended = False
        self._coroutine = coroutine
        self._awaited: asyncio.Future[Any] | None = None
        self._wakeup: Callable[[asyncio.Future[Any]], object] | None = None

    async def finish(
        self,
        cancelled: BaseException,
        *,
        within: float,
        unclaimed: Callable[[T_co | BaseException], BaseException | None],
    ) -> None:
        """Go on with it, as `finish` says, for a caller that was *cancelled*; nothing to do if that ended it."""
        if self.ended:
            return
        cause = cancelled.__cause__
        with anyio.CancelScope(shield=True):
            cause = unclaimed(await self._end(within)) or cause
        cancelled.__cause__ = cause

    async def _end(self, within: float) -> T_co | BaseException:
        try:
            with suppress(asyncio.CancelledError), anyio.move_on_after(within):
                return await self
            while not self.ended:
                with suppress(asyncio.CancelledError):
                    if self._awaited is not None:
                        self._awaited.cancel()
                    return await self
        except Exception as error:  # noqa: BLE001 - whatever the exchange ended with is told
            return error
        return asyncio.CancelledError("the reply did not come in time")

    def __await__(self) -> Generator[Any, Any, T_co]:
        go_on = self._coroutine.send
        while True:
            awaited = self._awaited
            if awaited is not None:
                self._asyncio_future_blocking = True
                try:
                    yield self
                except BaseException as error:
                    # What the future ended with is for the coroutine, which meets it when it goes on.
                    if not _ended_with(awaited, error):
                        raise
                # The wakeup leads to the task and so to the frame that holds this: a cycle, in every traceback.
                self._awaited = self._wakeup = None
            try:
                awaited = go_on(None)
            except StopIteration as end:
                self.ended = True
                value: T_co = end.value
                return value
            except BaseException:
                self.ended = True
                raise
            if awaited is None:
                yield None
            else:
                awaited._asyncio_future_blocking = False  # noqa: SLF001 - as a task says that it took the future
                self._awaited = awaited

    def done(self) -> bool:
        """Whether there is nothing to wait for any longer; anyio asks."""
        return self._awaited is None or self._awaited.done()

    def add_done_callback(
        self, wakeup: Callable[[asyncio.Future[Any]], object], *, context: Context | None = None
    ) -> None:
        """Have the task woken when the real future is done."""
        self._wakeup, self._context = wakeup, context
        if self._awaited is not None:
            self._awaited.add_done_callback(wakeup, context=context)

    def cancel(self, msg: object = None) -> bool:
        """Wake the task with a cancellation."""
        awaited, wakeup = self._awaited, self._wakeup
        if awaited is None or wakeup is None or awaited.done() or not awaited.remove_done_callback(wakeup):
            return False
        told: asyncio.Future[Any] = self.get_loop().create_future()
        told.add_done_callback(wakeup, context=self._context)
        return told.cancel(msg)


def _ended_with(future: asyncio.Future[Any], error: BaseException) -> bool:
    return future.done() and (future.cancelled() or not isinstance(error, asyncio.CancelledError))
