"""Ctrl-C: the first one stops what is going on in good order, the second leaves at once."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import anyio

from journey_async.cli.exit_codes import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anyio.abc import TaskStatus


async def interruptible(work: Callable[[], Awaitable[int]], *, stopping: Callable[[], None]) -> int:
    """Await *work* and give its exit code.

    Ctrl-C calls *stopping*, cancels the work, waits for its end and gives `INTERRUPTED`; another one ends the process.
    """
    code = INTERRUPTED
    failures: list[Exception] = []
    async with anyio.create_task_group() as group:
        scope = anyio.CancelScope()
        await group.start(_listen, scope, stopping)
        with scope:
            try:
                code = await work()
            except Exception as error:  # noqa: BLE001 - raised below: the group would wrap it
                failures.append(error)
        group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return code


async def _listen(scope: anyio.CancelScope, stopping: Callable[[], None], *, task_status: TaskStatus[None]) -> None:
    with ExitStack() as stack:
        try:
            signals = stack.enter_context(anyio.open_signal_receiver(signal.SIGINT))
        except NotImplementedError:
            # The event loop of Windows takes no handlers: there Ctrl-C comes as KeyboardInterrupt.
            task_status.started()
            return
        task_status.started()
        await anext(signals)
        stopping()
        scope.cancel()
        await anext(signals)
        _leave()


def _leave() -> NoReturn:
    """End the process here and now: what may have been bought is in the journal before it is sent."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue
    os._exit(INTERRUPTED)
