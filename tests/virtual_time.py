"""An event loop whose time is no real one: it jumps to the next thing that is due, so that an hour takes a second."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Never sleeps: where it would, its time jumps. What is done in a thread takes no time at all."""

    def __init__(self) -> None:
        self._now = 0.0
        self.threads: anyio.CapacityLimiter | None = None
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        threads = self._loop.threads
        if timeout is not None and timeout > 0 and threads is not None and threads.borrowed_tokens:
            return super().select(None)
        # Without a timer there is a thread to wait for, or nothing.
        found = super().select(0 if timeout is not None else None)
        if not found and timeout is not None and timeout > 0:
            self._loop.jump(timeout)
        return found


def run_virtually(main: Callable[..., Awaitable[T]], *args: Any) -> T:
    """Run *main* in a loop of its own, in virtual time."""

    async def run() -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.threads = to_thread.current_default_thread_limiter()
        return await main(*args)

    return anyio.run(run, backend_options={"loop_factory": VirtualLoop})
