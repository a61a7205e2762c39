"""Where a coroutine is cancelled: a service of the test's own, a client on it, and what must hold afterwards."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import aiohttp
import anyio
import anyio.to_thread
from attrs import define, field

from journey_async import JourneyClient, Pace, SubmissionInDoubtError, Task
from journey_async.sandbox import World
from tests.client.services import KEY, PATIENT, WorldTransport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from contextlib import AbstractAsyncContextManager

    from journey_async.sandbox import Ledger
    from journey_async.testing import RunningSandbox

OFTEN: Final = Pace(lag=0.001, longest=0.002, ahead=0.001)
OPEN: Final = Path("/proc/self/fd")
"""Where Linux lists the files that are open; elsewhere they are not counted."""
ENDINGS: Final = 200


class Theatre(Protocol):
    """A service, in this process or behind a socket."""

    def client(self) -> AbstractAsyncContextManager[JourneyClient]: ...
    async def ledger(self) -> Ledger: ...


class SteppingTransport(WorldTransport):
    """Hands requests to a world whose time is no real one: each request takes a second, so that nothing is chance."""

    def __init__(self) -> None:
        super().__init__(World(speed=1, task_seconds=2.5, api_key=KEY), api_key=KEY, speed=1)

    @property
    def now(self) -> float:
        return float(len(self.sent))


class InProcess:
    """The pure world."""

    def __init__(self) -> None:
        self._transport = SteppingTransport()

    def client(self) -> JourneyClient:
        return JourneyClient(transport=self._transport, pace=OFTEN, retry=PATIENT)

    async def ledger(self) -> Ledger:
        return self._transport.world.ledger(self._transport.now)


class OverSocket:
    """A sandbox in a thread of its own, so that whatever is left in this loop is the client's."""

    def __init__(self, box: RunningSandbox) -> None:
        self.box = box

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[JourneyClient]:
        async with (
            aiohttp.TCPConnector() as pool,
            JourneyClient(
                self.box.api_key, base_url=self.box.base_url, proxy="", pace=OFTEN, retry=PATIENT, connector=pool
            ) as journey,
        ):
            yield journey
            used: set[Any] = vars(pool)["_acquired"]
            assert not used, "a connection is in use"

    async def ledger(self) -> Ledger:
        return await anyio.to_thread.run_sync(self.box.ledger)


@define
class Stage:
    """One attempt to cancel something."""

    theatre: Theatre
    journey: JourneyClient
    folder: Path
    told: list[Task[Any]] = field(factory=list[Task[Any]])
    """Tasks that callers know."""
    afterwards: Callable[[], Awaitable[set[str]]] | None = None
    """Looks at what was done, and gives the ids of tasks that are known from elsewhere: a journal."""

    async def bought(self, call: Awaitable[Task[Any]]) -> Task[Any]:
        """Submit what is only needed, and remember it."""
        task = await call
        self.told.append(task)
        return task

    async def grid(self) -> Any:
        """Give a grid that is not finished."""
        return await self.bought(self.journey.imagine("a grid"))


async def ids(theatre: Theatre) -> list[str]:
    """Give the ids of all tasks that the service accepted."""
    return [charge["task_id"] for charge in (await theatre.ledger())["charges"]]


async def check(stage: Stage, earlier: int, result: object, idle: set[asyncio.Task[Any]]) -> None:
    """See that nothing runs on, that every purchase is known, and that the client goes on."""
    left = {task for task in asyncio.all_tasks() - idle if not task.done()}
    assert not left, f"tasks are left: {left}"
    from_journal = set[str]() if stage.afterwards is None else await stage.afterwards()
    orphans = stage.journey.orphans
    told: list[Any] = [*stage.told, *orphans, *([result] if isinstance(result, Task) else [])]
    known = {task.id for task in told if isinstance(task, Task)} | from_journal
    doubts = sum(isinstance(orphan, SubmissionInDoubtError) for orphan in orphans)
    unknown = set((await ids(stage.theatre))[earlier:]) - known
    assert len(unknown) <= doubts, f"purchases that nobody knows: {unknown}"
    assert (await stage.journey.account()).credits > 0
    picture = await stage.journey.imagine("afterwards")
    await picture


def descriptors() -> int:
    """Count the files and sockets that are open, without what a loop opens once for itself, such as /dev/null."""
    return sum(map(_is_of_use, OPEN.iterdir())) if OPEN.is_dir() else 0


def _is_of_use(descriptor: Path) -> bool:
    try:
        return not str(descriptor.readlink()).startswith(("/dev/", "anon_inode:", "pipe:"))
    except FileNotFoundError:
        # Closed since it was listed.
        return False


async def closed(before: int) -> None:
    """Wait until no more files are open than *before*: the other end of a socket is closed a little later."""
    for _ in range(ENDINGS):
        now = await anyio.to_thread.run_sync(descriptors)
        if now <= before:
            return
        await anyio.sleep(0.005)
    message = "files are left open"
    raise AssertionError(message)
