"""Ctrl-C, and SIGTERM for a service: the first one stops what goes on in good order, the second leaves at once."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

import anyio

from journey_async.cli.exit_codes import DONE, INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from anyio.abc import TaskStatus


async def interruptible(
    work: Callable[[], Awaitable[int]], *, stopping: Callable[[], None], service: bool = False
) -> int:
    """Await *work* and give its exit code.

    Ctrl-C calls *stopping*, cancels the work, waits for its end and gives `INTERRUPTED`; another one ends the process.
    With *service* SIGTERM does the same and gives `DONE`: it is how a service is told to stop.
    """
    code = INTERRUPTED
    numbers = (signal.SIGINT, signal.SIGTERM) if service else (signal.SIGINT,)
    came: list[signal.Signals] = []
    scope = anyio.CancelScope()

    def stop(number: signal.Signals) -> None:
        came.append(number)
        stopping()
        scope.cancel()

    failures: list[Exception] = []
    async with anyio.create_task_group() as group:
        await group.start(_listen, numbers, stop)
        with scope:
            try:
                code = await work()
            except Exception as error:  # noqa: BLE001 - raised below: the group would wrap it
                failures.append(error)
        group.cancel_scope.cancel()
    if failures:
        raise failures[0]
    return DONE if scope.cancelled_caught and came == [signal.SIGTERM] else code


async def _listen(
    numbers: Iterable[signal.Signals], stop: Callable[[signal.Signals], None], *, task_status: TaskStatus[None]
) -> None:
    with ExitStack() as stack:
        try:
            signals = stack.enter_context(anyio.open_signal_receiver(*numbers))
        except NotImplementedError:
            # The event loop of Windows takes no handlers: there Ctrl-C comes as KeyboardInterrupt.
            task_status.started()
            return
        task_status.started()
        stop(await anext(signals))
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
