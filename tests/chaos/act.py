"""One act of a campaign: a sandbox behind a hostile proxy, with a mixture of faults, and what is left behind it."""

from __future__ import annotations

import asyncio
import gc
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import anyio
import anyio.abc
from attrs import define, field

from journey_async.sandbox import Sandbox
from tests.chaos.account import Account, Findings
from tests.chaos.clients import client
from tests.chaos.proxy import Proxy
from tests.chaos.troubles import mixture, outages

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from typing import Any

    from journey_async import JourneyClient

RATES: Final = (0.02, 0.1, 0.2, 0.4)
"""The part of the requests of a sort that get a trouble, in one act or another."""
AFTERMATH: Final = 3.0
"""Seconds in which what was closed must be gone."""


class Server:
    """A sandbox that can be killed; it comes back with its books, as a service does."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.media_url = ""
        self._killed = anyio.Event()

    async def run(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        async with self.box:
            task_status.started()
            await self._killed.wait()

    async def restart(self, group: anyio.abc.TaskGroup, *, after: float) -> None:
        self._killed.set()
        await anyio.sleep(after)
        await self.start(group)

    async def start(self, group: anyio.abc.TaskGroup) -> None:
        self._killed = anyio.Event()
        await group.start(self.run)
        if self.media_url:
            self.box.world.media_url = self.media_url

    @property
    def port(self) -> int:
        return int(self.box.base_url.split(":")[2].split("/")[0])


@define(eq=False)
class Act:
    """What the jobs of one act share."""

    seed: str
    folder: Path
    box: Sandbox
    proxy: Proxy
    account: Account
    findings: Findings
    uvloop: bool
    clients: list[JourneyClient] = field(factory=list["JourneyClient"])

    @property
    def base_url(self) -> str:
        return f"{self.proxy.url}/api/v1"

    def chance(self, name: str) -> Random:
        """Give the chance of one job."""
        return Random(f"{self.seed}/{name}")

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncGenerator[JourneyClient]:
        """Open a client on the proxy; what it bought for callers that had left is noted at its end."""
        journey = client(self.base_url, self.box.api_key, **options)
        try:
            async with journey:
                yield journey
        finally:
            self.account.note_orphans(journey)

    async def quiet(self) -> None:
        """Wait until no request is on its way to the service, of clients that are gone too."""
        while self.proxy.exchanges:  # noqa: ASYNC110 - the count has no event
            await anyio.sleep(0.01)
        await anyio.sleep(0.05)


@asynccontextmanager
async def act(seed: str, findings: Findings, *, uvloop: bool, hostile: bool = True) -> AsyncGenerator[Act]:
    """Open a stage; when it is left, the books are compared and what is left over is counted."""
    # With its first process uvloop opens /dev/null and keeps it.
    await anyio.run_process([sys.executable, "-S", "-c", ""], stdin=None)
    before = _tasks(), _descriptors()
    faults = mixture(seed) if hostile else ()
    box = Sandbox(plan="enterprise", slots=25, credits=100_000, task_seconds=0.1, seed=len(seed), faults=faults)
    server = Server(box)
    rates = Random(f"{seed}/rates")
    proxy = Proxy(
        lambda: server.port,
        seed=seed,
        rates={
            "paid": rates.choice(RATES) * hostile,
            "free": rates.choice(RATES) * hostile,
            "media": rates.choice(RATES) * hostile,
        },
    )
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # Also for who is not the superuser, to whom nothing is read-only.
        await anyio.Path(folder).chmod(0o755)
        async with anyio.create_task_group() as group:
            await server.start(group)
            async with proxy.opened():
                server.media_url = box.world.media_url = f"{proxy.url}/media"
                forgetful = any(fault.startswith("omit-id") for fault in faults)
                account = Account(box, findings, forgetful=forgetful)
                stage = Act(seed, Path(folder), box, proxy, account, findings, uvloop)
                async with anyio.create_task_group() as weather:
                    if hostile:
                        weather.start_soon(_storms, stage, server, group)
                    yield stage
                    weather.cancel_scope.cancel()
                await _closed(stage)
                account.close()
                findings.injected.update(proxy.struck)
            group.cancel_scope.cancel()
    await _nothing_left(findings, *before)


async def _storms(stage: Act, server: Server, group: anyio.abc.TaskGroup) -> None:
    for outage in outages(stage.seed, 12):
        await anyio.sleep(outage.after)
        stage.findings.injected[outage.name] += 1
        # To the end, even if the act ends meanwhile: what comes after it needs a server.
        with anyio.CancelScope(shield=True):
            await stage.proxy.fall()
            if outage.name == "server-restarted":
                await server.restart(group, after=outage.lasts)
            else:
                await anyio.sleep(outage.lasts)
            await stage.proxy.rise()


async def _closed(stage: Act) -> None:
    with anyio.move_on_after(AFTERMATH):
        while stage.proxy.connections:  # noqa: ASYNC110 - the count has no event
            await anyio.sleep(0.01)
    for _ in range(stage.proxy.connections):
        stage.findings.found("leaked connections", "a connection is open after its client was closed")


async def _nothing_left(findings: Findings, tasks: set[asyncio.Task[object]], descriptors: dict[int, str]) -> None:
    with anyio.move_on_after(AFTERMATH):
        while _tasks() - tasks or len(_descriptors()) > len(descriptors):
            gc.collect()
            await anyio.sleep(0.02)
    for task in _tasks() - tasks:
        findings.found("leaked tasks", repr(task))
    now = _descriptors()
    for number in range(len(now) - len(descriptors)):
        new = sorted(now[each] for each in now.keys() - descriptors.keys())
        findings.found("leaked descriptors", f"number {number + 1}, new are {new}")


def _tasks() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def _descriptors() -> dict[int, str]:
    found: dict[int, str] = {}
    for each in Path("/proc/self/fd").iterdir():
        # The one that lists the folder is gone.
        with suppress(FileNotFoundError):
            found[int(each.name)] = str(each.readlink())
    return found
