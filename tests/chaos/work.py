"""What clients do in a campaign without a journal: chains of single calls, webhooks, downloads, deadlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aiohttp
import anyio
from aiohttp import web

from journey_async import ConnectionFailedError, DownloadError, JourneyError, RetryPolicy, Task, WebhookReceiver
from tests.chaos.clients import UNRESOLVABLE, JumpingClock, client
from tests.webhooks.receiving import receiver
from tests.webhooks.test_aiohttp import listening

if TYPE_CHECKING:
    from random import Random

    from journey_async import JourneyClient, Result
    from tests.chaos.act import Act

STUCK_SECONDS: Final = 4.0
"""After which a task is looked up in the service itself: some never end."""


async def ended(act: Act, task: Task[Any]) -> Result | None:
    """Wait for a task and check its result; None for one that failed, is stuck, or whose reply was an error."""
    while True:
        try:
            with anyio.fail_after(STUCK_SECONDS):
                result: Result = await task
        except TimeoutError:
            if act.account.stuck([task.id]):
                act.findings.counts["stuck, given up by the campaign"] += 1
                return None
            continue
        except JourneyError as error:
            act.account.note_error(error)
            return None
        act.account.check_result(task.id, result)
        return result


async def follow(act: Act, journey: JourneyClient, name: str, chance: Random) -> Task[Any] | None:
    """Go a whole chain: imagine, upscale-1x, an edit; give the last task if all went well."""
    grid = await act.account.paid(journey.imagine(f"{name} elk"))
    if grid is None or await ended(act, grid) is None:
        return None
    picture = await act.account.paid(journey.upscale_1x(grid, index=chance.choice((1, 2, 3, 4))))
    if picture is None or await ended(act, picture) is None:
        return None
    edit = chance.choice(("pan", "upscale_alt", "fetch_many"))
    match edit:
        case "pan":
            last = await act.account.paid(journey.pan(picture, direction="left"))
        case "upscale_alt":
            last = await act.account.paid(journey.upscale_alt(picture, type="subtle"))
        case _:
            last = await _asked(act, journey, (grid, picture))
    return last if last is not None and await ended(act, last) is not None else None


async def _asked(act: Act, journey: JourneyClient, tasks: tuple[Task[Any], Task[Any]]) -> Task[Any] | None:
    """Ask about both in one free request, and compare whose answer is whose."""
    try:
        found = await journey.fetch_many([task.id for task in tasks])
    except JourneyError as error:
        act.account.note_error(error)
        return None
    for task in found:
        if task.id not in {each.id for each in tasks}:
            act.findings.found("wrong results", f"asked about {tasks}, told about {task}")
    return tasks[1]


async def chain(act: Act, name: str) -> None:
    """Chains of three at once on one client."""
    async with act.client() as journey, anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(follow, act, journey, f"{name}.{number}", act.chance(f"{name}.{number}"))


async def impatient(act: Act, name: str) -> None:
    """Chains whose callers give up at any moment."""
    chance = act.chance(name)
    async with act.client() as journey:
        for number in range(6):
            with anyio.move_on_after(chance.uniform(0.0, 0.6)):
                await follow(act, journey, f"{name}.{number}", chance)


async def jumping(act: Act, name: str) -> None:
    """A chain of a client whose clock jumps."""
    clock = JumpingClock(f"{act.seed}/{name}")
    async with act.client(clock=clock) as journey:
        for number in range(2):
            await follow(act, journey, f"{name}.{number}", act.chance(f"{name}.{number}"))
    act.findings.injected["clock-jump"] += clock.jumps


async def unresolvable(act: Act, name: str) -> None:
    """The host's name means nothing: nothing is sent, and the client says so."""
    act.findings.injected["dns-failure"] += 1
    retry = RetryPolicy(first=0.01, longest=0.02, patience=0.1)
    async with client(UNRESOLVABLE, act.box.api_key, retry=retry) as journey:
        try:
            await journey.imagine(f"{name} elk")
        except ConnectionFailedError as error:
            act.account.note_error(error)
        else:
            act.findings.found("wrong results", "a host without an address took a request")


async def webhooks(act: Act, name: str) -> None:
    """Chains whose ends are told by webhooks; doubts are revealed by them."""
    holder: list[WebhookReceiver] = []

    async def hook(request: web.Request) -> web.StreamResponse:
        return await holder[0].aiohttp_handler(request)

    app = web.Application()
    app.router.add_post("/journey", hook)
    async with listening(app) as url:
        holder.append(receiver(public_url=f"{url}/journey", reveal_within=1.0))
        async with act.client(webhooks=holder[0]) as journey, anyio.create_task_group() as group:
            for number in range(4):
                group.start_soon(follow, act, journey, f"{name}.{number}", act.chance(f"{name}.{number}"))


async def downloads(act: Act, name: str) -> None:
    """A grid to files, which must be the very bytes of the service, or not be there."""
    folder = anyio.Path(act.folder / name)
    async with act.client() as journey:
        grid = await act.account.paid(journey.imagine(f"{name} elk"))
        result = None if grid is None else await ended(act, grid)
        if grid is None or result is None:
            return
        try:
            paths = await journey.download(grid, folder, name="{n}.{ext}")
        except DownloadError as error:
            act.account.note_error(error)
            paths = ()
    act.findings.counts["files"] += len(paths)
    there = {path.name: await path.read_bytes() async for path in folder.glob("*")} if await folder.exists() else {}
    for found, data in there.items():
        n = found.partition(".")[0]
        if not n.isdigit() or data != await _true_file(act, result.urls[int(n) - 1]):
            act.findings.found("wrong results", f"{found} of {grid.id} is not what the service has")
    if len(there) < len(paths):
        act.findings.found("wrong results", f"{len(paths)} files were told, {len(there)} are there")


async def _true_file(act: Act, url: str) -> bytes:
    """Fetch a file past the proxy."""
    direct = act.box.base_url.removesuffix("/api/v1") + "/media/" + url.partition("/media/")[2]
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(direct) as response:
                    return await response.read()
            except aiohttp.ClientError:
                # The server is being restarted.
                await anyio.sleep(0.05)
                direct = act.box.base_url.removesuffix("/api/v1") + "/media/" + url.partition("/media/")[2]
