"""`journey sandbox`: the sandbox until it is told to end."""

from __future__ import annotations

import shlex
import signal
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

import anyio
import typer

from journey_async.cli.complaints import INTERRUPTED
from journey_async.sandbox import Sandbox
from journey_async.sandbox.world import PREFIX

if TYPE_CHECKING:
    from collections.abc import Sequence


def serve(
    *,
    host: str,
    port: int,
    plan: str,
    credits: int,  # noqa: A002 - the service's word
    speed: float,
    task_seconds: float | None,
    api_key: str,
    seed: int,
    faults: tuple[str, ...],
    exposed: bool,
) -> int:
    """Run a sandbox until SIGTERM or SIGINT, and give the exit code."""
    box = Sandbox(
        host=host,
        port=port,
        plan=plan,
        credits=credits,
        speed=speed,
        task_seconds=task_seconds,
        api_key=api_key,
        seed=seed,
        faults=faults,
        exposed=exposed,
    )
    pace = f"every task takes {task_seconds:g} s" if task_seconds is not None else f"{speed:g} times as fast"
    account = [f"plan {plan}, {credits} credits, {pace}", *(f"fault {fault}" for fault in faults)]
    return anyio.run(partial(run, box, account), backend="asyncio")


async def run(box: Sandbox, account: Sequence[str]) -> int:
    """Run *box* until it is told to end, and give the exit code; *account* is what to say about it."""
    with ExitStack() as stack:
        signals = None
        # The event loop of Windows takes no handlers: there Ctrl-C comes as KeyboardInterrupt, and nothing else comes.
        with suppress(NotImplementedError):
            signals = stack.enter_context(anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM))
        async with box:
            typer.echo(_announcement(box, account))
            while signals is None:
                await anyio.sleep_forever()
            number = await anext(signals)
    return INTERRUPTED if number == signal.SIGINT else 0


def _announcement(box: Sandbox, account: Sequence[str]) -> str:
    """Say where the sandbox is in the first line, on which programs rely, and how to use it in the others."""
    root = box.base_url.removesuffix(PREFIX)
    return "\n".join(
        (
            f"JourneyAPI sandbox on {box.base_url}",
            "",
            f"  export JOURNEY_BASE_URL={box.base_url}",
            f"  export JOURNEY_API_KEY={shlex.quote(box.api_key)}",
            "",
            *(f"  {line}" for line in account),
            f"  ledger: {root}/_sandbox/ledger",
            "",
            "Ctrl-C ends it.",
        )
    )
