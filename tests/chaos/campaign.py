"""The campaign: act after act, each a mixture of jobs under a watchdog."""

from __future__ import annotations

import asyncio
import faulthandler
import io
import resource
import time
import traceback
from typing import TYPE_CHECKING, Final

import anyio

from tests.chaos.account import MUST_BE_ZERO, Findings
from tests.chaos.act import Act, act
from tests.chaos.cutting import journal_cut
from tests.chaos.lives import killed, on_bad_disks, run
from tests.chaos.work import chain, downloads, impatient, jumping, unresolvable, webhooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Job = Callable[[Act, str], Awaitable[None]]

JOBS: Final[tuple[Job, ...]] = (
    chain,
    impatient,
    jumping,
    unresolvable,
    webhooks,
    downloads,
    journal_cut,
    run,
    killed,
    on_bad_disks,
)
LONGEST: Final = 90.0
"""Seconds that a job may take before it counts as hung."""


async def perform(seed: str, jobs: tuple[Job, ...] = JOBS, *, uvloop: bool, longest: float = LONGEST) -> Findings:
    """Perform one act and give what was found."""
    findings = Findings()
    async with act(seed, findings, uvloop=uvloop) as stage, anyio.create_task_group() as group:
        for job in jobs:
            name = f"{seed}-{job.__name__}"
            group.start_soon(_watched, stage, job, name, longest, name=name)
    return findings


async def _watched(stage: Act, job: Job, name: str, longest: float) -> None:
    stage.findings.counts["jobs"] += 1
    async with anyio.create_task_group() as group:
        group.start_soon(_tell_hang, stage, name, longest, group.cancel_scope)
        try:
            await job(stage, name)
        except Exception:  # noqa: BLE001 - what no job expects is what a campaign is to find
            stage.findings.found("wrong results", f"{name} raised\n{traceback.format_exc()}")
        group.cancel_scope.cancel()


async def _tell_hang(stage: Act, name: str, longest: float, job: anyio.CancelScope) -> None:
    await anyio.sleep(longest)
    where = io.StringIO()
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            task.print_stack(limit=6, file=where)
    stage.findings.found("hung", f"{name} after {longest:g} s; all tasks:\n{where.getvalue()}")
    job.cancel()


async def campaign(
    seed: int, minutes: float, *, uvloop: bool, tell: Callable[[str], None], only: str | None = None
) -> Findings:
    """Perform acts for some minutes and tell what was found, act by act."""
    total = Findings()
    began = time.monotonic()
    number = 0
    while number == 0 or time.monotonic() - began < minutes * 60:
        name = only or f"{seed}.{number}"
        # Where even a cancellation changes nothing, the process tells where it stands and dies.
        faulthandler.dump_traceback_later(LONGEST * 2, exit=True)
        found = await perform(name, uvloop=uvloop)
        faulthandler.cancel_dump_traceback_later()
        tell(f"act {name}: {found.counts['tasks']} tasks, {sum(found.injected.values())} faults")
        for words in found.wrong:
            tell(f"  {words}")
        total.add(found)
        number += 1
        if only is not None:
            break
    return total


def report(found: Findings) -> str:
    """Write the table."""
    rows = [("tasks accepted", found.counts["tasks"])]
    # The sandbox and its pictures live in the same process.
    rows += [("peak memory, MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)]
    rows += [(f"injected: {name}", number) for name, number in sorted(found.injected.items())]
    kept = (name for name in sorted(found.counts) if name not in MUST_BE_ZERO and name != "tasks")
    rows += [(name, found.counts[name]) for name in kept]
    rows += [(f"{name} (must be 0)", found.counts[name]) for name in MUST_BE_ZERO]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {number:>7}" for name, number in rows)
