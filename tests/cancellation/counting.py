"""A coroutine that is cancelled at its n-th suspension, by an anyio scope or natively."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

CANCELLED: Final = object()
"""Stands for what a cancelled coroutine would have given."""


class Counted:
    """Awaits a coroutine, counts how often it suspends, and calls *cancel* at the *at*-th time."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], *, at: int) -> None:
        self.suspensions = 0
        self.cancel: Callable[[], object]
        self._coroutine = coroutine
        self._at = at

    @property
    def reached(self) -> bool:
        """Whether it suspended often enough to be cancelled."""
        return self.suspensions >= self._at

    def __await__(self) -> Generator[Any, Any, Any]:
        go_on: Callable[[], Any] = partial(self._coroutine.send, None)
        while True:
            try:
                awaited = go_on()
            except StopIteration as end:
                return end.value
            self.suspensions += 1
            if self.suspensions == self._at:
                self.cancel()
            try:
                sent = yield awaited
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is for the coroutine
                go_on = partial(self._coroutine.throw, error)
            else:
                go_on = partial(self._coroutine.send, sent)


async def by_scope(counted: Counted) -> object:
    """Cancel it by an anyio scope around it."""
    with anyio.CancelScope() as scope:
        counted.cancel = scope.cancel
        return await counted
    return CANCELLED


async def by_task(counted: Counted) -> object:
    """Cancel the task that it runs in, as asyncio itself does."""

    async def run() -> object:
        return await counted

    task = asyncio.create_task(run())
    counted.cancel = task.cancel
    try:
        return await task
    except asyncio.CancelledError:
        return CANCELLED


def awaited(awaitable: Callable[[], Awaitable[Any]]) -> Coroutine[Any, Any, Any]:
    """Make a coroutine of what only can be awaited."""

    async def run() -> object:
        return await awaitable()

    return run()
