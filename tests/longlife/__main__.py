"""Live long, and print what is left: python -m tests.longlife [CALLS] [--told] [--memory | --sockets].

Without an option a day of a service in virtual time, with so many calls an hour (60); --told has webhooks tell of the
ends of tasks, --memory counts bytes. With --sockets five rounds of so many tasks over real sockets.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import anyio
from anyio.from_thread import start_blocking_portal

from journey_async.sandbox import Sandbox
from journey_async.testing import RunningSandbox
from tests.longlife.day import a_day, memory
from tests.longlife.sockets import OPTIONS, a_life

if TYPE_CHECKING:
    from collections.abc import Iterable


def day(calls: int, *, told: bool) -> Iterable[str]:
    for number, hour in enumerate(a_day(tasks=calls, told=told), 1):
        left = {name: size for name, size in hour.tables.items() if size}
        done = f"{hour.accepted} tasks, {hour.requests} requests, {hour.delivered} deliveries"
        yield f"hour {number}: {done}, {hour.waited:.1f} s on average, {hour.doubts} doubts so far, left: {left}"


def held(calls: int, *, told: bool) -> Iterable[str]:
    for number, hour in enumerate(memory(tasks=calls, hours=24, told=told), 1):
        yield f"hour {number}: {hour.size:,} bytes, {hour.doubts} doubts so far"


def sockets(calls: int) -> Iterable[str]:
    sandbox = Sandbox(**OPTIONS)
    with start_blocking_portal("asyncio") as portal, portal.wrap_async_context_manager(sandbox):
        for left in anyio.run(lambda: a_life(RunningSandbox(portal, sandbox), rounds=5, tasks=calls)):
            yield f"{left.accepted} tasks bought, {left.descriptors} files and sockets open, {left.tasks} asyncio tasks"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calls", nargs="?", type=int, default=60)
    parser.add_argument("--told", action="store_true")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--memory", action="store_true")
    form.add_argument("--sockets", action="store_true")
    given = parser.parse_args()
    looked = held if given.memory else day
    for line in sockets(given.calls) if given.sockets else looked(given.calls, told=given.told):
        sys.stdout.write(line + "\n")


main()
